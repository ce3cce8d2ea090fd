"""What the processes of the program hold in memory, as Linux tells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def mib_of(pid: int) -> float:
    """Of one process."""
    return dict(_processes()).get(pid, (0, 0))[1] / 1024


def mib_of_tree(root: int) -> float:
    """Of a process and all that come from it."""
    facts = dict(_processes())
    tree = {root}
    while more := {pid for pid, (parent, _) in facts.items() if parent in tree} - tree:
        tree |= more
    return sum(facts[pid][1] for pid in tree if pid in facts) / 1024


def _processes() -> Iterator[tuple[int, tuple[int, int]]]:
    """Of every process its parent and the KiB it holds."""
    for file in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = file.read_text("utf-8").splitlines()
        except OSError:  # it ended meanwhile
            continue
        fields = dict(line.split(":", 1) for line in lines if ":" in line)
        yield int(file.parent.name), (int(fields["PPid"]), int(fields.get("VmRSS", "0 kB").split()[0]))
