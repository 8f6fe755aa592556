"""Answers about units that are met every day, as pint gave them: to load it takes a second."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import orjson

#: function → arguments → what it returns; ``python -m scripts.build_everyday_units`` writes it
ANSWERS = Path(__file__).with_name("everyday.json")

Given = ParamSpec("Given")
Value = TypeVar("Value")


def told(function: Callable[Given, Value]) -> Callable[Given, Value]:
    """Let a function look for its answer among those that are known, to the last bit."""

    @wraps(function)
    def answer(*given: Given.args, **named: Given.kwargs) -> Value:
        known = {} if named else _answers().get(function.__name__, {})
        found = known.get(given)
        return function(*given, **named) if found is None else cast(Value, found)

    return answer


@lru_cache(maxsize=1)
def _answers() -> dict[str, dict[tuple[Any, ...], Any]]:
    every = orjson.loads(ANSWERS.read_bytes())
    return {name: {_tuple(k): _tuple(v) for k, v in rows} for name, rows in every.items()}


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
