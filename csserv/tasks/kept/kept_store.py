"""The folder of kept numbers, by engine version and kind; of limited size, removable any time."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from csserv.tasks.kept.engine_version import engine_version
from csserv.tasks.kept.family import Family
from csserv.tasks.kept.volume import read_about

logger = logging.getLogger(__name__)

#: name of the folder in the home
FOLDER = "kept"

#: share of the limit to which files are removed once it is exceeded
ROOM = 0.9


@dataclass(frozen=True)
class KeptFile:
    """A file of kept numbers, and of what it is."""

    path: Path
    bytes: int
    used: float  #: when it was written or read last [s since 1970]
    about: Mapping[str, Any]

    @property
    def is_of_this_engine(self) -> bool:
        """Whether this version of csserv, on this machine, can use it."""
        return self.path.parent.parent.name == engine_version()


class KeptStore:
    """Kept numbers, by what they are of.

    Parameters
    ----------
    folder : need not exist
    most : largest size of all files [bytes]
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self.most = folder, most
        self._families: dict[str, Family] = {}
        self._one_thread = threading.Lock()

    def family(self, about: Mapping[str, Any]) -> Family:
        """Return the numbers of one kind.

        Parameters
        ----------
        about : all that they hang on beside zones and steps, as plain values
        """
        said = orjson.dumps(dict(about), option=orjson.OPT_SORT_KEYS)
        name = blake2b(said, digest_size=16).hexdigest()
        with self._one_thread:
            if name not in self._families:
                place = self.folder / engine_version() / name
                self._families[name] = Family(place, dict(about))
            return self._families[name]

    def files(self) -> Iterator[KeptFile]:
        """Yield all files, of other versions too."""
        for path in sorted(self.folder.glob("*/*/*.kept")):
            with suppress(OSError):
                found = path.stat()
                yield KeptFile(path, found.st_size, found.st_mtime, read_about(path))

    def make_room(self) -> None:
        """Remove the files that were not used for longest, where all are larger than the limit."""
        sizes = {}
        for path in self.folder.glob("*/*/*.kept"):
            with suppress(FileNotFoundError):
                found = path.stat()
                sizes[path] = (found.st_mtime, found.st_size)
        size = sum(one for _, one in sizes.values())
        if size <= self.most:
            return
        for path, (_, one) in sorted(sizes.items(), key=lambda pair: pair[1]):
            path.unlink(missing_ok=True)
            size -= one
            logger.info("kept numbers: removed %s, to make room", path.name)
            if size <= ROOM * self.most:
                return

    def clear(self, dataset: str = "") -> int:
        """Remove what is kept, perhaps of one dataset only; return how much [bytes]."""
        mine = [one for one in self.files() if not dataset or one.about.get("dataset") == dataset]
        for one in mine:
            one.path.unlink(missing_ok=True)
        if not dataset:
            gone = self.folder.with_name(f".{FOLDER}-{uuid4().hex}")
            with suppress(OSError):
                self.folder.rename(gone)
                shutil.rmtree(gone, ignore_errors=True)
        return sum(one.bytes for one in mine)
