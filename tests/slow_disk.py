"""Files that each take a while to open, as on a slow disk: work lasts, and costs no CPU.

What is tested meanwhile (kills, stops, a clock that is set) needs tasks that last; were they to
compute, each such test would take all the machine.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from csserv import Area
from csserv.catalog.catalog import TABLE
from csserv.catalog.toml_table import put_rows
from tests.files import LAT, LON, Layout, write_granule

#: each opening of a file takes so long [s]
PAUSE = 1.0

#: keeps leases on files (fcntl(2)): who opens one waits until it is given up, which is after the
#: pause; it is taken again once nobody has the file open
HOLD = """
import fcntl, select, signal, sys, time

signal.signal(signal.SIGIO, lambda *_: None)  # the sign that somebody waits; it ends the sleep
pause, files = float(sys.argv[1]), [open(name, "r+b") for name in sys.argv[2:]]
held, since = set(), {}

def look(file):
    if file not in held:
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            held.add(file)
        except BlockingIOError:  # somebody has it open
            pass
    elif fcntl.fcntl(file, fcntl.F_GETLEASE) != fcntl.F_WRLCK:  # somebody waits
        if time.monotonic() - since.setdefault(file, time.monotonic()) >= pause:
            del since[file]
            held.remove(file)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)

print("held", flush=True)
while not select.select([0], [], [], 0.02)[0]:
    for file in files:
        look(file)
"""

ROW = {
    "title": "Rain on a slow disk",
    "variable": "rain",
    "files": "slow/*.nc",
    "units": "mm/day",
}

#: twelve blocks, each of whose files is opened twice: twelve seconds on two workers
LONG = ("slow", "mean", Area.from_box(33.5, -5, 38.5, 5), "2019")


def write_slow(data: Path) -> None:
    """Write a year of months, each day with values of its own, and their row of the table.

    Neighbours have chunks of two shapes, so that each is a block of its own, small as they are.
    """
    cells = np.add.outer(LAT / 100, LON / 1000)
    for month in pd.period_range("2019-01", "2019-12", freq="M"):
        days = month.start_time.day_of_year - 1 + np.arange(month.days_in_month)
        values = (days + 1.0)[:, None, None] + cells
        chunks = (len(days), len(LAT) // (1 + month.month % 2), len(LON))
        layout = Layout(storage={"chunksizes": chunks, "zlib": True, "complevel": 1})
        path = data / "slow" / f"rain_{month:%Y%m}.nc"
        write_granule(path, values, LAT, LON, layout, days)
    put_rows(data / TABLE, {"slow": ROW})


class SlowDisk:
    """Each opening of one of these files takes a while, until the disk is quick again."""

    def __init__(self, data: Path) -> None:
        names = map(str, sorted((data / "slow").glob("*.nc")))
        self._holder = subprocess.Popen(
            [sys.executable, "-S", "-c", HOLD, str(PAUSE), *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout
        assert self._holder.stdout.readline() == b"held\n"

    def end(self) -> None:
        """Let files be opened at once."""
        assert self._holder.stdin
        assert self._holder.stdout
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()
