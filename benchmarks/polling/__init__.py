"""What it costs to poll thousands of feeds, beside the package `reader`, and to parse real ones beside feedparser.

A benchmark of the project's own; the program does not use it.
"""
