"""How fast the engine is, against its peers and against what disk and decoder allow.

    python -m benchmarks.engine [--archive DIR] [--quick]

Builds the archives (3 GB, some minutes, kept), asks each question of csserv and of all peers in
turn, several times, and writes the medians to benchmarks/RESULTS.md. CPU counts, as other work on
the machine disturbs it least.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil

from benchmarks.archive import LAYOUTS, build
from benchmarks.cases import Case
from benchmarks.growth import draw_growth
from benchmarks.measure import Cost, Meter, Peer
from benchmarks.ours import Ours, ours, values
from benchmarks.page import machine, put_part
from benchmarks.peers import PEERS
from benchmarks.requests import whole_requests

RUNS = 3
#: a peer that takes longer is asked once [s]
LONG = 5.0
#: what takes less CPU is run without workers, whose own work would hide it [s]
SHORT = 0.05
RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True)
class Row:
    """One question, and the median CPU of all who answered it [s]."""

    case: Case
    cpu: dict[str, float]
    wall: float  #: of csserv [s]
    memory: float  #: of csserv: growth of the process that grew most [MB]
    differs: float  #: our values from those of xvec, the largest share

    def times(self, peer: str) -> float | None:
        """How many times our CPU a peer takes; for the floor, how many times it we take."""
        if peer not in self.cpu:
            return None
        if peer == "floor":
            return self.cpu["csserv"] / self.cpu["floor"]
        return self.cpu[peer] / self.cpu["csserv"]


@dataclass(frozen=True)
class Target:
    """What a ratio should be: at least, or for the floor at most."""

    peer: str
    what: str
    bound: float
    cases: tuple[tuple[str, str, str], ...]  #: layout, zone, operation; empty for any

    def rows(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that it is about."""
        return [
            row
            for row in rows
            if row.times(self.peer) is not None and any(_fits(row.case, one) for one in self.cases)
        ]

    def is_met(self, row: Row) -> bool:
        """Whether a row meets it."""
        ratio = row.times(self.peer) or 0.0
        return ratio <= self.bound if self.peer == "floor" else ratio >= self.bound


CHUNKS, PENCILS, MAPS = "(31,256,256)", "(365,50,50)", "one map a chunk"
TARGETS = (
    Target("ClimateSERV", "country", 7, (("", "country", "mean"), ("", "country", "max"))),
    Target("ClimateSERV", "large", 18, ((CHUNKS, "large", "mean"), (MAPS, "large", "mean"))),
    Target("ClimateSERV", "large on (365,50,50)", 50, ((PENCILS, "large", "mean"),)),
    Target("ClimateSERV", "80 districts", 80, (("", "80 districts", "mean"),)),
    Target("ClimateSERV", "GeoTIFF country", 15, (("", "country", "geotiff"),)),
    Target("ClimateSERV", "GeoTIFF large", 60, (("", "large", "geotiff"),)),
    Target("xvec", "country", 15, ((CHUNKS, "country", ""), (PENCILS, "country", ""))),
    Target("xvec", "map chunks", 5, ((MAPS, "country", ""),)),
    Target("xvec", "80 districts", 50, (("", "80 districts", ""),)),
    Target("CDO", "country", 7, ((CHUNKS, "country", ""), (PENCILS, "country", ""))),
    Target("CDO", "map chunks", 4, ((MAPS, "country", ""),)),
    Target("netCDF4", "country, large", 2.5, (("", "country", "mean"), ("", "large", "mean"))),
    Target(
        "floor",
        "mean and max",
        1.5,
        tuple(
            (a, z, o) for a in (CHUNKS, MAPS) for z in ("country", "large") for o in ("mean", "max")
        ),
    ),
    Target(
        "floor",
        "mean and max on (365,50,50)",
        1.7,
        tuple((PENCILS, z, o) for z in ("country", "large") for o in ("mean", "max")),
    ),
    Target(
        "floor",
        "median",
        2.0,
        tuple((a, z, "median") for a in (CHUNKS, MAPS) for z in ("country", "large")),
    ),
    Target(
        "floor",
        "median on (365,50,50)",
        3.0,
        tuple((PENCILS, z, "median") for z in ("country", "large")),
    ),
)


