"""A file of time sums: of each cell the sum of a month's values, and how many are missing.

The file is derived: it may be removed at any time, and is trusted only where its keys are those of
the data files as they are now. HDF5's latest format guards all but the numbers with checksums, and
zlib guards these; without, one flipped bit would hide a chunk, which then looks like one of zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.hdf5.chunks import ChunkIndex, Storage, index_chunks
from csserv.catalog.read.source import Source
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError

#: of what is written, and of how it is computed: files of another form are made anew
FORM = 1

#: bytes of a key
KEY = 16

#: names of the variables: sum of the valid values; number of the steps without one; days of those
#: that have one, where steps are not days
TOTAL, LOST, DAYS = "total", "missing_steps", "valid_days"

#: how each is stored
PACKINGS = {
    TOTAL: Packing("<f8"),
    LOST: Packing("<u4", fill=0.0),
    DAYS: Packing("<f8"),
}


@dataclass(frozen=True, eq=False)
class SumsFile:
    """What a file of sums says of itself.

    Attributes
    ----------
    keys : of each of its steps, what the sums hang on
    shape : steps, rows, columns; rows and columns run as in the files of the data
    variables : name → how it is stored, and where its chunks lie
    """

    path: Path
    signature: Signature
    keys: tuple[bytes, ...]
    shape: tuple[int, int, int]
    variables: tuple[tuple[str, Storage, ChunkIndex], ...]

    @staticmethod
    def read(path: Path) -> SumsFile:
        """Read it, unless it is known as it is now.

        Raises
        ------
        GranuleError : it is none, is damaged, or is of another form
        OSError : it cannot be read
        """
        return _read(path, Signature.of_path(path))

    def sources(self) -> tuple[Source, ...]:
        """Return how to read each variable."""
        steps, rows, columns = self.shape
        return tuple(
            Source(
                path=self.path,
                variable=name,
                signature=self.signature,
                steps=range(steps),
                pick=(),
                layout=Layout((0, 1, 2), rows, columns, False, False, storage, PACKINGS[name]),
                index=index,
            )
            for name, storage, index in self.variables
        )


@lru_cache(maxsize=4096)  # of 40 years of a few dozen datasets
def _read(path: Path, signature: Signature) -> SumsFile:
    name = path.name
    try:
        with h5py.File(path) as file:
            if file.attrs.get("form") != FORM:
                raise GranuleError(f"{name} is no file of time sums of this version")
            keys = np.asarray(file["key"], np.uint8)
            shape = file[TOTAL].shape
            names = [one for one in PACKINGS if one in file]
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        raise GranuleError(f"cannot read {name}: {error}") from None
    variables = []
    for one in names:
        found = index_chunks(path, one)
        if found is None or (one != LOST and not found[1].places[1].all()):
            raise GranuleError(f"cannot read {name}: chunks of {one} are missing")
        variables.append((one, *found))
    whole = keys.tobytes()
    cut = tuple(whole[i : i + KEY] for i in range(0, len(whole), KEY))
    if len(cut) != shape[0] or TOTAL not in names or LOST not in names:
        raise GranuleError(f"cannot read {name}: it is not whole")
    return SumsFile(path, signature, cut, shape, tuple(variables))


@dataclass(frozen=True, eq=False)
class MonthSums:
    """Some steps of a file of sums, for a block: which of its longer steps each is a part of.

    Attributes
    ----------
    variables : how to read each, of the part of the file that the block needs
    places : (k,) indices of the steps in the file, rising
    numbers : (k,) of the longer step of the block that each belongs to
    months : (k,) of the calendar month that each is
    steps : (k,) how many steps of the data each is made of
    """

    variables: tuple[Source, ...]
    places: NDArray[np.int64]
    numbers: NDArray[np.int64]
    months: NDArray[np.int64]
    steps: NDArray[np.int64]

    @property
    def path(self) -> Path:
        """The file."""
        return self.variables[0].path


def known_sums(paths: Sequence[Path]) -> dict[bytes, tuple[SumsFile, int]]:
    """Return what sums there are: by key, the file and the place in it.

    A file that cannot be read counts as not there.
    """
    found: dict[bytes, tuple[SumsFile, int]] = {}
    for path in paths:
        try:
            file = SumsFile.read(path)
        except (GranuleError, OSError):
            continue
        found |= {key: (file, place) for place, key in enumerate(file.keys)}
    return found
