"""Has pint answer what is asked of everyday units, and writes csserv/units/everyday.json.

python -m scripts.build_everyday_units
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from typing import Any

import orjson

from csserv.errors import InvalidRequestError
from csserv.units import arithmetic
from csserv.units.everyday import ANSWERS

#: as datasets, providers, exports and standard names write them
UNITS = (
    *("", "1", "%", "percent", "m3 m-3", "K", "degC", "C", "m", "m s-1", "W m-2", "Pa", "hPa"),
    *("mm", "mm/day", "mm day-1", "mm d-1", "mm/hour", "mm/hr", "mm h-1", "mm/s", "mm/month"),
    *("mm month-1", "mm/dekad", "mm/pentad", "kg m-2", "kg m-2 s-1", "kg m-2 d-1"),
    *("m3", "m3 d-1", "m3/month"),
)

#: functions of one text, and of two
OF_ONE = (
    *("calendar_step", "is_accumulable", "is_known", "is_temperature", "over_area"),
    *("over_days", "over_steps", "squared", "is_rate"),
)
OF_TWO = ("converter", "converts_to", "is_same_kind")


def main() -> None:
    """Write all answers, a function a line."""
    questions: dict[str, list[tuple[Any, ...]]] = {
        **{name: [(one,) for one in UNITS] for name in OF_ONE},
        **{name: [*product(UNITS, UNITS)] for name in OF_TWO},
    }
    questions["is_rate"] += [(one, True) for one in UNITS]
    lines = [
        orjson.dumps({name: [*_answers(name, every)]})[1:-1] for name, every in questions.items()
    ]
    ANSWERS.write_bytes(b"{\n" + b",\n".join(lines) + b"\n}\n")


def _answers(name: str, questions: list[tuple[Any, ...]]) -> Iterator[tuple[Any, Any]]:
    function = getattr(arithmetic, name)
    for given in questions:
        with suppress(InvalidRequestError):  # it says what is wrong, in the words of pint
            yield given, function(*given)


if __name__ == "__main__":
    main()