def _fits(case: Case, wanted: tuple[str, str, str]) -> bool:
    given = (case.layout, case.zone, case.operation)
    return all(not w or w == g for w, g in zip(wanted, given, strict=True))


def questions(quick: bool) -> Iterator[tuple[Case, tuple[str, ...]]]:
    """Yield each question, and whom it is put to beside csserv."""
    zones = ("country",) if quick else ("point", "province", "country", "large", "80 districts")
    for layout in LAYOUTS:
        for zone in zones:
            for operation in ("mean", "max", "median"):
                yield Case(layout, zone, operation), _asked(layout, zone, operation)
        if layout in (CHUNKS, PENCILS) and not quick:
            for zone in ("country", "large"):
                yield Case(layout, zone, "mean", years=5), ("netCDF4", "floor")
    if not quick:
        for zone in ("country", "large"):
            for operation in ("geotiff", "netcdf"):
                yield Case(CHUNKS, zone, operation), ("ClimateSERV",)


def _asked(layout: str, zone: str, operation: str) -> tuple[str, ...]:
    main = layout in (CHUNKS, PENCILS, MAPS)
    peers = ["netCDF4", "floor"] if zone != "point" else ["floor"]
    if main and operation == "mean" and zone in ("country", "large", "80 districts"):
        peers += ["ClimateSERV"]
    if main and operation == "mean" and zone in ("country", "large"):
        peers += ["its older chunks", "one pass"]
    if main and operation in ("mean", "median") and zone == "country":
        peers += ["xvec", "CDO"]
    if main and operation == "max" and zone == "country":
        peers += ["ClimateSERV", "xvec", "CDO"]
    if layout == CHUNKS and operation == "mean" and zone == "80 districts":
        peers += ["xvec"]
    return tuple(peers)


def ask(case: Case, asked: Sequence[str], own: Ours, peers: dict[str, Peer]) -> Row:
    """Put a question to all in turn, several times."""
    costs: dict[str, list[Cost]] = {name: [] for name in ("csserv", *asked)}
    meter = Meter([psutil.Process(), *own.workers])
    answers = {}
    with meter.running():
        own.answer(case)
    if meter.cost.cpu < SHORT:
        own.short.add(case)
    for _ in range(RUNS):
        with meter.running():
            folder = own.answer(case)
        answers["csserv"] = values(folder)
        costs["csserv"].append(meter.cost)
        for name in asked:
            if not costs[name] or costs[name][0].wall < LONG:
                cost, answers[name] = peers[name].run(case)
                costs[name].append(cost)
    differs = float("nan")
    if "xvec" in answers:
        ours_, theirs = answers["csserv"], answers["xvec"]
        differs = float(np.nanmax(np.abs(ours_ - theirs)) / np.nanmax(np.abs(theirs)))
    cpu = {name: statistics.median(c.cpu for c in some) for name, some in costs.items()}
    own_costs = costs["csserv"]
    wall = statistics.median(one.wall for one in own_costs)
    return Row(case, cpu, wall, max(one.memory for one in own_costs), differs)


def table(rows: Sequence[Row]) -> str:
    """Write the rows as Markdown."""
    names = [name for name in PEERS if name != "floor"]
    head = ["layout", "zone", "operation", "years", "CPU [s]", "wall [s]", "memory [MB]", "x floor"]
    head += names
    lines = [" | ".join(head), " | ".join(["---"] * len(head))]
    for row in rows:
        ratio = row.times("floor")
        times = [row.times(name) for name in names]
        lines.append(
            " | ".join(
                [
                    row.case.layout,
                    row.case.zone,
                    row.case.operation,
                    str(row.case.years),
                    f"{row.cpu['csserv']:.3f}",
                    f"{row.wall:.3f}",
                    f"{row.memory:.0f}",
                    "" if ratio is None else f"{ratio:.2f}",
                    *("" if t is None else f"{t:.1f}" for t in times),
                ]
            )
        )
    return "\n".join(f"| {line} |" for line in lines)


