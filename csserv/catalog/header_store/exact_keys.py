"""Keys that are equal only where values are the same to the last bit, and of the same types.

Values may say that they are equal more widely: zeros of either sign, 1 and 1.0, grids of the same
corners. To take one for the other would make answers depend on what was read before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from csserv.catalog.header_store.stored_classes import CLASSES, field_names
from csserv.catalog.read.header import Header


def exact_key(value: Any) -> Hashable:
    """Return the key of a value: of any kind that is kept, or that an attribute of a file has."""
    kind = type(value)
    if kind is str:
        return str(value)  # the most frequent, and its own key
    if kind is float:
        return kind, float.hex(value)
    if kind is tuple:
        return kind, *map(exact_key, value)
    if kind is dict:
        return kind, *((exact_key(key), exact_key(one)) for key, one in value.items())
    if kind is list:
        return kind, *map(exact_key, value)
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.hasobject:
            return value.shape, exact_key(value.tolist())
        data = np.ascontiguousarray(value).tobytes()
        return value.dtype.str, value.shape, hashlib.blake2b(data, digest_size=16).digest()
    if CLASSES.get(kind.__name__) is kind:
        return kind, *(exact_key(getattr(value, name)) for name in field_names(kind))
    return kind, value


def has_equals(kind: Any) -> bool:
    """Whether several files may have the same value of a kind: not where it holds their times."""
    if kind in (str, tuple):
        return True
    return (
        kind is not Header and is_dataclass(kind) and kind.__hash__ not in (None, object.__hash__)
    )
