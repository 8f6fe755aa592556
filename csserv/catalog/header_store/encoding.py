"""Values as bytes: those of one field after the other, as most files say the same.

Texts, numbers, arrays, tuples, tables and ``stored_classes.CLASSES`` are known. A field that is
added to a class is kept without a word here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from typing import Any, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from csserv.catalog.header_store.exact_keys import exact_key, has_equals
from csserv.catalog.header_store.padding import WORD, padded
from csserv.catalog.header_store.stored_classes import field_names, name_of

#: different values of a field that are looked at one by one
FEW = 8

#: a value that takes more stands by itself, once for all that have it [bytes]
LARGE = 4096

Node: TypeAlias = list[Any]


@dataclass(frozen=True)
class Encoded:
    """Values as bytes; large ones that others may have as well stand aside, by their digest."""

    body: bytes
    aside: Mapping[str, bytes]


def encode(values: Sequence[Any]) -> Encoded:
    """Turn values into bytes.

    Raises
    ------
    TypeError : one of a kind that is not known
    """
    writer = _Writer()
    tree = writer.column(values)
    return Encoded(writer.body(tree), writer.aside)


@dataclass
class _Writer:
    blocks: list[bytes] = field(default_factory=list)
    aside: dict[str, bytes] = field(default_factory=dict)

    def body(self, tree: Node) -> bytes:
        """Put what was written together; each block begins with a whole word."""
        head = orjson.dumps([tree, [len(block) for block in self.blocks]])
        head = head.ljust(padded(len(head)))
        blocks = [block.ljust(padded(len(block)), b"\0") for block in self.blocks]
        return b"".join([len(head).to_bytes(WORD), head, *blocks])

    def column(self, values: Sequence[Any]) -> Node:
        """Write values of any kinds."""
        values = [one.item() if isinstance(one, np.generic) else one for one in values]
        found = [_kind(value) for value in values]
        kinds = list(dict.fromkeys(found))
        if len(kinds) == 1:
            return self._alike(values, kinds[0])
        codes = {kind: number for number, kind in enumerate(kinds)}
        groups = [[v for v, k in zip(values, found, strict=True) if k == kind] for kind in kinds]
        parts = [self._alike(group, kind) for group, kind in zip(groups, kinds, strict=True)]
        return ["mixed", self._ints([codes[kind] for kind in found]), parts]

    def _alike(self, values: Sequence[Any], kind: Any) -> Node:
        """Write values of one kind: equal ones once, where there are some."""
        alike = {id(value): value for value in values} if has_equals(kind) else {}
        known = {number: exact_key(value) for number, value in alike.items()}  # large ones once
        keys = [known[id(value)] for value in values] if known else []
        by_key = dict(zip(keys, values, strict=False))
        distinct = list(by_key.values())
        codes = {key: number for number, key in enumerate(by_key)}
        if is_dataclass(kind) and 0 < len(distinct) <= FEW:
            parts = [self._one(value, kind) for value in distinct]
            return ["several", self._ints([codes[key] for key in keys]), parts]
        if 0 < 2 * len(distinct) <= len(values):
            parts = self._plain(distinct, kind)
            return ["same", self._ints([codes[key] for key in keys]), parts]
        return self._plain(values, kind)

    def _one(self, value: Any, kind: Any) -> Node:
        """Write a value by itself, aside if it is large."""
        alone = _Writer()
        body = alone.body(alone._plain([value], kind))
        if len(body) <= LARGE:
            return self._plain([value], kind)
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        self.aside |= {digest: body} | alone.aside
        return ["aside", digest]

    def _plain(self, values: Sequence[Any], kind: Any) -> Node:
        if isinstance(kind, tuple):
            return self._arrays(values)
        if kind in _PLAIN:
            return _PLAIN[kind](self, values)
        name, names = name_of(kind), list(field_names(kind))
        columns = [self.column([getattr(value, each) for value in values]) for each in names]
        return ["class", name, len(values), names, columns]

    def _nothing(self, values: Sequence[Any]) -> Node:
        return ["nothing", len(values)]

    def _texts(self, values: Sequence[Any]) -> Node:
        return ["texts", list(values)]

    def _bools(self, values: Sequence[Any]) -> Node:
        return ["bools", self._ints(values)]

    def _whole(self, values: Sequence[Any]) -> Node:
        try:
            return ["ints", self._ints(values)]
        except OverflowError:  # numbers of files go up to 2**64
            return ["digits", [str(value) for value in values]]

    def _floats(self, values: Sequence[Any]) -> Node:
        return ["floats", self._block(np.asarray(values, np.float64))]

    def _tuples(self, values: Sequence[Any]) -> Node:
        inner = [one for value in values for one in value]
        return ["tuples", self._ints([len(value) for value in values]), self.column(inner)]

    def _tables(self, values: Sequence[Any]) -> Node:
        keys = [key for value in values for key in value]
        inner = [one for value in values for one in value.values()]
        lengths = self._ints([len(value) for value in values])
        return ["tables", lengths, self.column(keys), self.column(inner)]

    def _arrays(self, values: Sequence[NDArray[Any]]) -> Node:
        shapes = self._ints([value.shape for value in values])
        dtype = values[0].dtype.str
        if values[0].dtype.hasobject:
            raise TypeError("arrays of objects cannot be kept")
        data = b"".join(np.ascontiguousarray(value).tobytes() for value in values)
        self.blocks.append(data)
        return ["arrays", dtype, len(values), values[0].ndim, shapes, len(self.blocks) - 1]

    def _ints(self, values: Any) -> int:
        return self._block(np.asarray(values, np.int64))

    def _block(self, values: NDArray[Any]) -> int:
        self.blocks.append(values.tobytes())
        return len(self.blocks) - 1


_PLAIN: dict[Any, Callable[[_Writer, Sequence[Any]], Node]] = {
    type(None): _Writer._nothing,
    str: _Writer._texts,
    bool: _Writer._bools,
    int: _Writer._whole,
    float: _Writer._floats,
    tuple: _Writer._tuples,
    dict: _Writer._tables,
}


def _kind(value: Any) -> Any:
    """Tell apart what is written in different ways: classes, and arrays of different types."""
    if isinstance(value, np.ndarray):
        return "array", value.dtype.str, value.ndim
    return type(value)
