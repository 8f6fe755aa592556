"""Whether two headers say the same, field by field."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Turn a value into tuples that are equal where all that it holds is, to the last bit."""
    if isinstance(value, np.ndarray):
        return "array", value.dtype.str, value.shape, value.tobytes()
    if is_dataclass(value):
        return type(value), [(one.name, plain(getattr(value, one.name))) for one in fields(value)]
    if isinstance(value, dict):
        return "table", [(key, plain(one)) for key, one in value.items()]
    if isinstance(value, tuple):
        return type(value), list(map(plain, value))
    return type(value), value.hex() if isinstance(value, float) else value
