"""How cost grows with years, cells, zones and workers, as a picture and a table."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.cases import DISTRICTS, Case
from benchmarks.measure import Meter
from benchmarks.ours import Ours, ours

CHUNKS = "(31,256,256)"


def draw_growth(root: Path, folder: Path) -> str:
    """Measure, draw growth.svg, and return the lines of the page."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "csserv"
    from matplotlib import pyplot as plt

    walls = {}
    with tempfile.TemporaryDirectory() as home:
        with ours(root, Path(home), 2) as own:
            own.answer(Case(CHUNKS, "country"))
            years = [(n, _cpu(own, Case(CHUNKS, "country", years=n))) for n in range(1, 6)]
            cells = [(_cells(own, z), _cpu(own, Case(CHUNKS, z))) for z in _SIZES]
            many = [(1, _cpu(own, Case(CHUNKS, "country")))]
            many += [(n, _cpu(own, Case(CHUNKS, f"{n} districts"))) for n in DISTRICTS]
            walls[2] = _wall(own)
        with ours(root, Path(home), 1) as own:
            own.answer(Case(CHUNKS, "country"))
            walls[1] = _wall(own)
    figure, axes = plt.subplots(1, 4, figsize=(14, 3.2), constrained_layout=True)
    for axis, points, label in (
        (axes[0], years, "years of a country"),
        (axes[1], cells, "chunks touched, one year"),
        (axes[2], many, "zones that a country is cut into"),
    ):
        axis.plot(*zip(*points, strict=True), "o-")
        axis.set(xlabel=label, ylabel="CPU [s]", ylim=(0, None), xlim=(0, None))
    axes[3].bar([str(n) for n in sorted(walls)], [walls[n] for n in sorted(walls)])
    axes[3].set(xlabel="workers, large zone, one year", ylabel="wall [s]")
    figure.savefig(folder / "growth.svg", metadata={"Date": None})
    lines = [
        ("years of a country", years),
        ("chunks touched", cells),
        ("zones", many),
        ("workers, large zone (wall)", sorted(walls.items())),
    ]
    rows = [
        f"| {name} | {', '.join(f'{x}: {y:.2f} s' for x, y in points)} |" for name, points in lines
    ]
    return "\n".join(
        ["![CPU by years, chunks and zones](growth.svg)", "", "| | |", "| --- | --- |", *rows]
    )


_SIZES = ("province", "country", "large")


def _cells(own: Ours, zone: str) -> int:
    """How many chunks of a year a zone touches."""
    from benchmarks.peers import weights_of
    from csserv.zonal.tiles import tiles

    case = Case(CHUNKS, zone)
    root = own.catalog[CHUNKS].data
    granule = own.catalog[CHUNKS].granules[0]
    return 12 * tiles(weights_of(case, root), granule.header().layout)[0]


def _cpu(own: Ours, case: Case) -> float:
    meter = Meter([psutil.Process(), *own.workers])
    found = []
    for _ in range(3):
        with meter.running():
            own.answer(case)
        found.append(meter.cost.cpu)
    return statistics.median(found)


def _wall(own: Ours) -> float:
    found = []
    for _ in range(3):
        started = time.perf_counter()
        own.answer(Case(CHUNKS, "large"))
        found.append(time.perf_counter() - started)
    return statistics.median(found)
