"""What the headers of many small files cost: a first look beside netCDF4, a request of known ones.

``python -m benchmarks.headers`` makes the files, starts each measurement in a process of its own,
in turns, and prints medians of CPU time [s].
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path

import netCDF4
import numpy as np

VARIABLE = "rain"
TABLE = f"""
[daily]
title = "Daily"
variable = "{VARIABLE}"
files = "daily/*.nc"
units = "mm/day"
"""

#: each prints the CPU time of what it does, without what it imports [s]
MEASURED = {
    "netCDF4: open, read time": """
import netCDF4
def run(data):
    for path in sorted((data / "daily").glob("*.nc")):
        with netCDF4.Dataset(path) as file:
            file["time"][:]
""",
    "csserv: first look": """
from csserv.catalog import Catalog
def run(data):
    assert Catalog.read(data)["daily"].timeline()
""",
    "csserv: first look, kept": """
import tempfile
from csserv.catalog import Catalog
def run(data):
    with tempfile.TemporaryDirectory(dir=data) as cache:
        assert Catalog.read(data, cache=pathlib.Path(cache))["daily"].timeline()
""",
    "csserv: request of known files": """
from csserv.catalog import Catalog
from csserv.request import Area, Period, Request
from csserv.tasks.plan.checked_request import CheckedRequest
from csserv.zonal.operations import operation
area = Area.from_box(34, -1, 38, 3)
def run(data):
    entry = Catalog.read(data, cache=data / "cache")["daily"]
    request = Request("daily", "mean", area, Period.parse("1981-01-01/2021-12-31"))
    assert CheckedRequest.of(request, entry, (operation("mean"),)).plan().blocks
""",
}

HARNESS = """
import pathlib, sys, time
{script}
start = time.process_time()
run(pathlib.Path(sys.argv[1]))
print(time.process_time() - start)
"""


def write_archive(data: Path, count: int) -> None:
    """Write files of a day each: a grid of 120 x 120 cells, packed."""
    (data / "daily").mkdir(parents=True)
    (data / "datasets.toml").write_text(TABLE)
    values = np.random.default_rng(1).integers(0, 500, (1, 120, 120)).astype("i2")
    for day in range(count):
        with netCDF4.Dataset(data / "daily" / f"rain_{day:06}.nc", "w") as file:
            for name, numbers, units in (
                ("time", np.array([day]), "days since 1981-01-01"),
                ("lat", np.arange(5.95, -6, -0.1), "degrees_north"),
                ("lon", np.arange(33.05, 45, 0.1), "degrees_east"),
            ):
                file.createDimension(name, len(numbers))
                file.createVariable(name, "f8", (name,)).units = units
                file[name][:] = numbers
            rain = file.createVariable(
                VARIABLE, "i2", ("time", "lat", "lon"), zlib=True, fill_value=-9999
            )
            rain.setncatts({"units": "mm/day", "scale_factor": 0.1, "long_name": "rainfall"})
            rain.set_auto_maskandscale(False)
            rain[:] = values


def measure(name: str, data: Path) -> float:
    """Measure in a new process [s]."""
    script = HARNESS.format(script=MEASURED[name])
    words = [sys.executable, "-c", script, str(data)]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Print a table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=15_000)
    parser.add_argument("--first", type=int, default=1000, help="files of a first look")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        write_archive(few, given.first)
        write_archive(many, given.files)
        time.sleep(3)  # files that have just changed are not kept
        peer, *first, known = MEASURED
        measure(known, many)  # makes what is kept
        found: dict[str, list[float]] = defaultdict(list)
        for _ in range(given.rounds):
            for name in (peer, *first):
                found[name].append(measure(name, few))
            found[known].append(measure(known, many))
    base = statistics.median(found[peer])
    print("| what | files | CPU [s] | x netCDF4 |\n| --- | --- | --- | --- |")
    for name, each in found.items():
        cost, count = statistics.median(each), given.files if name == known else given.first
        ratio = cost / count / (base / given.first)
        print(f"| {name} | {count:,} | {cost:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
