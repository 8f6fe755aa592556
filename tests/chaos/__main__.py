"""``python -m tests.chaos``: many tasks, many who spoil them, a table.

A scheduler, two workers, two runners and two submitters run under a supervisor; at random moments
one of them is killed or stopped, a worker joins that is no good, a file is damaged or does not
answer, the disk is full or loses its power. Then everything acknowledged must have ended once,
whole, and each failure must say why.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from tests.chaos.adversaries import ADVERSARIES
from tests.chaos.disk import Disk
from tests.chaos.storm import Storm

SAMPLE = SampleSpec(west=33, south=-6, east=43, north=6, cell=0.05, years=(2019,), forecast_days=5)


def main() -> int:
    given = _words().parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as held:
        place = given.keep or Path(folder)
        place.mkdir(exist_ok=True)
        disk = held.enter_context(_disk(place))
        build_sample_archive(place / "data", spec=SAMPLE)
        home = disk.folder / "home" if disk else place / "home"
        names = given.only or [n for n, one in ADVERSARIES.items() if disk or not one.needs_disk]
        chosen = {name: ADVERSARIES[name] for name in names}
        storm = Storm(
            home, place / "data", given.tasks, given.strikes, given.seed, chosen, given.pace, disk
        )
        storm.say = _say
        found = storm.run()
    print(f"seed {given.seed}\n{found}")
    return 1 if any(found.breaches.values()) else 0


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--tasks", type=int, default=500)
    words.add_argument("--strikes", type=int, default=80)
    words.add_argument("--pace", type=float, default=3.0, help="mean time between strikes [s]")
    words.add_argument("--seed", type=int, default=random.randrange(10**6))
    words.add_argument("--keep", type=Path, help="a folder to work in, and to leave")
    words.add_argument("--only", action="append", choices=ADVERSARIES, help="who strikes")
    return words


@contextlib.contextmanager
def _disk(place: Path) -> Iterator[Disk | None]:
    """Give the home a disk of its own where that can be."""
    if why := Disk.why_not():
        _say(f"no full disks and no power cuts here: {why}")
        yield None
        return
    disk = Disk(place / "disk.img", place / "disk")
    try:
        yield disk
    finally:
        disk.unmount()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
