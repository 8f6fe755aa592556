"""Whether memory stays as it is: a server and its workers asked at an even pace for an hour."""

from __future__ import annotations

import asyncio
import itertools
import re
import statistics
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import orjson
import psutil
from tornado.httpclient import AsyncHTTPClient

from benchmarks.http import ASKED, SAMPLE, server
from csserv.catalog.samples.synthetic import build_sample_archive
from csserv.tasks.log.task_log import TaskLog
from tests.processes import eventually

#: what is asked beside submits and polls, one after the other
LISTS = (
    "datasets",
    "tasks?count=50",
    "health",
    "layers/country",
    "datasets/chirps?period=2019",
    "workers",
    "tasks/{id}/result",
    "tasks/{id}/result?format=csv",
    "tasks/{id}/area",
    "tasks/{id}/files/{id}.json",
)

#: what differs between the same failures of two tasks
TASK_ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"

#: memory counts from then on: caches fill before [s]
WARM = 600.0

#: a process may grow by so much of what it had then
ALLOWED = 0.05


async def ask(url: str, path: str, seen: Counter[str], body: object = None) -> bytes:
    """Ask once; count the status, and of a failure what was asked and what was answered."""
    answer = await AsyncHTTPClient().fetch(
        f"{url}/api/v1/{path}",
        method="POST" if body else "GET",
        body=orjson.dumps(body) if body else None,
        headers={"Content-Type": "application/json"},
        raise_error=False,
        request_timeout=60,
    )
    if answer.code < 300:
        seen[f"{answer.code}"] += 1
        return bytes(answer.body)
    words = answer.body.decode(errors="replace") if answer.body else str(answer.error)
    seen[f"{answer.code} {re.sub(TASK_ID, '{id}', f'{path}: {words[:300]}')}"] += 1
    return b""


async def soak(url: str, rate: float, seconds: float, seen: Counter[str]) -> list[str]:
    """Ask so many times a second: one in five submits, two poll, two list or read results."""
    ids = [orjson.loads(await ask(url, "tasks", seen, ASKED[0]))["id"]]
    lists, asked = itertools.cycle(LISTS), itertools.cycle(ASKED)
    began, running = time.monotonic(), set[asyncio.Task[bytes]]()
    for number in itertools.count():
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        if time.monotonic() - began > seconds:
            break
        if number % 5 == 0:
            if answer := await ask(url, "tasks", seen, next(asked)):
                ids.append(orjson.loads(answer)["id"])
            continue
        of = ids[-1] if number % 5 < 3 else ids[max(0, len(ids) - 20)]
        path = "tasks/{id}" if number % 5 < 3 else next(lists)
        running.add(one := asyncio.ensure_future(ask(url, path.format(id=of), seen)))
        one.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return ids


async def watch(
    top: psutil.Process, every: float, sizes: Mapping[str, list[tuple[float, int]]]
) -> None:
    """Note the memory of a process and of all that it started, again and again."""
    began = time.monotonic()
    while True:
        for name, process in _named(top):
            with suppress(psutil.Error):
                sizes[name].append((time.monotonic() - began, process.memory_info().rss))
        await asyncio.sleep(every)


def _named(top: psutil.Process) -> Iterator[tuple[str, psutil.Process]]:
    yield "server", top
    with suppress(psutil.Error):
        for one in top.children(recursive=True):
            with suppress(psutil.Error):
                words = " ".join(one.cmdline())
                kind = "runner" if "csserv run" in words else "worker or its parent"
                yield f"{kind} {one.pid}", one


def growth(sizes: Sequence[tuple[float, int]], warm: float) -> tuple[float, float, float] | None:
    """Return the memory after warming up and at the end [MB], and the growth as a share of it.

    Both are the median of a minute, as memory goes up and down with each request.
    """
    after = [(when, size) for when, size in sizes if when >= warm]
    if not after or after[-1][0] - after[0][0] < 60:
        return None
    first = statistics.median(size for when, size in after if when < after[0][0] + 60)
    last = statistics.median(size for when, size in after if when > after[-1][0] - 60)
    return first / 1e6, last / 1e6, last / first - 1


def main() -> int:
    """Soak, and print a table."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--rate", type=float, default=2.0, help="requests a second")
    options.add_argument("--every", type=float, default=10.0, help="memory is noted [s]")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="csserv-soak-") as name:
        folder = Path(name)
        build_sample_archive(folder / "data", spec=SAMPLE)
        with server(folder) as (url, process):
            return asyncio.run(
                _run(folder, url, process, given.minutes * 60, given.rate, given.every)
            )


async def _run(
    folder: Path, url: str, process: psutil.Process, seconds: float, rate: float, every: float
) -> int:
    seen: Counter[str] = Counter()
    sizes: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    watcher = asyncio.ensure_future(watch(process, every, sizes))
    ids = await soak(url, rate, seconds, seen)
    watcher.cancel()
    log = TaskLog(folder / "home")
    await asyncio.to_thread(eventually, log.is_idle, 300, "tasks are left")
    states = Counter(str(log.get(one).state) for one in ids)
    return report(sizes, seen, states, min(WARM, seconds / 2))


def report(
    sizes: Mapping[str, Sequence[tuple[float, int]]],
    seen: Counter[str],
    states: Counter[str],
    warm: float,
) -> int:
    """Print what was seen; return an exit code."""
    print(f"| process | after {warm / 60:.0f} min [MB] | at the end [MB] | grown |")
    print("| --- | --- | --- | --- |")
    worst = 0.0
    for name, sized in sizes.items():
        if found := growth(sized, warm):
            print(f"| {name} | {found[0]:.1f} | {found[1]:.1f} | {found[2]:+.1%} |")
            worst = max(worst, found[2])
    print(f"answers: {dict(seen)}; tasks: {dict(states)}")
    good = worst <= ALLOWED and set(states) == {"succeeded"}
    print("met" if good else "not met")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
