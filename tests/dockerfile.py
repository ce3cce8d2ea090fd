"""The Dockerfile, read: its stages with their instructions, as a shell script that does the same without an engine."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Step:
    """An instruction, its continued lines joined."""

    kind: str
    rest: str


@dataclass(slots=True)
class Stage:
    base: str
    name: str = ""
    steps: list[Step] = field(default_factory=list)

    def the(self, kind: str) -> str:
        """What the only instruction of this kind says."""
        [found] = [step.rest for step in self.steps if step.kind == kind]
        return found


def stages(text: str) -> list[Stage]:
    """As they follow each other; the last one is the image."""
    found: list[Stage] = []
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(None, map(str.strip, lines.splitlines())):
        kind, _, rest = line.partition(" ")
        if kind == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name))
        else:
            found[-1].steps.append(Step(kind, rest))
    return found


def taken(stage: Stage) -> list[str]:
    """What the stage copies out of the checkout."""
    lines = [step.rest for step in stage.steps if step.kind == "COPY" and not step.rest.startswith("--from")]
    return [path for line in lines for path in line.split()[:-1]]


def script(stage: Stage, context: Path) -> Iterator[str]:
    """What builds the stage, in the places that the Dockerfile names. Copies between stages need no step: the places
    of all stages are the same, so they must have the same path."""
    for step in stage.steps:
        match step.kind:
            case "WORKDIR":
                yield f"mkdir -p {step.rest} && cd {step.rest}"
            case "RUN":
                yield step.rest
            case "ENV":
                yield f"export {step.rest}"
            case "COPY" if step.rest.startswith("--from"):
                _, source, target = step.rest.split()
                assert source == target, step.rest
            case "COPY":
                *sources, target = step.rest.split()
                yield from (_copied(context / source, source, target) for source in sources)
            case "USER" | "VOLUME" | "STOPSIGNAL" | "HEALTHCHECK" | "ENTRYPOINT" | "CMD":
                pass
            case unknown:
                raise AssertionError(f"an instruction that is not understood here: {unknown}")


def _copied(there: Path, source: str, target: str) -> str:
    """A folder's contents go into the target; a file goes to it, or into it when it ends in a slash."""
    if there.is_dir():
        return f"mkdir -p {target} && cp -r {shlex.quote(str(there))}/. {target}"
    return f"cp {shlex.quote(str(there))} {target}{source if target.endswith('/') and target != './' else ''}"


def health_command(stage: Stage) -> list[str]:
    """What the engine runs to ask how the program is."""
    command: list[str] = json.loads(stage.the("HEALTHCHECK").partition("CMD ")[2])
    return command
