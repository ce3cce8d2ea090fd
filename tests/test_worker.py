from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import FetchError, ParseError
from bot.worker import Worker


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    worker = Worker()
    yield worker
    await worker.close()


# --- Jobs, as the worker imports them ----------------------------------------------------------------------------


def double(number: int) -> int:
    sys.stdout.write("a library that prints")
    return 2 * number


def pid() -> int:
    return os.getpid()


def refuse() -> None:
    raise FetchError("http", "no", status=503, retry_after_s=7.0)


def stumble() -> None:
    raise ZeroDivisionError


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang() -> None:
    while True:
        time.sleep(1)


def tell_and_hang() -> None:
    sys.stderr.write(f"{os.getpid()}\n")
    sys.stderr.flush()
    hang()


def eat() -> int:
    return len(bytearray(8 * 1024**3))


def modules() -> set[str]:
    return {name.partition(".")[0] for name in sys.modules}


def environment() -> dict[str, str]:
    return dict(os.environ)


def survives_a_polite_end() -> bool:
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGINT)
    return True


async def gone(process: int) -> None:
    while Path(f"/proc/{process}").exists():  # noqa: ASYNC110 - another process gives no event
        await asyncio.sleep(0.01)


async def test_results_come_back_from_one_other_process(worker: Worker) -> None:
    assert [await worker.run(double, number, deadline_s=30) for number in range(3)] == [0, 2, 4]
    first, second = await asyncio.gather(worker.run(pid, deadline_s=30), worker.run(pid, deadline_s=30))
    assert first == second != os.getpid()


async def test_large_messages_pass(worker: Worker) -> None:
    assert len(await worker.run(bytes.upper, b"x" * 5_000_000, deadline_s=30)) == 5_000_000


async def test_our_errors_come_back_whole(worker: Worker) -> None:
    with pytest.raises(FetchError) as caught:
        await worker.run(refuse, deadline_s=30)
    assert (caught.value.code, str(caught.value), caught.value.status, caught.value.retry_after_s) == (
        "http", "no", 503, 7.0,
    )  # fmt: skip


@pytest.mark.parametrize("job", [stumble, die, eat])
async def test_a_job_that_breaks_is_a_crash_and_the_next_one_runs(worker: Worker, job: object) -> None:
    assert callable(job)
    with pytest.raises(ParseError) as caught:
        await worker.run(job, deadline_s=30)
    assert caught.value.code == "crash"
    assert await worker.run(double, 4, deadline_s=30) == 8


async def test_a_job_that_hangs_is_killed_and_the_next_one_runs(worker: Worker) -> None:
    before = await worker.run(pid, deadline_s=30)
    with pytest.raises(ParseError) as caught:
        await worker.run(hang, deadline_s=0.2)
    assert caught.value.code == "deadline"
    await gone(before)
    assert await worker.run(pid, deadline_s=30) != before


async def test_a_cancelled_job_leaves_no_answer_behind(worker: Worker) -> None:
    await worker.run(pid, deadline_s=30)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(worker.run(hang, deadline_s=30), 0.05)
    assert await worker.run(double, 1, deadline_s=30) == 2


async def test_the_process_ends_when_idle_and_comes_back() -> None:
    worker = Worker(idle_s=0.01)
    first = await worker.run(pid, deadline_s=30)
    await asyncio.wait_for(gone(first), 30)
    assert await worker.run(pid, deadline_s=30) != first
    await worker.close()


async def test_signals_of_the_group_do_not_end_it(worker: Worker) -> None:
    assert await worker.run(survives_a_polite_end, deadline_s=30)


async def test_it_inherits_what_python_needs_and_no_secret(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:FAKE-TOKEN-FOR-TESTS")
    monkeypatch.setenv("MY_PATH_TOKEN", "s3cret")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    inherited = await worker.run(environment, deadline_s=30)
    assert (inherited["PATH"], inherited["LC_ALL"]) == (os.environ["PATH"], "C.UTF-8")
    assert not {"TELEGRAM_BOT_TOKEN", "MY_PATH_TOKEN"} & inherited.keys()


async def test_it_loads_no_telegram_no_database_no_http(worker: Worker) -> None:
    loaded = await worker.run(modules, deadline_s=30)
    # `modules` lives in this file, so what the file itself imports is there too.
    assert not {"telegram", "sqlalchemy", "aiohttp", "alembic", "apscheduler"} & loaded


PARENT = """
import asyncio, sys
sys.path[:] = {path!r}
from bot.worker import Worker
from tests.test_worker import pid, tell_and_hang
async def main():
    worker = Worker()
    await worker.run(pid, deadline_s=30)
    await worker.run(tell_and_hang, deadline_s={deadline_s})
asyncio.run(main())
"""


async def test_the_process_dies_with_its_parent_even_in_the_middle_of_a_job() -> None:
    program = PARENT.format(path=sys.path, deadline_s=0.5)
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert parent.stderr
    child = int(await parent.stderr.readline())
    parent.kill()
    await parent.communicate()
    await asyncio.wait_for(gone(child), 30)
