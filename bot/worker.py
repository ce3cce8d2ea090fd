"""One process for work on other people's bytes, which may be slow, hungry or fatal: parsing, later pages and charts.

Started when there is a job, ended when idle, killed at a job's deadline. The main loop never waits for it. The child
imports what its jobs need and nothing else, and dies with its parent.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import re
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar, TypeVarTuple, cast

import structlog

from bot.errors import GuetteurError, ParseError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

log = structlog.get_logger(__name__)

HEADER = struct.Struct("!Q")
"""Before each pickled message: its length in bytes."""
MEMORY_BYTES = 2 * 1024**3
"""Address space of the child: the largest real feed (2.7 MB) takes a tenth of it."""
GRACE_S = 1.0
"""How much later than the parent the child itself puts an end to a job, should the parent be gone."""
HANDED_DOWN = re.compile(r"PATH|HOME|TZ|TMPDIR|LANG|LANGUAGE|LC_\w+|PYTHON\w*|LD_LIBRARY_PATH|SYSTEMROOT")
"""What the child's environment has of ours: enough for an interpreter, and none of our secrets."""


class Worker:
    """Runs one job at a time. A job is a callable that pickles (a function of a module, or a partial of one)."""

    def __init__(self, *, idle_s: float = 60.0) -> None:
        """The process ends after `idle_s` seconds without a job."""
        self._idle_s = idle_s
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    async def run(self, function: Callable[[*Ts], T], *args: *Ts, deadline_s: float) -> T:
        """What `function(*args)` returns in the worker. The wait for its turn does not count against the deadline.

        Raises:
            GuetteurError: whatever of bot.errors the function raised; or ParseError with the code `deadline` or
                `crash` (it broke the process, or raised something else).
        """
        async with self._turn:
            # Pickled in its turn only: of documents of ten megabytes that wait, one copy is enough.
            job = pickle.dumps((function, args, deadline_s + GRACE_S), pickle.HIGHEST_PROTOCOL)
            process = await self._started()
            try:
                async with asyncio.timeout(deadline_s):
                    error, result = await _exchange(process, job)
            except TimeoutError as late:
                await self._kill()
                raise ParseError("deadline", f"the work took longer than {deadline_s:g} s") from late
            except (EOFError, ConnectionError) as broken:
                await self._kill()
                raise ParseError("crash", "the work broke the worker process") from broken
            except BaseException:  # cancelled: the answer to come would be taken for the next job's
                await self._kill()
                raise
            self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._end_idle)
        if error is not None:
            raise error
        return cast("T", result)

    async def close(self) -> None:
        """End the process, whatever it does."""
        self._stay()
        await self._kill()
        if self._ending:
            await self._ending

    async def _started(self) -> asyncio.subprocess.Process:
        self._stay()
        if self._process is None or self._process.returncode is not None:
            # A plain interpreter rather than multiprocessing's: that one would import the parent's main module, start
            # a second helper process, and be read with blocking calls. Our own session keeps Ctrl-C to the parent.
            main = f"import sys; sys.path[:] = {sys.path!r}; from bot.worker import serve; serve()"
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", main,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
                env={name: value for name, value in os.environ.items() if HANDED_DOWN.fullmatch(name)},
            )  # fmt: skip
            log.debug("worker started", pid=self._process.pid)
        return self._process

    def _stay(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None

    def _end_idle(self) -> None:
        self._ending = asyncio.create_task(self._end_between_jobs(), name="end the idle worker")

    async def _end_between_jobs(self) -> None:
        async with self._turn:
            await self._kill()
        log.debug("worker ended, idle")

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()  # reaps it and closes the pipes


async def _exchange(process: asyncio.subprocess.Process, job: bytes) -> tuple[GuetteurError | None, object]:
    assert process.stdin is not None  # noqa: S101 - both were asked for
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(HEADER.pack(len(job)))
    process.stdin.write(job)
    await process.stdin.drain()
    (length,) = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
    return cast("tuple[GuetteurError | None, object]", pickle.loads(await process.stdout.readexactly(length)))  # noqa: S301 - our own child


# --- In the child ------------------------------------------------------------------------------------------------


def serve() -> None:
    """Answer jobs from standard input until it ends: that is when the parent closed it, or died."""
    # The parent tells when to stop; a terminal's Ctrl-C or a service manager's SIGTERM go to the whole group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # the parent died: end without a word
    _limit_memory()
    jobs = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    while job := _read_job(jobs):
        # Should the parent be killed, nobody else would end a job that hangs: the kernel does, even inside C code.
        signal.setitimer(signal.ITIMER_REAL, job[2])
        answer = _answer(job[0], job[1])
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(HEADER.pack(len(answer)) + answer)
        answers.flush()


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
    with contextlib.suppress(OSError, ValueError):  # macOS has the constant and refuses the limit
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _read_job(jobs: BinaryIO) -> tuple[Callable[..., object], tuple[Any, ...], float] | None:
    header = jobs.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    return cast("tuple[Callable[..., object], tuple[Any, ...], float]", pickle.loads(jobs.read(length)))  # noqa: S301 - from our parent


def _answer(function: Callable[..., object], args: tuple[Any, ...]) -> bytes:
    try:
        return pickle.dumps((None, function(*args)), pickle.HIGHEST_PROTOCOL)
    except GuetteurError as error:
        return pickle.dumps((error, None))
    except Exception as error:  # noqa: BLE001 - the boundary of a job; the parent reports it
        traceback.print_exc()
        return pickle.dumps((ParseError("crash", f"the work failed: {type(error).__name__}"), None))
