"""What time sums save: months, normals and their maps of a zone that nobody has asked for.

    python -m benchmarks.sums [--archive DIR] [--runs N]

Builds the archives (some minutes, 2 GB, kept), makes their sums and removes them at the end, and
writes medians to benchmarks/RESULTS.md.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from benchmarks.cases import zones
from benchmarks.long_archive import LAYOUTS, long_archive, long_files
from benchmarks.many_zones import units
from benchmarks.measure import Cost, Meter, Peer
from benchmarks.normals import catalog_of
from benchmarks.normals_peers import PEERS
from benchmarks.ours import Ours, ours, plan_request
from benchmarks.page import machine, put_part
from csserv.catalog.read.source import Unpackers
from csserv.request import Area, Options, Period, Request
from csserv.tasks.plan.blocks import Block
from csserv.tasks.plan.sums.sums_jobs import plan_sums
from csserv.tasks.sums.sums_folder import FOLDER
from csserv.tasks.sums.sums_making import make_sums
from csserv.zonal.tiles import tiles
from csserv.zonal.weights import zone_weights

RESULTS = Path(__file__).parent / "RESULTS.md"

#: a peer that takes longer is asked once [s]
LONG = 20.0

MONTHS = Options(time_step="monthly")
AGAINST = Options(time_step="monthly", against="1991/2020")
MAPS = Options(time_step="monthly", against="1981/2020")


@dataclass(frozen=True)
class Asked:
    """What is asked: of one country, but for the second one; and what it should cost at most.

    Attributes
    ----------
    floors : most CPU, as times that of reading and inflating the days of the same zones
    seconds : most wall [s]
    """

    what: str
    operation: str
    period: str
    options: Options
    sums: bool = True
    many: bool = False
    floors: float | None = None
    seconds: float | None = None

    @property
    def area(self) -> Area:
        """Of which zones."""
        return units(113) if self.many else zones()["country"]

    def request(self, layout: str) -> Request:
        """Ask it of a layout."""
        period = Period.parse(self.period)
        return Request(layout, self.operation, self.area, period, self.options)


DAYS = Asked("days", "mean", "1981/2020", Options(), sums=False, floors=1.5)
ZONES = Asked("days of 113 zones", "mean", "1981/2020", Options(), False, True, floors=2.0)
NORMALS = Asked("months and normals of sums", "mean", "1981/2020", AGAINST)

QUESTIONS = (
    DAYS,
    ZONES,
    Asked("months of days", "mean", "1981/2020", MONTHS, sums=False),
    Asked("months of sums", "mean", "1981/2020", MONTHS, floors=0.3),
    Asked("years of sums", "mean", "1981/2020", Options(time_step="yearly")),
    NORMALS,
    Asked("maps of a year and their normals of 40, of days", "netcdf", "2020", MAPS, sums=False),
    Asked("maps of a year and their normals of 40, of sums", "netcdf", "2020", MAPS, seconds=1.2),
)

#: peer → the least of its CPU, as times that of months and normals of sums
AT_LEAST = {"shares first": 20.0, "maps first": 100.0}


@contextmanager
def without_sums(root: Path) -> Iterator[None]:
    """Hide the sums."""
    aside = root / "sums-aside"
    (root / FOLDER).rename(aside)
    try:
        yield
    finally:
        aside.rename(root / FOLDER)


def floor(blocks: list[Block], area: Area) -> float:
    """Return the CPU of reading and inflating the chunks that the zones touch [s]."""
    weights = zone_weights(blocks[0].grid, area, "area")
    started = time.process_time()
    for block in blocks:
        unpackers = Unpackers()
        _, every = tiles(weights, block.layout, block.part, block.parts)
        for tile in every:
            for source in block.sources:
                with source.open(unpackers) as reader:
                    for chunk, _ in source.time_chunks():
                        reader.read((chunk, tile.row, tile.column))
    return time.process_time() - started


@dataclass
class Measured:
    """What each way cost, run by run."""

    each: dict[str, list[Cost]]
    floors: dict[bool, list[float]]  #: of one country, of 113 zones [s]

    def median(self, what: str, of: str = "cpu") -> float:
        """Return a median."""
        return statistics.median(float(getattr(one, of)) for one in self.each[what])

    def floor(self, asked: Asked) -> float:
        """Return the median of what inflating the same days costs [s]."""
        return statistics.median(self.floors[asked.many])


def measure(layout: str, own: Ours, peers: Mapping[str, Peer], runs: int) -> Measured:
    """Put all questions in turn, several times."""
    found = Measured({}, {False: [], True: []})
    root = own.catalog[layout].data
    meter = Meter([psutil.Process(), *own.workers])
    for number in range(runs + 1):  # the first time, code is loaded and headers are read
        for asked in QUESTIONS:
            blocks: list[Block] = []
            ask = partial(_ask, own, asked.request(layout), meter, blocks)
            cost = ask() if asked.sums else _hidden(root, ask)
            shutil.rmtree(own.home / "results", ignore_errors=True)
            if number:
                found.each.setdefault(asked.what, []).append(cost)
                if asked in (DAYS, ZONES):
                    found.floors[asked.many].append(floor(blocks, asked.area))
        for name in AT_LEAST:
            known = found.each.setdefault(name, [])
            if number and not (known and known[0].wall > LONG):
                known.append(peers[name].run(layout)[0])
    return found


def _hidden(root: Path, ask: Callable[[], Cost]) -> Cost:
    with without_sums(root):
        return ask()


def _ask(own: Ours, request: Request, meter: Meter, blocks: list[Block]) -> Cost:
    with meter.running():
        attempt = plan_request(request, own.catalog, own.home)
        for group in (attempt.waiting, *attempt.later):
            blocks += [arg for call in group for arg in call.args if isinstance(arg, Block)]
        own.run(attempt)
    return meter.cost


def made(layout: str, own: Ours) -> str:
    """Make the sums of months; return a row of what that costs."""
    plan = plan_sums(own.catalog[layout], "monthly")
    started = time.process_time()
    for job in plan.jobs:
        make_sums(job, lambda share: None)
    cpu, size = time.process_time() - started, plan.folder.size()
    whole = sum(path.stat().st_size for path in long_files(own.catalog[layout].data, layout))
    return f"| {layout} | {cpu:.1f} | {size / 1e6:.0f} | {whole / 1e6:.0f} | {size / whole:.0%} |"


def rows_of(layout: str, found: Measured) -> list[str]:
    """Write what was measured, beside what was aimed at."""
    rows = []
    for asked in QUESTIONS:
        cpu, wall = found.median(asked.what), found.median(asked.what, "wall")
        times = cpu / found.floor(asked)
        goal = met = ""
        if asked.floors:
            goal, met = f"at most {asked.floors:g} x floor", _met(times <= asked.floors)
        if asked.seconds:
            goal, met = f"at most {asked.seconds:g} s, wall", _met(wall <= asked.seconds)
        rows.append(
            f"| {layout} | {asked.what} | {cpu:.2f} | {wall:.2f} | {times:.2f} | {goal} | {met} |"
        )
    for name, least in AT_LEAST.items():
        cpu, wall = found.median(name), found.median(name, "wall")
        times = cpu / found.median(NORMALS.what)
        said = f"at least {least:g} x ours; it is {times:.0f}"
        rows.append(
            f"| {layout} | xarray, flox, exactextract: {name} | {cpu:.1f} | {wall:.1f} | | {said} "
            f"| {_met(times >= least)} |"
        )
    return rows


def _met(is_met: bool) -> str:
    return "met" if is_met else "missed"


def page(makings: list[str], rows: list[str]) -> str:
    """Write the part of the page of results."""
    return "\n".join(
        [
            "# What time sums save",
            "",
            "Made by `python -m benchmarks.sums`. Daily rain of 1981 to 2020, in yearly files",
            "of 240 by 240 cells; a country of 100 by 100 cells, and 113 zones that divide the",
            "archive. Calls that a runner makes, on two workers; CPU of all processes together;",
            "medians of interleaved runs. The floor reads and inflates the days of the same",
            "zones in one process, and does nothing with them. Nothing was kept. Peers are",
            "those of `benchmarks.normals`: shares first is the least that these libraries can",
            "do, maps first is as their pages show it.",
            "",
            machine("flox", "exactextract"),
            "",
            "| chunks | sums of months made, CPU [s] | size [MB] | archive [MB] | |",
            "| --- | --- | --- | --- | --- |",
            *makings,
            "",
            "| chunks | 40 years of | CPU [s] | wall [s] | x floor | target | |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *rows,
        ]
    )


def main() -> None:
    """Measure, print, and write the part of the page of results."""
    root, runs = long_archive(__doc__)
    shutil.rmtree(root / FOLDER, ignore_errors=True)
    makings: list[str] = []
    rows: list[str] = []
    peers = {name: Peer(PEERS[name], root) for name in AT_LEAST}
    try:
        with (
            tempfile.TemporaryDirectory() as home,
            ours(root, Path(home), catalog=catalog_of(root)) as own,
        ):
            for layout in LAYOUTS:
                makings.append(made(layout, own))
                rows += rows_of(layout, measure(layout, own, peers, runs))
                print(page(makings, rows), flush=True)
    finally:
        shutil.rmtree(root / FOLDER, ignore_errors=True)
        for peer in peers.values():
            peer.close()
    put_part(RESULTS, page(makings, rows))


if __name__ == "__main__":
    main()
