"""What the files said when they were last read and good. The parts that act by it are told by `bot/reload.py`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config import Loaded, Settings


@dataclass(slots=True)
class Current:
    """The last good configuration."""

    loaded: Loaded

    @property
    def settings(self) -> Settings:
        return self.loaded.settings
