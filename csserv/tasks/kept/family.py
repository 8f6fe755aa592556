"""The kept numbers of one kind: which zones and steps there are, in the files of a folder."""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.tasks.kept.kept_reading import Kept, Part, Reading
from csserv.tasks.kept.step_runs import OF_ZONE, Places, StepRun, ZoneSet, key_array
from csserv.tasks.kept.volume import (
    ABOUT,
    KEY,
    MAGIC,
    STEPS,
    ZONES,
    Record,
    RowLayout,
    keys_of,
    opened,
    read_records,
    write_record,
)
from csserv.tasks.log.lock import FileLock
from csserv.zonal.statistics import Arrays

#: a file that has grown beyond this gets a successor [bytes]
LARGE = 64 * 2**20

#: steps of which it is known where they are, of the sets of zones that were asked for last: 30 MB
STEPS_KNOWN = 200_000

#: longest time that is waited for another writer [s]
PATIENCE = 10.0


@dataclass(eq=False)
class _Volume:
    """How much is known of a file."""

    inode: int
    end: int = 0
    sets: list[ZoneSet] = field(default_factory=list)  #: by number, as its records name them


class Family:
    """The files of one kind of numbers; what is in them is read once, and then what is added.

    Parameters
    ----------
    about : what kind it is, for who looks at the files
    """

    def __init__(self, folder: Path, about: dict[str, Any]) -> None:
        self.folder = folder
        self._about = about
        self._volumes: dict[Path, _Volume] = {}
        self._sets: dict[bytes, ZoneSet] = {}
        self._sets_of: dict[bytes, list[ZoneSet]] = {}  #: by zone
        #: of the sets that were asked for last: where each step is
        self._places: OrderedDict[int, Places] = OrderedDict()
        self._one_thread = threading.RLock()  #: a runner plans several tasks at once

    def known(self, zones: Sequence[bytes], steps: bytes) -> NDArray[np.bool_]:
        """Tell which steps are kept of all zones.

        Parameters
        ----------
        steps : their keys, one after the other; so in all that follows
        """
        every = np.ones(len(steps) // KEY, bool)
        with self._one_thread:
            self._look()
            for group in self._groups(zones):
                every &= np.any([found >= 0 for _, found in self._found(group, steps)], axis=0)
        return every

    def read(self, zones: Sequence[bytes], steps: bytes) -> Kept | None:
        """Return kept numbers; None where some are not there, or no longer.

        A file with a damaged number is removed: all in it can be computed again.
        """
        found = Reading(len(steps) // KEY, zones)
        with self._one_thread:
            self._look()
            return found.kept() if all(map(found.add, self._parts(zones, steps))) else None

    def write(
        self, zones: Sequence[bytes], of_zone: Floats, steps: bytes, arrays: Arrays
    ) -> Path | None:
        """Keep numbers that are not kept yet; return the file that they are in.

        Parameters
        ----------
        of_zone : (zones, 4), see ``OF_ZONE``
        arrays : (steps, zones) each

        Raises
        ------
        OSError : the disk is full, say; nothing is kept, and nothing is spoilt
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._one_thread, _lock(self.folder / "lock") as is_mine:
            if not is_mine:
                return None
            self._look()
            name = _set_name(zones)
            keys = key_array(steps)
            known = self._places_of(self._sets[name]) if name in self._sets else Places.of([])
            new = known.find(steps) < 0
            if not new.any():
                return None
            mine = {array: numbers[new] for array, numbers in arrays.items()}
            return self._append(zones, of_zone, keys[new].tobytes(), mine)

    def _append(
        self, zones: Sequence[bytes], of_zone: Floats, steps: bytes, arrays: Arrays
    ) -> Path:
        path, volume = self._last_volume()
        sets = [_set_name(one.zones) for one in volume.sets] if volume else []
        name = _set_name(zones)
        raw = b"" if volume and volume.end else MAGIC + write_record(ABOUT, self._about)
        if name not in sets:
            sets.append(name)
            numbers = b"".join(zones) + np.ascontiguousarray(of_zone, "<f8").tobytes()
            raw += write_record(ZONES, {"zones": len(zones), "crc": zlib.crc32(numbers)}, numbers)
        layout = RowLayout.of(arrays)
        header = {
            "zones": sets.index(name),
            "steps": layout.steps,
            "arrays": layout.arrays,
            "computed": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "crc": zlib.crc32(steps),
        }
        raw += write_record(STEPS, header, steps + layout.rows(arrays, zones))
        _write_at(path, volume.end if volume else 0, raw)
        return path

    def _last_volume(self) -> tuple[Path, _Volume | None]:
        """Return the file to write to, and what is known of it; None for a new one."""
        if self._volumes:
            path = max(self._volumes)
            if self._volumes[path].end < LARGE:
                return path, self._volumes[path]
            return path.with_name(f"{int(path.stem) + 1:04}.kept"), None
        return self.folder / "0000.kept", None

    def _look(self) -> None:
        """Read what is new in the files; forget those that are gone."""
        there: dict[Path, os.stat_result] = {}
        for path in sorted(self.folder.glob("*.kept")):
            with suppress(OSError):
                there[path] = path.stat()
        lost = [
            path
            for path, volume in self._volumes.items()
            if path not in there
            or there[path].st_ino != volume.inode
            or there[path].st_size < volume.end
        ]
        if lost:  # seldom, and all is read anew quickly
            for one in (self._volumes, self._sets, self._sets_of, self._places):
                one.clear()
        for path, found in there.items():
            volume = self._volumes.setdefault(path, _Volume(found.st_ino))
            if found.st_size > volume.end:
                with suppress(OSError):  # gone, or somebody else's: then nothing of it is known
                    self._take_in(path, volume, found.st_size)

    def _take_in(self, path: Path, volume: _Volume, size: int) -> None:
        with opened(path) as file:
            for record in read_records(file, volume.end, size):
                if record.kind == ZONES:
                    if not self._take_zones(file, volume, record):
                        return
                elif record.kind == STEPS:
                    self._take_steps(path, volume, record)
                volume.end = record.end

    def _take_zones(self, file: int, volume: _Volume, record: Record) -> bool:
        raw = os.pread(file, record.end - record.start, record.start)
        if zlib.crc32(raw) != record.header["crc"]:
            return False
        split = record.header["zones"] * KEY
        zones = keys_of(raw[:split])
        of_each = np.frombuffer(raw[split:], "<f8").reshape(len(zones), len(OF_ZONE))
        name = _set_name(zones)
        if name not in self._sets:
            new = ZoneSet(zones, of_each, {zone: n for n, zone in enumerate(zones)})
            self._sets[name] = new
            for zone in new.column:
                self._sets_of.setdefault(zone, []).append(new)
        volume.sets.append(self._sets[name])
        return True

    def _take_steps(self, path: Path, volume: _Volume, record: Record) -> None:
        header = record.header
        zones = volume.sets[header["zones"]]
        layout = RowLayout(header["steps"], header["arrays"])
        keys, crc, computed = record.start, header["crc"], header["computed"]
        zones.runs.append(StepRun(path, keys, crc, layout, zones, computed))
        self._places.pop(id(zones), None)

    def _places_of(self, zones: ZoneSet) -> Places:
        """Return where each step of a set is; known of the latest sets only: there may be many."""
        found = self._places.pop(id(zones), None)
        if found is None:
            found = Places.of(zones.runs)
        self._places[id(zones)] = found
        while len(self._places) > 1 and sum(map(len, self._places.values())) > STEPS_KNOWN:
            self._places.popitem(last=False)
        return found

    def _groups(self, zones: Sequence[bytes]) -> Iterator[_Group]:
        """Yield zones that are in the same sets together."""
        found: dict[tuple[int, ...], _Group] = {}
        for place, zone in enumerate(zones):
            mine = self._sets_of.get(zone, [])
            group = found.setdefault(tuple(map(id, mine)), _Group(mine, []))
            group.places.append(place)
        yield from found.values()

    def _found(self, group: _Group, steps: bytes) -> list[tuple[Places, NDArray[np.int64]]]:
        """Return of each set of a group of zones where it has each step; of none, no step."""
        every = [self._places_of(one) for one in group.sets] or [Places.of([])]
        return [(one, one.find(steps)) for one in every]

    def _parts(self, zones: Sequence[bytes], steps: bytes) -> Iterator[Part | None]:
        """Yield what is to be read of each run; None where a step is not kept."""
        for group in self._groups(zones):
            left = np.ones(len(steps) // KEY, bool)
            for places, found in self._found(group, steps):
                to = np.flatnonzero(left & (found >= 0))
                left[to] = False
                source = found[to]
                runs = places.run[source]
                for number in np.flatnonzero(np.bincount(runs)).tolist():
                    mine = runs == number
                    run = places.runs[number]
                    yield Part(run, to[mine], places.place[source[mine]], group.places)
            if left.any():
                yield None
                return


@dataclass(frozen=True, eq=False)
class _Group:
    """Zones that were computed in the same sets, by their places among those asked for."""

    sets: list[ZoneSet]
    places: list[int]


def _write_at(path: Path, end: int, raw: bytes) -> None:
    """Write at the end of the chain of a file; what was cut there is overwritten."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(file, end)
        try:
            if os.pwrite(file, raw, end) != len(raw):
                raise OSError(f"{path.name} could be written in part only")
        except OSError:
            os.ftruncate(file, end)
            raise
    finally:
        os.close(file)


def _set_name(zones: Sequence[bytes]) -> bytes:
    return blake2b(b"".join(zones), digest_size=KEY).digest()


@contextmanager
def _lock(path: Path) -> Iterator[bool]:
    lock = FileLock(path)
    try:
        yield lock.acquire_within(PATIENCE)
    finally:
        lock.close()
