"""Feeds: fetch · parse (bytes → entries) · schedule (when next) · identity (the same article again?)."""
