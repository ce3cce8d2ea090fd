"""Telegram: what people ask (updates, commands, screens) and what they are told (render, messenger, limits).

Nothing outside this room knows Telegram's errors, limits or HTML.
"""

import os

# The library asks for it this way, and only this way: waits are timedeltas, as they will be in its next version.
os.environ.setdefault("PTB_TIMEDELTA", "true")
