"""Where the time sums of datasets lie: in a hidden folder beside the data."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from csserv.tasks.sums.sum_kinds import KINDS

#: name of the folder, in the folder of the data
FOLDER = ".sums"


@dataclass(frozen=True)
class SumsFolder:
    """The sums of one kind of step of a dataset, a file a year.

    Attributes
    ----------
    data : folder of the data
    kind : a key of ``sum_kinds.KINDS``
    """

    data: Path
    dataset: str
    kind: str

    @property
    def path(self) -> Path:
        """The folder, of all kinds."""
        return self.data / FOLDER / self.dataset

    def of_year(self, year: int) -> Path:
        """Path of the file of a year."""
        return self.path / f"{self.kind}.{year:04}.h5"

    def files(self) -> list[Path]:
        """Return the paths of the files that there are, in time order."""
        return sorted(self._named())

    def size(self) -> int:
        """Return how large these are together [bytes]."""
        found = 0
        for path in self._named():
            with suppress(FileNotFoundError):  # removed just now
                found += path.stat().st_size
        return found

    def _named(self) -> Iterator[Path]:
        pattern = re.compile(rf"{self.kind}\.\d{{4,}}\.h5")
        try:
            yield from (one for one in self.path.iterdir() if pattern.fullmatch(one.name))
        except OSError:  # not there, or not to be read
            return


def sums_there(data: Path) -> list[SumsFolder]:
    """Return the folders of all datasets and kinds that hold some."""
    datasets = sorted(one.name for one in (data / FOLDER).glob("*") if one.is_dir())
    every = (SumsFolder(data, dataset, kind) for dataset in datasets for kind in KINDS)
    return [one for one in every if one.files()]


def sums_bytes(data: Path) -> dict[str, int]:
    """Return how much the time sums of each dataset take [bytes]."""
    found: dict[str, int] = defaultdict(int)
    for one in sums_there(data):
        found[one.dataset] += one.size()
    return dict(found)
