"""What a small request costs: from submit to result, one at a time and many at once.

    python -m benchmarks.small_requests [--runs N] [--beside DIR]

A point and a month of forty years of days, one chunk of one of forty files. The runner and its two
workers are processes of their own, as `csserv run` starts them. Peers of the same run: the floor
reads and inflates the chunk, and has a file of the answer's size on disk; dask has two workers do
that, and gathers what they return. Neither checks a request, queues it, survives a kill, or says
where its numbers are from.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import netCDF4
import numpy as np
import psutil
from distributed import Client, LocalCluster

from benchmarks.measure import cpu_clock
from benchmarks.page import machine, put_part
from csserv import Area, Service
from csserv.outputs.durable import replace_file
from csserv.settings import Settings, read_settings
from tests.processes import environment

RESULTS = Path(__file__).parent / "RESULTS.md"
YEARS = range(1981, 2021)
CELLS, CHUNK = 60, (31, 60, 60)
DATASET, PERIOD, POINT = "rain", "2012-03", (36.8, -1.3)

#: one at a time, this often; and so many at once
TIMES, AT_ONCE = 60, (100, 400)

#: median from submit to the result on disk [ms]; requests a second of 100 at once
MOST, LEAST = 15.0, 150.0


def build(data: Path) -> None:
    """Write forty years of made-up rain, and the row of their dataset."""
    random = np.random.default_rng(1)
    folder = data / DATASET
    folder.mkdir(parents=True)
    for year in YEARS:
        days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        with netCDF4.Dataset(folder / f"{year}.nc", "w") as file:
            for name, numbers, units in (
                ("time", np.arange(days), f"days since {year}-01-01"),
                ("latitude", -3 + 0.1 * np.arange(CELLS), "degrees_north"),
                ("longitude", 33 + 0.1 * np.arange(CELLS), "degrees_east"),
            ):
                file.createDimension(name, len(numbers))
                axis = file.createVariable(name, "f8", (name,))
                axis.units, axis[:] = units, numbers
            axes = ("time", "latitude", "longitude")
            rain = file.createVariable("rain", "f4", axes, zlib=True, chunksizes=CHUNK)
            rain.units = "mm/day"
            rain[:] = np.round(random.gamma(0.2, 20, (days, CELLS, CELLS)), 1)
    row = f'["{DATASET}"]\ntitle = "Rain"\nvariable = "rain"\nfiles = "{DATASET}/*.nc"\n'
    (data / "datasets.toml").write_text(row, encoding="utf-8")


def floor(file: str, answer: str, size: int) -> float:
    """Read and inflate the month's chunks, and have a file on disk; return the mean of a cell."""
    with netCDF4.Dataset(file) as data:
        found = float(data["rain"][60:91, 17, 38].mean())
    replace_file(Path(answer), b"x" * size)
    return found


@dataclass
class Many:
    """What so many requests at once cost: how many ended a second, and CPU of each [ms]."""

    rate: float
    cpu: dict[str, float]


@dataclass
class Found:
    """What was measured of one way to answer."""

    on_disk: list[float] = field(default_factory=list)  #: from submit to result on disk [ms]
    answered: list[float] = field(default_factory=list)  #: until the caller has it [ms]
    many: dict[int, list[Many]] = field(default_factory=lambda: {one: [] for one in AT_ONCE})

    def rate(self, count: int) -> float:
        """Return the median of requests a second."""
        return statistics.median(one.rate for one in self.many[count])

    def cpu(self, count: int) -> dict[str, float]:
        """Return the medians of CPU by process [ms]."""
        runs = self.many[count]
        return {name: statistics.median(one.cpu[name] for one in runs) for name in runs[0].cpu}


@dataclass
class Processes:
    """Processes by name, and the CPU they have used."""

    named: dict[str, list[psutil.Process]]

    def used(self) -> dict[str, float]:
        """Return name → CPU [s]."""
        return {name: sum(map(cpu_clock, every)) for name, every in self.named.items()}


