"""Guetteur, a lookout for the news.

Read the folders in the order of the flow: feeds → articles → matching → stories → alerts → telegram;
`pipeline.py` runs the steps in that order and `app.py` puts the real parts together.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("guetteur")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"
