"""Units of measurement: conversion and arithmetic, in CF spelling, by pint."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Any

from csserv.errors import InvalidRequestError

#: what units are written with, and how long they are at most [characters]
_LETTERS = re.compile(r"[\w\s/*^.()%°·+\-]{0,64}")
_POWER = re.compile(r"\*\*|\^")
_EXPONENT = re.compile(r"\s*(?:[-+]?\d{1,2}(?:\.\d{1,2})?(?![\d.])|\(\s*[-+]?\d{1,2}\s*\))")

#: density of water: a layer of a millimetre weighs a kilogram a square metre
WATER = "1000 kg / m**3"

#: spelling that files use → spelling that pint knows
SPELLINGS = {"degrees_celsius": "degC", "degree_celsius": "degC", "deg_c": "degC", "c": "degC"}


def converter(given: str, wanted: str) -> tuple[float, float]:
    """Return scale and offset that convert units: value in ``wanted`` = value x scale + offset.

    A depth of water converts to a mass per area, and back, at 1000 kg m-3.

    Raises
    ------
    InvalidRequestError : unknown units, or units that measure something else
    """
    source, target = _parsed(given), _parsed(wanted)
    if source is None or target is None:
        which = given if source is None else wanted
        raise InvalidRequestError(
            f"unknown units {which!r}; {given or 'no units'} stay as they are"
        )
    registry = _registry()
    try:
        with registry.context("water"):
            zero, one = (registry.Quantity(v, source).to(target).magnitude for v in (0.0, 1.0))
    except Exception as error:  # pint's errors have no common base but this
        raise InvalidRequestError(
            f"{given or 'numbers without units'} cannot become {wanted}: {error}"
        ) from None
    return float(one - zero), float(zero)


def over_area(units: str) -> tuple[str, float]:
    """Return the units of a value times an area, and the factor from ``units`` x km2 to them.

    >>> over_area("mm/day")
    ('m3 d-1', 1000.0)
    """
    return _product(units, "km2", "[length]", "meter")


def over_days(units: str) -> tuple[str, float]:
    """Return the units of a rate times its time, and the factor from ``units`` x day to them.

    >>> over_days("kg m-2 s-1")
    ('kg m-2', 86400.0)
    """
    return _product(units, "day", "[time]", "day")


def is_rate(units: str, water: bool = False) -> bool:
    """Whether the units are those of a flux of water: depth per time, or mass per area and time.

    Metres per second are taken as wind, unless ``water`` says that the quantity is water.
    """
    parsed = _parsed(units)
    if parsed is None:
        return False
    depth = water or bool({"millimeter", "centimeter", "inch"} & set(parsed._units))
    mass_rate = {"[mass]": 1, "[length]": -2, "[time]": -1}
    depth_rate = depth and parsed.dimensionality == {"[length]": 1, "[time]": -1}
    return depth_rate or bool(parsed.dimensionality == mass_rate)


def is_amount(units: str) -> bool:
    """Whether the units are those of an amount of water: a depth, or a mass per area."""
    parsed = _parsed(units)
    layers = ({"[length]": 1}, {"[mass]": 1, "[length]": -2})
    return parsed is not None and parsed.dimensionality in layers


def is_same_kind(units: str, others: str) -> bool:
    """Whether two units have the same dimension; a depth of water and a mass per area have not."""
    one, other = _parsed(units), _parsed(others)
    return units == others or (
        None not in (one, other) and bool(one.dimensionality == other.dimensionality)
    )


def squared(units: str) -> str:
    """Return the square of units."""
    parsed = _parsed(units)
    return f"({units})2" if parsed is None else f"{parsed**2:cf}"


def _product(units: str, other: str, kind: str, base: str) -> tuple[str, float]:
    """Multiply units; units of one kind are expressed in one base unit, or cancel."""
    parsed = _parsed(units)
    if parsed is None:
        return f"{units} {other}".strip(), 1.0
    registry = _registry()
    product = parsed * registry.parse_units(other)
    target = registry.Unit("")
    power = 0.0
    for name, exponent in product._units.items():
        one = registry.Unit(name)
        if set(one.dimensionality) == {kind}:
            power += exponent
        else:
            target *= one**exponent
    target *= registry.Unit(base) ** power
    return f"{target:cf}", float(registry.Quantity(1.0, product).to(target).magnitude)


def is_plain(units: str) -> bool:
    """Whether a text can be units: short, and with no arithmetic beyond powers of two digits.

    pint works out numbers in units: ``9**9**9`` holds the whole process for ever.

    >>> is_plain("kg m**-2 s**-1"), is_plain("W/m^2"), is_plain("mm**9**9**9"), is_plain("9**9")
    (True, True, False, False)
    """
    if not _LETTERS.fullmatch(units):
        return False
    powers = [match.span() for match in _POWER.finditer(units)]
    bases = [units[:start].rstrip()[-1:] for start, _ in powers]
    right = all(base.isalpha() or base in ("_", ")") for base in bases)
    small = all(_EXPONENT.match(units, end) for _, end in powers)
    return right and small and bases.count(")") < 2


def _parsed(units: str) -> Any:
    """Return pint's unit; None for units that pint does not know."""
    text = SPELLINGS.get(units.strip().casefold(), units.strip())
    if not is_plain(text):
        return None
    try:
        return _registry().parse_units(text)
    except Exception:  # a pint error, a ValueError of its tokenizer, or others for broken texts
        return None


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Load pint at the first use: it takes a second."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an absent matplotlib
        from cf_xarray.units import units as registry
        from pint import Context
    water = Context("water")
    for tail in ("", " / [time]"):
        depth, mass = f"[length]{tail}", f"[mass] / [length] ** 2{tail}"
        water.add_transformation(depth, mass, _times_water)
        water.add_transformation(mass, depth, _by_water)
    registry.add_context(water)
    return registry


def _times_water(ureg: Any, value: Any, **parameters: Any) -> Any:
    return value * ureg(WATER)


def _by_water(ureg: Any, value: Any, **parameters: Any) -> Any:
    return value / ureg(WATER)