@contextmanager
def serving(code: Path, settings: Settings) -> Iterator[tuple[Service, Processes]]:
    """Start a runner with its workers, and open a service beside it."""
    command = [sys.executable, "-m", "csserv", "run"]
    given = {name: getattr(settings, name) for name in ("home", "data", "workers")}
    variables = environment(given) | {"PYTHONPATH": str(code)}
    with (settings.home.parent / "run.log").open("ab") as output:
        runner = subprocess.Popen(command, env=variables, stdout=output, stderr=output, cwd=code)
    try:
        with Service(settings, starts_runner=False) as service:
            while not service.has_runner():
                time.sleep(0.1)
            for _ in range(5):  # workers prove themselves, code is read
                service.result(ask(service))
            own = psutil.Process(runner.pid)
            children = own.children(recursive=True)
            named = {"asking": [psutil.Process()], "runner": [own], "workers": children}
            yield service, Processes(named)
    finally:
        runner.terminate()
        runner.wait(60)


def ask(service: Service) -> str:
    """Submit the request; return the id of its task."""
    return service.submit(DATASET, "mean", Area.from_point(*POINT), PERIOD).id


def one_at_a_time(service: Service, found: Found) -> None:
    """Ask, wait for the file, and ask again: at moments that no clock of csserv knows."""
    for number in range(TIMES):
        time.sleep(0.02 + 0.013 * (number % 7))
        began = time.perf_counter()
        task = ask(service)
        path = service.settings.home / "results" / task / f"{task}.json"
        while not path.exists():
            time.sleep(0.0005)
        found.on_disk.append(1000 * (time.perf_counter() - began))
    for number in range(TIMES // 3):
        time.sleep(0.02 + 0.013 * (number % 7))
        began = time.perf_counter()
        service.result(ask(service))
        found.answered.append(1000 * (time.perf_counter() - began))


def at_once(
    count: int, start: Callable[[], object], processes: Processes, found: Found, floor: float = 0.0
) -> None:
    """Measure many requests: ``start`` submits all, and returns when they have ended."""
    before, began = processes.used(), time.perf_counter()
    start()
    wall = time.perf_counter() - began
    cpu = {name: 1000 * (end - before[name]) / count for name, end in processes.used().items()}
    found.many[count].append(Many(count / wall, cpu))


def submit_all(service: Service, count: int) -> None:
    """Submit so many, and wait until all have ended."""
    for _ in range(count):
        ask(service)
    while service.count_open():
        time.sleep(0.02)


def by_csserv(code: Path, data: Path, found: Found) -> None:
    """Measure csserv in a home of its own."""
    with tempfile.TemporaryDirectory(dir=data.parent) as home:
        settings = read_settings(home=Path(home) / "home", data=data, workers=2)
        with serving(code, settings) as (service, processes):
            one_at_a_time(service, found)
            for count in AT_ONCE:
                at_once(count, partial(submit_all, service, count), processes, found)


def by_dask(data: Path, size: int, found: Found) -> None:
    """Have two workers of a bare cluster do what the floor does."""
    file, numbers = str(data / DATASET / "2012.nc"), iter(range(10**6))
    with (
        tempfile.TemporaryDirectory(dir=data.parent) as folder,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        children = psutil.Process().children(recursive=True)
        processes = Processes({"asking": [psutil.Process()], "workers": children})

        def answer() -> str:
            return f"{folder}/{next(numbers)}.json"

        client.gather([client.submit(floor, file, answer(), size, pure=False) for _ in range(8)])
        for _ in range(TIMES):
            time.sleep(0.02)
            began = time.perf_counter()
            client.submit(floor, file, answer(), size, pure=False).result()
            found.on_disk.append(1000 * (time.perf_counter() - began))
        for count in AT_ONCE:

            def all_at_once(count: int = count) -> None:
                futures = [
                    client.submit(floor, file, answer(), size, pure=False) for _ in range(count)
                ]
                client.gather(futures)

            at_once(count, all_at_once, processes, found)


def by_itself(data: Path, size: int, found: Found) -> None:
    """Do in this process what cannot be left out."""
    file = str(data / DATASET / "2012.nc")
    processes = Processes({"asking": [psutil.Process()]})
    with tempfile.TemporaryDirectory(dir=data.parent) as folder:
        for number in range(TIMES):
            began = time.perf_counter()
            floor(file, f"{folder}/{number}", size)
            found.on_disk.append(1000 * (time.perf_counter() - began))
        for count in AT_ONCE:

            def all_at_once(count: int = count) -> None:
                for number in range(count):
                    floor(file, f"{folder}/{number}", size)

            at_once(count, all_at_once, processes, found)


def row(name: str, one: Found) -> str:
    """Write what was measured of a way as a row of the table."""
    low, high = (np.percentile(one.on_disk, q) for q in (50, 95))
    seen = f"{statistics.median(one.answered):.1f}" if one.answered else ""
    rates = " | ".join(f"{one.rate(count):.0f}" for count in AT_ONCE)
    cpu = ", ".join(f"{name} {ms:.1f}" for name, ms in one.cpu(AT_ONCE[0]).items())
    return f"| {name} | {low:.1f} | {high:.1f} | {seen} | {rates} | {cpu} |"


def page(every: dict[str, Found]) -> str:
    """Write the part of the page of results."""
    own = every["csserv"]
    usual = statistics.median(own.on_disk)
    first, more = (own.rate(count) for count in AT_ONCE)
    targets = [
        ("submit to result, median [ms]", f"at most {MOST:g}", usual, usual <= MOST),
        ("100 at once, requests a second", f"at least {LEAST:g}", first, first >= LEAST),
        ("400 at once, beside 100", "at least 1 times", more / first, more >= first),
    ]
    return "\n".join(
        [
            "# What a small request costs",
            "",
            "Made by `python -m benchmarks.small_requests`: a point and a month of forty years of",
            "days, in forty files. Runner and two workers are processes of their own. The floor",
            "reads and inflates the chunks and has a file of the answer's size on disk; dask has",
            "two workers do that. CPU is that of 100 at once, of each request.",
            "",
            machine(),
            "",
            "| | target | measured | |",
            "| --- | --- | --- | --- |",
            *(
                f"| {what} | {most} | {ms:.2f} | {'met' if is_met else 'missed'} |"
                for what, most, ms, is_met in targets
            ),
            "",
            "| | on disk after [ms] | 95 % after [ms] | answered after [ms] "
            "| 100 at once [1/s] | 400 at once [1/s] | CPU of each [ms] |",
            f"|{' --- |' * 7}",
            *(row(name, one) for name, one in every.items()),
        ]
    )


def main() -> None:
    """Measure, print, and write the part of the page of results."""
    words = ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--beside", type=Path, help="other code of csserv, measured in the same run")
    words.add_argument("--folder", type=Path, help="where to write; a disk, not memory")
    words.add_argument("--dry", action="store_true", help="leave the page of results as it is")
    given = words.parse_args()
    here = Path(__file__).parent.parent
    every = {"csserv": Found(), "dask": Found(), "the floor": Found()}
    if given.beside:
        every["csserv, the runner of the other code"] = Found()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        data = Path(name) / "data"
        build(data)
        size = 5000  # of the answer's JSON
        for _ in range(given.runs):
            by_csserv(here, data, every["csserv"])
            by_dask(data, size, every["dask"])
            by_itself(data, size, every["the floor"])
            if given.beside:
                other = every["csserv, the runner of the other code"]
                by_csserv(given.beside.absolute(), data, other)
    text = page(every)
    print(text)
    if not given.dry:
        put_part(RESULTS, text)


if __name__ == "__main__":
    main()
