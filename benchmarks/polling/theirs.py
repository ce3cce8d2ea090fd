"""The side of the package `reader`: its own update, on a SQLite file, with as many threads as still help it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from reader import make_reader

from benchmarks.polling.trial import Trial

WORKERS = 10
"""More gain nothing: Python's lock is held while it parses."""


def run(trial: Trial, folder: Path) -> None:
    with make_reader(str(folder / "reader.sqlite")) as reader:
        for url in trial.urls:
            reader.add_feed(url)
        for cycle in trial.cycles:
            with trial.lap(cycle):
                for result in reader.update_feeds_iter(scheduled=False, workers=WORKERS):
                    if isinstance(result.value, Exception):
                        raise result.value
        stored = reader.get_entry_counts().total
    trial.finish(stored or 0)


if __name__ == "__main__":
    with TemporaryDirectory(prefix="bench-polling-") as place:
        run(Trial.asked_for(), Path(place))
