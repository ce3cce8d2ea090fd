"""How soon `/watch` and `/search` answer beside a large stock of articles, and what the text index costs.

Measures this program only; the articles are made up. Run it with `make bench-search`.
"""