def verdicts(rows: Sequence[Row]) -> str:
    """Write each target, what was measured, and whether that meets it."""
    lines = ["| against | where | target | measured | |", "| --- | --- | --- | --- | --- |"]
    for target in TARGETS:
        mine = target.rows(rows)
        if not mine:
            continue
        ratios = sorted(row.times(target.peer) or 0.0 for row in mine)
        sign = "at most" if target.peer == "floor" else "at least"
        seen = f"{ratios[0]:.2f} to {ratios[-1]:.2f}" if len(ratios) > 1 else f"{ratios[0]:.2f}"
        met = sum(target.is_met(row) for row in mine)
        verdict = "met" if met == len(mine) else f"met in {met} of {len(mine)}"
        lines.append(
            f"| {target.peer} | {target.what} | {sign} {target.bound:g} | {seen} | {verdict} |"
        )
    most = max(row.memory for row in rows)
    verdict = "met" if most <= 100 else "missed"
    lines.append(f"| memory | growth of a worker [MB] | at most 100 | {most:.0f} | {verdict} |")
    differs = [
        row.differs for row in rows if not np.isnan(row.differs) and row.case.operation == "mean"
    ]
    if differs:
        lines.append(f"| xvec | means differ by at most | | {max(differs):.1e} | |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write the results page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, default=Path("csserv-bench"))
    parser.add_argument("--quick", action="store_true", help="the country only")
    given = parser.parse_args()
    root = given.archive.absolute()
    root.mkdir(parents=True, exist_ok=True)
    build(root, print)
    started = time.monotonic()
    rows = []
    names = [name for name in PEERS if name != "CDO" or shutil.which("cdo")]
    if "CDO" not in names:
        print("no cdo command here: that column stays empty (`apt install cdo` has it)")
    peers = {name: Peer(PEERS[name], root) for name in names}
    with tempfile.TemporaryDirectory() as home, ours(root, Path(home)) as own:
        for layout in LAYOUTS:  # all processes are warm
            own.answer(Case(layout, "province"))
        for case, asked in questions(given.quick):
            rows.append(ask(case, [name for name in asked if name in peers], own, peers))
            print(table([rows[-1]]).splitlines()[-1], flush=True)
    for peer in peers.values():
        peer.close()
    page = [
        "# How fast the engine is",
        "",
        "Made by `make bench`. CPU seconds, medians of three interleaved runs; csserv on two dask",
        "workers (what takes less than 0.05 s: in the process that asks), weights and result files",
        "included; memory is how much the process grew that grew most. Peers: times our CPU; one",
        "that takes longer than 5 s is asked once. The floor reads and inflates the chunks that a",
        "zone touches and does nothing with them: our CPU is given as times the floor.",
        "",
        "ClimateSERV is its algorithm on the libraries of today, in its own chunks and in those",
        "that its version 2.0 began with; one pass is the same in the chunks of the files. xvec",
        "uses exactextract: the same shares of cells, not weighted by their area on the sphere.",
        "netCDF4 is a slice of whole chunks, reduced with numpy, with weights that csserv made.",
        "",
        machine("h5py", "imagecodecs", "xvec", "exactextract"),
        "",
        "## Targets",
        "",
        verdicts(rows),
        "",
        whole_requests(root, replace(Case(CHUNKS, "country"), years=5)),
        "",
        "## All measurements",
        "",
        table(rows),
        "",
        "## How cost grows",
        "",
        draw_growth(root, RESULTS.parent),
        "",
    ]
    put_part(RESULTS, "\n".join(page))
    print("\n".join(page))
    print(f"measured in {time.monotonic() - started:.0f} s; written to {RESULTS}")


if __name__ == "__main__":
    main()
