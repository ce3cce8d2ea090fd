"""Telegram: what people ask (updates, commands, screens) and what they are told (render, messenger, limits).

Nothing outside this room knows Telegram's errors, limits or HTML.
"""
