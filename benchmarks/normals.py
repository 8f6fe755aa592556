"""What normals cost: of a country's monthly rain of 40 years of days, beside series and peers.

    python -m benchmarks.normals [--archive DIR] [--runs N]

Builds the archives (some minutes, 2 GB, kept), asks in turn, several times, and writes medians to
benchmarks/RESULTS.md. CPU and ratios count, as other work on the machine disturbs them least.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.archive import VARIABLE
from benchmarks.cases import zones
from benchmarks.index_request import ask_index
from benchmarks.long_archive import LAYOUTS, long_archive, long_folder
from benchmarks.measure import Cost, Meter, Peer, Values
from benchmarks.normals_peers import PEERS
from benchmarks.ours import Ours, ours, plan_request
from benchmarks.page import machine, put_part
from csserv.catalog import Catalog
from csserv.catalog.catalog import TABLE
from csserv.catalog.toml_table import put_rows
from csserv.outputs import Result
from csserv.request import Options, Period, Request

RESULTS = Path(__file__).parent / "RESULTS.md"
REFERENCE = "1991/2020"

#: a peer that takes longer is asked once [s]
LONG = 20.0


@dataclass(frozen=True)
class Asked:
    """A question to csserv, and the one that it is measured by."""

    what: str
    period: str
    against: str = ""
    beside: str = ""

    def request(self, layout: str) -> Request:
        """Ask it of a layout."""
        options = Options(time_step="monthly", against=self.against)
        return Request(layout, "mean", zones()["country"], Period.parse(self.period), options)


SERIES, NORMALS = "series of 40 years", "and normals"
QUESTIONS = (
    Asked(SERIES, "1981/2020"),
    Asked(NORMALS, "1981/2020", REFERENCE, SERIES),
    Asked("series of 30 years", REFERENCE),
    Asked("one year of them, and normals", "2020", REFERENCE, "series of 30 years"),
)

#: the least of a peer's CPU, as times csserv's; the most of normals, as times the series'
AT_LEAST, AT_MOST = 20.0, 1.2


@dataclass(frozen=True)
class Costs:
    """What each way cost, run by run; of csserv, the CPU of planning too [s]."""

    each: dict[str, list[Cost]]
    planning: dict[str, list[float]]

    def cpu(self, name: str) -> float:
        """Median [s]."""
        return statistics.median(one.cpu for one in self.each[name])

    def plan(self, name: str) -> float:
        """Median [s]."""
        return statistics.median(self.planning[name])

    def ratio(self, name: str, beside: str) -> float:
        """Median of the ratios of runs that followed each other."""
        pairs = zip(self.each[name], self.each[beside], strict=False)
        return statistics.median(one.cpu / other.cpu for one, other in pairs)


def catalog_of(root: Path) -> Catalog:
    """Name each layout as a dataset."""
    rows = {
        name: {
            "title": name,
            "variable": VARIABLE,
            "files": f"{long_folder(root, name).name}/*.nc",
            "time_step": "day",
        }
        for name in LAYOUTS
    }
    put_rows(root / TABLE, rows)
    return Catalog.read(root)


def measure(layout: str, own: Ours, peers: Mapping[str, Peer], runs: int) -> tuple[Costs, Values]:
    """Put all questions of a layout in turn; return costs, and the values of each who answered."""
    names = [one.what for one in QUESTIONS]
    costs = Costs({name: [] for name in (*names, *peers)}, {name: [] for name in names})
    answers: dict[str, Values] = {}
    meter = Meter([psutil.Process(), *own.workers])
    for number in range(runs + 1):
        for asked in QUESTIONS if number else QUESTIONS[1:2]:
            with meter.running():
                started = time.process_time()
                attempt = plan_request(asked.request(layout), own.catalog, own.home)
                planned = time.process_time() - started
                own.run(attempt)
            if number:  # the first time, files are looked at and code is loaded
                costs.each[asked.what].append(meter.cost)
                costs.planning[asked.what].append(planned)
            if asked.what == NORMALS:
                answers["csserv"] = _values(own.home / "results" / attempt.task.id)
        for name, peer in peers.items():
            known = costs.each[name]
            if number and not (known and known[0].wall > LONG):
                cost, answers[name] = peer.run(layout)
                known.append(cost)
    return costs, np.array([_apart(answers, name) for name in peers])


def _values(folder: Path) -> Values:
    (one,) = Result(folder).json["series"]
    return np.array([one["value"], one["against"]["anomaly"]], float)


def _apart(answers: Mapping[str, Values], name: str) -> float:
    """By how much values differ, as a share of the largest."""
    ours_, theirs = answers["csserv"], answers[name]
    return float(np.abs(ours_ - theirs).max() / np.abs(theirs).max())


def own_rows(layout: str, costs: Costs) -> list[str]:
    """Write what csserv took."""
    rows = []
    for asked in QUESTIONS:
        each = costs.each[asked.what]
        wall = statistics.median(one.wall for one in each)
        memory = max(one.memory for one in each)
        ratio = f"{costs.ratio(asked.what, asked.beside):.2f}" if asked.beside else ""
        cpu, plan = costs.cpu(asked.what), costs.plan(asked.what)
        numbers = f"{cpu:.2f} | {plan:.3f} | {wall:.2f} | {memory:.0f} | {ratio}"
        rows.append(f"| {layout} | {asked.what} | {numbers} |")
    return rows


def peer_rows(layout: str, costs: Costs, apart: Values) -> list[str]:
    """Write what the peers took, as times what csserv did."""
    rows = []
    for name, share in zip(PEERS, apart, strict=True):
        memory = max(one.memory for one in costs.each[name])
        ratio = costs.ratio(name, NORMALS)
        numbers = f"{costs.cpu(name):.1f} | {memory:.0f} | {ratio:.1f} | {share:.0e}"
        rows.append(f"| {layout} | {name} | {numbers} |")
    return rows


def verdicts(every: Mapping[str, Costs]) -> list[str]:
    """Write each target, what was measured, and whether that meets it."""
    rows = []
    for layout, costs in every.items():
        ratio = costs.ratio(NORMALS, SERIES)
        met = "met" if ratio <= AT_MOST else "missed"
        what = f"normals beside the series of 40 years, {layout}"
        rows.append(f"| {what} | at most {AT_MOST:g} times | {ratio:.2f} | {met} |")
        ratio = costs.ratio("maps first", NORMALS)
        met = "met" if ratio >= AT_LEAST else "missed"
        what = f"xarray, flox, exactextract: maps first, {layout}"
        rows.append(f"| {what} | at least {AT_LEAST:g} times | {ratio:.1f} | {met} |")
    return rows


def page(every: Mapping[str, Costs], apart: Mapping[str, Values], index: list[str]) -> str:
    """Write the part of the page of results."""
    return "\n".join(
        [
            "# What normals cost",
            "",
            "Made by `python -m benchmarks.normals`. One country of 100 by 100 cells, in yearly",
            "files of 240 by 240 cells, 1981 to 2020, days made months, against 1991/2020. Medians",
            "of interleaved runs on two dask workers; CPU of all processes together, of",
            "which planning is a part; memory is how much the process grew that grew most; ratios",
            "are those of CPU, of runs that followed each other. Files lie in the disk's cache.",
            "",
            "Peers are xarray with flox and exactextract: maps first makes monthly maps of the",
            "whole files and their anomalies, then means of the country, as their pages show it;",
            "box first cuts out the box of the country before; shares first lets exactextract find",
            "the shares of cells once, and makes one series of days, of which months and anomalies",
            "are made. The first two do not weight cells by their area on the sphere, which is by",
            f"how much they differ. A peer that takes longer than {LONG:g} s is asked once.",
            "",
            machine("flox", "numbagg", "exactextract", "climate-indices"),
            "",
            "| | target | measured | |",
            "| --- | --- | --- | --- |",
            *verdicts(every),
            index[0],
            "",
            "| layout | csserv | CPU [s] | planning [s] | wall [s] | memory [MB] | x series |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *[row for layout, costs in every.items() for row in own_rows(layout, costs)],
            "",
            "| layout | peer | CPU [s] | memory [MB] | x csserv | differs by, as a share |",
            "| --- | --- | --- | --- | --- | --- |",
            *[row for name, costs in every.items() for row in peer_rows(name, costs, apart[name])],
            "",
            *index[1:],
        ]
    )


def main() -> None:
    """Measure, print, and write the part of the page of results."""
    root, runs = long_archive(__doc__)
    index = ask_index(runs)
    print("\n".join(index), flush=True)
    every, apart = {}, {}
    peers = {name: Peer(way, root) for name, way in PEERS.items()}
    with (
        tempfile.TemporaryDirectory() as home,
        ours(root, Path(home), catalog=catalog_of(root)) as own,
    ):
        for layout in LAYOUTS:
            every[layout], apart[layout] = measure(layout, own, peers, runs)
            print(page(every, apart, index), flush=True)
    for peer in peers.values():
        peer.close()
    put_part(RESULTS, page(every, apart, index))


if __name__ == "__main__":
    main()
