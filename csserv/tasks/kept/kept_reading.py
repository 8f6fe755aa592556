"""Reading kept numbers of zones and steps that lie in several runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.tasks.kept.step_runs import OF_ZONE, StepRun, read_rows
from csserv.tasks.kept.volume import DamagedVolumeError
from csserv.zonal.statistics import Arrays


@dataclass(frozen=True, eq=False)
class Kept:
    """Kept numbers of zones at steps.

    Attributes
    ----------
    arrays : (steps, zones) each
    of_zone : (zones, 4), see ``OF_ZONE``
    computed : when the first and the last of them was
    """

    arrays: Arrays
    of_zone: Floats
    computed: tuple[str, str]


@dataclass(frozen=True, eq=False)
class Part:
    """What is to be read of a run, of zones at some places.

    Attributes
    ----------
    to, source : (n,) steps asked for, and which of the run each is
    """

    run: StepRun
    to: NDArray[np.int64]
    source: NDArray[np.int64]
    places: list[int]


class Reading:
    """Collects numbers of zones at steps."""

    def __init__(self, steps: int, zones: Sequence[bytes]) -> None:
        self._steps, self._zones = steps, zones
        self._arrays: Arrays = {}
        self._of_zone = np.zeros((len(zones), len(OF_ZONE)))
        self._computed: set[str] = set()

    def add(self, part: Part | None) -> bool:
        """Read a part; False where it is not there, or damaged: then its file is removed."""
        if part is None:
            return False
        try:
            self._read(part)
        except DamagedVolumeError:
            part.run.path.unlink(missing_ok=True)
            return False
        except OSError:
            return False
        return True

    def kept(self) -> Kept:
        """Return what was collected."""
        return Kept(self._arrays, self._of_zone, (min(self._computed), max(self._computed)))

    def _read(self, part: Part) -> None:
        run, zones = part.run, [self._zones[n] for n in part.places]
        columns = np.array([run.zones.column[zone] for zone in zones])
        numbers = run.layout.read(read_rows(run, columns), zones)
        where = part.to[:, None], np.array(part.places)[None]
        for name, array in numbers.items():
            if name not in self._arrays:
                self._arrays[name] = np.empty((self._steps, len(self._zones)))
            own = array[:, part.source] if run.layout.arrays[name] else array
            self._arrays[name][where] = own.T
        self._of_zone[part.places] = run.zones.of_each[columns]
        self._computed.add(run.computed)
