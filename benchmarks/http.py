"""How a server stands many clients: polls each second and submits, while two workers are busy."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from csserv.tasks.log.task_log import TaskLog
from tests.processes import CSSERV, environment, eventually, free_port

SAMPLE = SampleSpec(west=33, south=-6, east=43, north=6, cell=0.05, years=(2019,), forecast_days=5)

MEAN = {"dataset": "chirps", "operation": "mean"}

#: what is asked: mostly points, now and then a country
ASKED: list[dict[str, Any]] = [
    *(MEAN | {"area": {"point": [34.5 + i / 10, 0.5]}, "period": "2019"} for i in range(9)),
    MEAN | {"area": "Kenya", "period": "2019-03"},
]


@dataclass
class Seen:
    """What the clients saw."""

    polls: list[float] = field(default_factory=list)  #: how long each took [s]
    bare: list[float] = field(default_factory=list)  #: a handler that does nothing [s]
    submits: list[float] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)


class Bare(RequestHandler):
    """Answers at once: what the server and the client cost by themselves."""

    def get(self) -> None:
        """Answer."""
        self.finish("[27.0]")


async def ask(url: str, times: list[float], seen: Seen, body: object = None) -> bytes:
    """Ask once, and note how long it took."""
    client = AsyncHTTPClient()
    how: dict[str, Any] = {"method": "POST", "body": json.dumps(body)} if body else {}
    began = time.perf_counter()
    try:
        answer = await client.fetch(
            url, headers={"Content-Type": "application/json"}, request_timeout=30, **how
        )
        times.append(time.perf_counter() - began)
        seen.codes[str(answer.code)] += 1
        return bytes(answer.body)
    except (HTTPClientError, OSError) as error:
        seen.codes[f"error: {error}"] += 1
        return b""


async def poll(url: str, ids: list[str], number: int, seen: Seen, end: float) -> None:
    """Ask each second for the progress of one of the latest tasks."""
    await asyncio.sleep(number % 100 / 100)
    while time.monotonic() < end:
        began = time.monotonic()
        task = ids[-1 - number % min(50, len(ids))]
        await ask(f"{url}/api/v1/tasks/{task}", seen.polls, seen)
        await asyncio.sleep(max(0.0, 1 - (time.monotonic() - began)))


async def submit(url: str, ids: list[str], rate: float, seen: Seen, end: float) -> None:
    """Submit so many tasks a second, however long each takes."""
    running: set[asyncio.Task[None]] = set()

    async def one(number: int) -> None:
        body = ASKED[number % len(ASKED)]
        if answer := await ask(f"{url}/api/v1/tasks", seen.submits, seen, body):
            ids.append(json.loads(answer)["id"])

    number, began = 0, time.monotonic()
    while time.monotonic() < end:
        running.add(asyncio.create_task(one(number)))
        number += 1
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
    await asyncio.gather(*running)


async def bare(url: str, seen: Seen, end: float) -> None:
    """Ask the handler that does nothing, as often as one client polls."""
    while time.monotonic() < end:
        await ask(url, seen.bare, seen)
        await asyncio.sleep(0.2)


async def storm(url: str, clients: int, rate: float, seconds: float) -> tuple[Seen, list[str]]:
    """Let all clients ask for some seconds."""
    AsyncHTTPClient.configure("tornado.simple_httpclient.SimpleAsyncHTTPClient", max_clients=1000)
    peer = HTTPServer(Application([("/", Bare)]))
    port = free_port()
    peer.listen(port, "127.0.0.1")
    seen, end = Seen(), time.monotonic() + seconds
    first = await ask(f"{url}/api/v1/tasks", [], seen, ASKED[0])
    ids = [json.loads(first)["id"]]
    await asyncio.gather(
        submit(url, ids, rate, seen, end),
        bare(f"http://127.0.0.1:{port}/", seen, end),
        *(poll(url, ids, number, seen, end) for number in range(clients)),
    )
    peer.stop()
    return seen, ids


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Start a server on the sample data."""
    port = free_port()
    settings = {
        "home": folder / "home",
        "data": folder / "data",
        "requests_per_second": 100_000,  # all clients have one address here
        "max_open_tasks": 100_000,
    }
    log = folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*CSSERV, "serve", "--api-only", "--port", str(port)],
            env=environment(settings),
            stdout=output,
            stderr=output,
        )
    try:
        eventually(lambda: b"serves" in log.read_bytes())
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


def main() -> int:
    """Measure, and print a table."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--submits", type=float, default=20.0, help="a second")
    options.add_argument("--seconds", type=float, default=30.0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="csserv-bench-") as name:
        folder = Path(name)
        build_sample_archive(folder / "data", spec=SAMPLE)
        with server(folder) as (url, process):
            before = process.memory_info().rss
            seen, ids = asyncio.run(storm(url, given.clients, given.submits, given.seconds))
            cpu = sum(process.cpu_times()[:2]) / given.seconds
            grown = (process.memory_info().rss - before) / 1e6
            log = TaskLog(folder / "home")
            eventually(log.is_idle, 300, "tasks are left")
            states = Counter(str(log.get(task).state) for task in ids)
    return report(given.clients, seen, states, cpu, grown)


def report(clients: int, seen: Seen, states: Counter[str], cpu: float, grown: float) -> int:
    """Print what was seen; return an exit code."""
    rows = {"poll": seen.polls, "submit": seen.submits, "bare handler": seen.bare}
    print(f"{clients} clients; server {cpu:.2f} cores, grown by {grown:.0f} MB")
    print("| | count | median [ms] | 95 % [ms] | longest [ms] |\n| --- | --- | --- | --- | --- |")
    for what, times in rows.items():
        cuts = statistics.quantiles(times, n=20)
        numbers = (1000 * one for one in (statistics.median(times), cuts[-1], max(times)))
        print(f"| {what} | {len(times)} | " + " | ".join(f"{one:.1f}" for one in numbers) + " |")
    print(f"answers: {dict(seen.codes)}; tasks: {dict(states)}")
    errors = sum(count for code, count in seen.codes.items() if code not in ("200", "202"))
    good = not errors and set(states) == {"succeeded"} and statistics.median(seen.polls) < 0.1
    print("met" if good else "not met")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
