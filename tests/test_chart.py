"""Charts are drawn in the worker, in three languages; the main process never loads matplotlib."""

from __future__ import annotations

import struct
import subprocess
import sys
from functools import partial

import pytest

from bot.chart import DATES, Chart, Series, _spread, draw
from bot.worker import Worker

DAYS = 30


def chart(*names: str, right_to_left: bool = False, title: str = "Mentions par jour") -> Chart:
    series = tuple(Series(name, (1, 0, 3) * 10, (0, 1, 0) * 10) for name in names)
    days = tuple(f"{day} janv." for day in range(DAYS))
    return Chart(title, "articles", "certaines", "à vérifier", days, series, right_to_left)


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack("!II", picture[16:24])
    return int(width), int(height)


async def test_the_worker_draws_within_its_limit_of_memory() -> None:
    worker = Worker()
    try:
        one = await worker.run(partial(draw, chart("Aurélie Vantadour")), deadline_s=40)
        many = await worker.run(partial(draw, chart("A $x^2$", "B_{", "باديس بجو", "C", "D")), deadline_s=40)
        arabic = chart("باديس بجو", right_to_left=True, title="الإشارات في اليوم")
        other = await worker.run(partial(draw, arabic), deadline_s=40)
    finally:
        await worker.close()
    width, height = size(one)
    assert size(many)[0] == size(other)[0] == width
    assert size(many)[1] > height == size(other)[1]
    assert width + size(many)[1] < 10_000  # Telegram takes no larger photo


@pytest.mark.parametrize("days", [1, 5, 30, 90])
def test_the_last_day_has_a_label_and_there_are_few(days: int) -> None:
    shown = _spread(days)
    assert shown[-1] == days - 1
    assert len(shown) <= DATES


def test_the_main_process_never_loads_matplotlib() -> None:
    probe = "import sys, bot.app; sys.exit(any(each in sys.modules for each in ('matplotlib', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
