"""What each command and button does: reads and writes through storage, and returns the screen to show.

Knows nothing of Telegram's objects; who is asking was settled before (`desk.py`), sending comes after (`handlers.py`).
"""
