"""Bytes as values again; bytes that were not written by ``encoding`` make nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from csserv.catalog.header_store.padding import WORD, padded
from csserv.catalog.header_store.stored_classes import CLASSES, field_names

Node: TypeAlias = list[Any]


def decode(
    body: bytes, aside: Callable[[str], Any], same: Callable[[Any], Any] = lambda value: value
) -> list[Any]:
    """Turn bytes into values; those that were equal become one.

    Parameters
    ----------
    aside : finds the large value of a digest
    same : finds a value that is equal to one that several have, and is there already

    Raises
    ------
    ValueError, LookupError, TypeError : these are no such bytes
    """
    start = WORD + int.from_bytes(body[:WORD])
    tree, lengths = orjson.loads(body[WORD:start])
    view, blocks = memoryview(body), []
    for length in lengths:
        blocks.append(view[start : start + length])
        start += padded(length)
    if start != len(body):
        raise ValueError("some bytes are missing")
    return _Reader(blocks, aside, same).column(tree)


@dataclass
class _Reader:
    blocks: Sequence[memoryview]
    aside: Callable[[str], Any]
    same: Callable[[Any], Any]

    def column(self, node: Node) -> list[Any]:
        """Read values."""
        name, *rest = node
        return _READ[name](self, *rest)

    def _mixed(self, codes: int, parts: list[Node]) -> list[Any]:
        each = [iter(self.column(part)) for part in parts]
        return [next(each[code]) for code in self._ints(codes).tolist()]

    def _same(self, codes: int, distinct: Node) -> list[Any]:
        found = list(map(self.same, self.column(distinct)))
        return [found[code] for code in self._ints(codes).tolist()]

    def _several(self, codes: int, parts: list[Node]) -> list[Any]:
        found = [self.same(self.column(part)[0]) for part in parts]
        return [found[code] for code in self._ints(codes).tolist()]

    def _set_aside(self, digest: str) -> list[Any]:
        return [self.aside(digest)]

    def _class(self, name: str, count: int, names: list[str], columns: list[Node]) -> list[Any]:
        kind = CLASSES[name]
        if tuple(names) != field_names(kind):
            raise ValueError(f"{name} has other fields")
        if not names:
            return [kind() for _ in range(count)]
        found = map(self.column, columns)
        return [kind(*values) for values in zip(*found, strict=True)]

    def _nothing(self, count: int) -> list[Any]:
        return [None] * count

    def _texts(self, values: list[str]) -> list[Any]:
        return values

    def _bools(self, block: int) -> list[Any]:
        return list(map(bool, self._ints(block).tolist()))

    def _whole(self, block: int) -> list[Any]:
        return list(self._ints(block).tolist())

    def _digits(self, values: list[str]) -> list[Any]:
        return [int(value) for value in values]

    def _floats(self, block: int) -> list[Any]:
        return list(np.frombuffer(self.blocks[block], np.float64).tolist())

    def _tuples(self, lengths: int, inner: Node) -> list[Any]:
        values, found, place = self.column(inner), [], 0
        for length in self._ints(lengths).tolist():
            found.append(tuple(values[place : place + length]))
            place += length
        return found

    def _tables(self, lengths: int, keys: Node, inner: Node) -> list[Any]:
        pairs = list(zip(self.column(keys), self.column(inner), strict=True))
        found, place = [], 0
        for length in self._ints(lengths).tolist():
            found.append(dict(pairs[place : place + length]))
            place += length
        return found

    def _arrays(self, dtype: str, count: int, ndim: int, shapes: int, block: int) -> list[Any]:
        flat = np.frombuffer(self.blocks[block], dtype)
        each = self._ints(shapes).reshape(count, ndim)
        ends = each.prod(axis=1).cumsum().tolist()
        found, start = [], 0
        for shape, end in zip(each.tolist(), ends, strict=True):
            found.append(flat[start:end].reshape(shape))
            start = end
        return found

    def _ints(self, block: int) -> NDArray[np.int64]:
        return np.frombuffer(self.blocks[block], np.int64)


_READ: dict[str, Callable[..., list[Any]]] = {
    "mixed": _Reader._mixed,
    "same": _Reader._same,
    "several": _Reader._several,
    "aside": _Reader._set_aside,
    "class": _Reader._class,
    "nothing": _Reader._nothing,
    "texts": _Reader._texts,
    "bools": _Reader._bools,
    "ints": _Reader._whole,
    "digits": _Reader._digits,
    "floats": _Reader._floats,
    "tuples": _Reader._tuples,
    "tables": _Reader._tables,
    "arrays": _Reader._arrays,
}
