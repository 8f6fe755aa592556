"""What a call needs to use kept numbers, and to keep those that it computes."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.request import Area
from csserv.tasks.kept.engine_version import engine_version
from csserv.tasks.kept.family import Family
from csserv.tasks.kept.kept_reading import Kept
from csserv.tasks.kept.kept_store import KeptStore
from csserv.tasks.kept.kernels import Kernel, kernels
from csserv.tasks.kept.step_runs import OF_ZONE
from csserv.tasks.kept.volume import KEY, keys_of
from csserv.zonal.operations import Operation
from csserv.zonal.statistics import Arrays
from csserv.zonal.weights import Weights, ZoneSums

logger = logging.getLogger(__name__)

#: a step that must not be kept has a key of such bytes
NOT_KEPT = 0

#: one answer takes at most this share of the store: it would push all others out
LARGEST_SHARE = 0.25


@dataclass(frozen=True)
class Keeping:
    """Which kept numbers a request may use.

    Attributes
    ----------
    folder, most : of the store, see :class:`KeptStore`
    engine : version that the steps were looked up for
    about : all that numbers hang on beside zone, step and statistic
    zones : keys of all zones, one after the other
    """

    folder: Path
    most: int
    engine: str
    about: Mapping[str, Any]
    zones: bytes

    @classmethod
    def of(
        cls, store: KeptStore, about: Mapping[str, Any], area: Area, wanted: Sequence[Operation]
    ) -> Keeping | None:
        """Choose what a request may use; None where nothing of its operations is kept."""
        if not store.most or not kernels(wanted):
            return None
        return cls(store.folder, store.most, engine_version(), about, zone_keys(area))

    def known(self, steps: bytes, wanted: Sequence[Operation]) -> NDArray[np.bool_]:
        """Tell which steps are kept, of all zones and for all operations."""
        zones = keys_of(self.zones)
        every = np.ones(len(steps) // KEY, bool)
        for _, family in self._families(wanted):
            every &= family.known(zones, steps)
        return every

    def recall(self, steps: bytes, wanted: Sequence[Operation]) -> Recalled | None:
        """Return kept numbers; None where some are not there, or no longer."""
        zones = keys_of(self.zones)
        arrays: Arrays = {}
        found: list[Kept] = []
        for kernel, family in self._families(wanted):
            kept = family.read(zones, steps)
            if kept is None:
                logger.warning("kept numbers are gone or damaged; they are computed again")
                return None
            found.append(kept)
            arrays |= kernel.named(kept.arrays)
        of_zone = dict(zip(OF_ZONE, found[0].of_zone.T, strict=True))
        on_grid = of_zone.pop("on_grid")
        first = min(one.computed[0] for one in found)
        last = max(one.computed[1] for one in found)
        return Recalled(arrays, ZoneSums(of_zone, on_grid), (first, last))

    def keep(
        self,
        steps: bytes,
        arrays: Arrays,
        weights: Weights | ZoneSums,
        wanted: Sequence[Operation],
    ) -> None:
        """Keep what was computed, in the units of the data; whatever fails, the task goes on."""
        keys = np.frombuffer(steps, np.uint8).reshape(-1, KEY)
        places = np.flatnonzero(keys.any(axis=1))
        size = len(places) * len(self.zones) // KEY * 8
        if self.engine != engine_version() or size > LARGEST_SHARE * self.most or not len(places):
            return
        columns = [*(weights.totals[name] for name in OF_ZONE[:-1]), weights.on_grid]
        of_zone = np.stack(columns, axis=1)
        mine, kept = {name: one[places] for name, one in arrays.items()}, keys[places].tobytes()
        try:
            for kernel, family in self._families(wanted):
                chosen = kernel.chosen(mine)
                family.write(keys_of(self.zones), of_zone, kept, chosen)
            self._store.make_room()
        except OSError as error:
            logger.warning("numbers of %s were not kept: %s", self.about.get("dataset"), error)

    @property
    def _store(self) -> KeptStore:
        return opened_store(self.folder, self.most)

    def _families(self, wanted: Sequence[Operation]) -> list[tuple[Kernel, Family]]:
        about, store = dict(self.about), self._store
        return [(one, store.family(about | {"statistic": one.name})) for one in kernels(wanted)]


@dataclass(frozen=True, eq=False)
class Recalled:
    """Numbers that were computed before, as :func:`csserv.zonal.zone_values.join_parts` gives them.

    Attributes
    ----------
    computed : when the first and the last of them was, UTC, as ISO 8601
    """

    arrays: Arrays
    zones: ZoneSums
    computed: tuple[str, str]


@lru_cache(maxsize=4)  # what is in its files is read once a process
def opened_store(folder: Path, most: int) -> KeptStore:
    """Return the store of a folder."""
    return KeptStore(folder, most)


def zone_keys(area: Area) -> bytes:
    """Return what each zone is known by: its shape, whatever it is called."""
    return b"".join(area.shape_hashes)
