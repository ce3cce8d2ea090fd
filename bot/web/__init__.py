"""Health, metrics and dashboard over HTTP: read only, for the people who run the bot. Nothing here changes anything."""
