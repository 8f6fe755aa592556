"""CF standard names, and whether one fits the units of a variable."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from csserv.units import converts_to

#: canonical units → standard names
TABLE = Path(__file__).with_name("standard_names.toml")


def fits(name: str, units: str) -> bool:
    """Whether values in these units may be of a quantity of CF; not for names that are unknown.

    >>> fits("lwe_precipitation_rate", "mm/day"), fits("lwe_precipitation_rate", "mm")
    (True, False)
    """
    canonical = canonical_units().get(name)
    return canonical is not None and converts_to(units, canonical)


@lru_cache(maxsize=1)
def canonical_units() -> dict[str, str]:
    """Return standard name → canonical units."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: units for units, names in table.items() for name in names}
