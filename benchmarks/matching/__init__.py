"""How well and how fast watched names are found: `python -m benchmarks.matching --help`.

Reads the labelled set and the articles of GUETTEUR_CORPUS and copies nothing of them.
"""
