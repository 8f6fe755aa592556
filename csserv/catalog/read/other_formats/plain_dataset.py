"""A file of another format, in the words of the netCDF library: groups, variables, attributes.

As much of them as is asked for where files are read: ``netCDF4.Dataset`` and ``netCDF4.Variable``
have the same names, so that axes, times, places and packing are found by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: what the one field of a file is called that does not name it
UNNAMED = "values"

Index: TypeAlias = "tuple[slice, ...]"


@dataclass(eq=False)
class PlainVariable:
    """A variable.

    Attributes
    ----------
    take : reads the stored numbers of a part, one slice a dimension, within its lengths
    chunk : how many are stored together along each dimension
    """

    name: str
    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    attributes: Mapping[str, Any]
    take: Callable[[Index], NDArray[Any]]
    chunk: tuple[int, ...] = ()
    parent: PlainDataset | None = None
    is_decoded: bool = True  #: whether values are given, masked and scaled; else stored numbers

    @classmethod
    def of_values(
        cls, name: str, dimensions: tuple[str, ...], values: NDArray[Any], **attributes: Any
    ) -> Self:
        """Make one of numbers that are in memory."""
        return cls(
            name, dimensions, values.shape, values.dtype, attributes, lambda index: values[index]
        )

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self.shape, dtype=np.int64))

    def ncattrs(self) -> list[str]:
        """Name the attributes."""
        return list(self.attributes)

    def getncattr(self, name: str) -> Any:
        """Return an attribute."""
        return self.attributes[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in (attributes := self.__dict__["attributes"]):
            raise AttributeError(name)
        return attributes[name]

    def group(self) -> PlainDataset:
        """Return the group that it stands in."""
        if self.parent is None:
            raise RuntimeError(f"{self.name} stands in no group")
        return self.parent

    def endian(self) -> str:
        """Say the order of bytes, as numbers that are read have it."""
        return {">": "big", "<": "little"}.get(self.dtype.byteorder, "native")

    def chunking(self) -> list[int] | str:
        """Say how many values are stored together along each dimension."""
        return list(self.chunk) or "contiguous"

    def set_auto_maskandscale(self, decode: bool) -> None:
        """Give values, or stored numbers."""
        self.is_decoded = decode

    def __getitem__(self, index: Any) -> Any:
        each = index if isinstance(index, tuple) else (index,)
        if Ellipsis in each:
            place = each.index(Ellipsis)
            more = (slice(None),) * (self.ndim - len(each) + 1)
            each = each[:place] + more + each[place + 1 :]
        each += (slice(None),) * (self.ndim - len(each))
        pairs = list(zip(each, self.shape, strict=True))
        stored = np.asarray(self.take(tuple(_as_slice(one, length) for one, length in pairs)))
        stored = stored[tuple(slice(None) if isinstance(one, slice) else 0 for one, _ in pairs)]
        return self._decoded(stored) if self.is_decoded else stored

    def _decoded(self, stored: NDArray[Any]) -> Any:
        if stored.dtype.kind not in "iuf":
            return stored
        marks = [self.attributes.get(name) for name in ("_FillValue", "missing_value")]
        missing = np.zeros(stored.shape, bool)
        for mark in (one for one in marks if one is not None):
            missing |= np.isin(stored, mark)
        scale, offset = (self.attributes.get(n) for n in ("scale_factor", "add_offset"))
        if scale is not None or offset is not None:
            plain = 1.0 if scale is None else scale, 0.0 if offset is None else offset
            stored = stored * plain[0] + plain[1]
        return np.ma.masked_array(stored, missing)


@dataclass(eq=False)
class PlainDataset:
    """A file, or a group of one.

    Attributes
    ----------
    any_name : whether its one field has whatever name it is asked for
    """

    attributes: Mapping[str, Any]
    path: str = "/"
    parent: PlainDataset | None = None
    variables: dict[str, PlainVariable] = field(default_factory=dict)
    groups: dict[str, PlainDataset] = field(default_factory=dict)
    any_name: bool = False
    data_model: str = "other"

    def add(self, variable: PlainVariable) -> PlainVariable:
        """Put a variable into it."""
        variable.parent = self
        self.variables[variable.name] = variable
        return variable

    def ncattrs(self) -> list[str]:
        """Name the attributes."""
        return list(self.attributes)

    def getncattr(self, name: str) -> Any:
        """Return an attribute."""
        return self.attributes[name]

    def __getitem__(self, path: str) -> PlainVariable | PlainDataset:
        first, _, rest = path.strip("/").partition("/")
        if rest:
            return self.groups[first][rest]
        found = self.variables.get(first) or self.groups.get(first)
        if found is None and self.any_name:
            fields = [one for one in self.variables.values() if one.ndim >= 2]
            found = fields[0] if len(fields) == 1 else None
        if found is None:
            raise KeyError(path)
        return found


def is_plain(variable: object) -> bool:
    """Whether a variable is of another format than NetCDF."""
    return isinstance(variable, PlainVariable)


def _as_slice(index: int | slice, length: int) -> slice:
    """Turn an index into a slice within a length."""
    if isinstance(index, slice):
        return slice(*index.indices(length))
    place = range(length)[int(index)]
    return slice(place, place + 1)
