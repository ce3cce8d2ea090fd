"""Finds watched names in text: tokens → words that resemble a watched word → mentions → score, tier and reasons."""

from bot.matching.index import Matcher
from bot.matching.thread import MatchingThread

__all__ = ["Matcher", "MatchingThread"]
