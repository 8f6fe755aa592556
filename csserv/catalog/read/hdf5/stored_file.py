"""What an HDF5 file says, as bytes to compare: these take a fraction of the time of a full reading.

All goes through h5py's low level, as its own files and datasets take three times as long to make.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Hashable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from h5py import h5, h5a, h5d, h5f, h5g, h5o, h5p, h5s, h5t
from numpy.typing import NDArray

#: attributes by which netCDF-4 numbers the dimension that a variable is of, and those it runs along
OWN, ALONG = b"_Netcdf4Dimid", b"_Netcdf4Coordinates"

#: attributes whose values do not count: HDF5's own for what these two number, and what sums up
#: the values of one file, of which nothing is read
UNREAD = (b"CLASS", b"DIMENSION_LIST", b"REFERENCE_LIST", b"actual_range")

#: attribute that is longer where a dimension has no variable
NAME = b"NAME"

#: types of numbers and texts that are stored as they are, without references
PLAIN = (h5t.INTEGER, h5t.FLOAT, h5t.STRING, h5t.ENUM)


class UnlikeError(Exception):
    """A file holds what cannot be compared."""


@contextmanager
def open_stored(path: Path) -> Iterator[StoredFile]:
    """Open an HDF5 file for reading; OSError where it is none."""
    with closing(h5f.open(os.fsencode(path), h5f.ACC_RDONLY, _closing_all())) as file:
        yield StoredFile(file)


class StoredFile:
    """An open file; each of its variables is opened once, which takes as long as reading it."""

    def __init__(self, file: h5f.FileID) -> None:
        self._file = file
        self._known: dict[str, h5d.DatasetID | None] = {}

    def find(self, path: str) -> h5d.DatasetID | None:
        """Find a variable; its path is its name after those of its groups."""
        if path not in self._known:
            try:
                found = h5o.open(self._file, path.encode())
            except KeyError:
                found = None
            self._known[path] = found if isinstance(found, h5d.DatasetID) else None
        return self._known[path]

    def dataset(self, path: str) -> h5d.DatasetID:
        """Return a variable.

        Raises
        ------
        UnlikeError : there is none of that name
        """
        found = self.find(path)
        if found is None:
            raise UnlikeError
        return found

    def values(self, path: str) -> NDArray[Any]:
        """Read all values of a variable as they are stored.

        Raises
        ------
        UnlikeError : there is none of that name, or it holds no plain numbers or texts
        """
        data = self.dataset(path)
        kind = data.get_type()
        if kind.get_class() not in PLAIN or _is_reference(kind):
            raise UnlikeError
        found = np.empty(data.shape, _dtype_of(kind.encode()))
        if found.size:
            data.read(h5s.ALL, h5s.ALL, found, mtype=kind)
        return found

    def facts(
        self, variable: str, steps: int, values: Collection[str], said: Collection[str]
    ) -> Iterator[Hashable]:
        """Yield what is in the groups around a variable: two files alike yield the same.

        Parameters
        ----------
        steps : length of its dimension of time, which may be another in each file
        values : paths of the variables whose values count
        said : names of the attributes of groups that count

        Raises
        ------
        UnlikeError : an attribute is of a type that cannot be compared
        """
        for path in groups_around(variable):
            group = h5o.open(self._file, path.encode() or b"/")
            names = _names(group)
            yield path, names
            for word in said:
                yield _attribute(group, word.encode()) if h5a.exists(group, word.encode()) else None
            for name in names:
                yield from self._facts_of(f"{path}/{name.decode()}".lstrip("/"), steps, values)

    def _facts_of(self, path: str, steps: int, values: Collection[str]) -> Iterator[Hashable]:
        data = self.find(path)
        if data is None:  # a group, or a type
            yield None
            return
        yield from _dataset_facts(data, steps)
        if path in values:
            yield self.values(path).tobytes()


def groups_around(variable: str) -> Iterator[str]:
    """Yield the paths of the groups of a variable, from its own to the file's root, ``""``."""
    path = variable
    while path:
        path = path.rpartition("/")[0]
        yield path


@lru_cache(maxsize=1)
def _closing_all() -> h5p.PropFAID:
    """Let a file that is closed close what was opened in it."""
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    return access


@lru_cache(maxsize=100)
def _dtype_of(encoded: bytes) -> np.dtype[Any]:
    found: np.dtype[Any] = h5t.decode(encoded).dtype
    return found


def _names(group: h5g.GroupID) -> tuple[bytes, ...]:
    """Return what is in a group, in the order in which it was made, where that was kept."""
    names: list[bytes] = []
    ordered = group.get_create_plist().get_link_creation_order() & h5p.CRT_ORDER_TRACKED
    order = h5.INDEX_CRT_ORDER if ordered else h5.INDEX_NAME
    group.links.iterate(names.append, idx_type=order)
    return tuple(names)


def _dataset_facts(one: h5d.DatasetID, steps: int) -> Iterator[Hashable]:
    yield one.get_type().encode()
    shape = one.shape
    yield tuple("steps" if length == steps else length for length in shape)
    names: list[bytes] = []
    h5a.iterate(one, lambda name, *_: names.append(name))
    is_one = len(shape) < 2 and OWN in names
    if shape and not is_one and ALONG not in names:
        raise UnlikeError  # only references would say along which dimensions it runs
    for name in names:
        if name == NAME:
            yield h5a.open(one, name).get_storage_size()
        elif name in UNREAD or (is_one and name == ALONG):
            yield name
        else:
            yield name, _attribute(one, name)


def _attribute(one: Any, name: bytes) -> Hashable:
    attribute = h5a.open(one, name)
    kind = attribute.get_type()
    if kind.get_class() not in PLAIN:
        raise UnlikeError
    if _is_reference(kind):
        texts = np.empty(attribute.shape, attribute.dtype)
        attribute.read(texts)
        return kind.encode(), repr(texts.tolist())
    stored = np.empty(attribute.get_storage_size(), np.uint8)
    if stored.size:
        attribute.read(stored, mtype=kind)
    return kind.encode(), stored.tobytes()


def _is_reference(kind: h5t.TypeID) -> bool:
    """Whether it is a text that lies elsewhere in the file."""
    return bool(kind.get_class() == h5t.STRING and kind.is_variable_str())
