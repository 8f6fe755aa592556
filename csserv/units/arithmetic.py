"""Conversion of units and the units of products, in CF spelling, by pint."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from csserv.errors import InvalidRequestError
from csserv.units.spellings import NAMES, STEPS
from csserv.units.unit_text import UnitText, parse_unit_text

#: density of water: a layer of a millimetre weighs a kilogram a square metre
WATER = "1000 kg / m**3"

#: dimensions of what a step of time may hold an amount of: water, energy or mass, by area or whole,
#: and time itself, as hours of sunshine
_ACCUMULABLE: tuple[dict[str, float], ...] = (
    {"[length]": 1},
    {"[mass]": 1, "[length]": -2},
    {"[mass]": 1, "[time]": -2},
    {"[mass]": 1, "[length]": 2, "[time]": -2},
    {"[length]": 3},
    {"[mass]": 1},
    {"[substance]": 1, "[length]": -2},
    {"[time]": 1},
)


@dataclass(frozen=True)
class _Units:
    """Units that pint knows.

    Attributes
    ----------
    unit : pint's
    factor : number before it: 10 of "10*mm"
    step : calendar step that it is an amount of, such as "month"; empty for none
    """

    unit: Any
    factor: float = 1.0
    step: str = ""


def converter(given: str, wanted: str) -> tuple[float, float]:
    """Return scale and offset that convert units: value in ``wanted`` = value x scale + offset.

    A depth of water converts to a mass per area, and back, at 1000 kg m-3. An amount of a calendar
    step (mm/month) converts to another amount of it, or to the amount alone (mm); not to a rate, as
    these steps differ in length.

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
    if target.step not in ("", source.step) or (source.step and _is_flow(target)):
        step = source.step or target.step
        raise InvalidRequestError(
            f"{given or 'numbers without units'} cannot become {wanted}: {step}s differ in length"
        )
    registry = _registry()
    try:
        with registry.context("water"):
            zero, one = (
                registry.Quantity(v * source.factor, source.unit).to(target.unit).magnitude
                for v in (0.0, 1.0)
            )
    except Exception as error:  # pint's errors have no common base but this
        raise InvalidRequestError(
            f"{given or 'numbers without units'} cannot become {wanted}: {error}"
        ) from None
    return float(one - zero) / target.factor, float(zero) / target.factor


def over_area(units: str) -> tuple[str, float]:
    """Return the units of a value times an area, and the factor from ``units`` x km2 to them.

    >>> over_area("mm/day"), over_area("mm/month")
    (('m3 d-1', 1000.0), ('m3/month', 1000.0))
    """
    return _product(units, "km2", "[length]", "meter")


def over_days(units: str) -> tuple[str, float]:
    """Return the units of a rate times its time, and the factor from ``units`` x day to them.

    >>> over_days("kg m-2 s-1")
    ('kg m-2', 86400.0)
    """
    return _product(units, "day", "[time]", "day")


def over_steps(units: str) -> str:
    """Return the units of a sum of amounts: those without the calendar step they are of.

    >>> over_steps("mm/month"), over_steps("kg m-2 month-1"), over_steps("m of water equivalent")
    ('mm', 'kg m-2', 'm of water equivalent')
    """
    parsed = _parsed(units)
    return units if parsed is None or not parsed.step else cf_text(units)


def cf_text(units: str) -> str:
    """Write known units in CF's words, without the calendar step that they are of.

    >>> cf_text("mm per day"), cf_text("10*mm"), cf_text("fraction")
    ('mm d-1', '10 mm', '1')
    """
    parsed = _parsed(units)
    if parsed is None:
        return units
    factor = "" if parsed.factor == 1.0 else f"{parsed.factor:g} "
    text = f"{factor}{parsed.unit:cf}".strip() or "1"
    return text.replace("°", "deg")


def calendar_step(units: str) -> str:
    """Return the calendar step that units speak of; empty for none.

    >>> calendar_step("mm/month"), calendar_step("kg/m^2/8day"), calendar_step("mm/day")
    ('month', '8 days', '')
    """
    parsed = _parsed(units)
    return parsed.step if parsed else ""


def is_known(units: str) -> bool:
    """Whether a text says units; one that is empty says none."""
    return bool(units.strip()) and _parsed(units) is not None


def is_rate(units: str, water: bool = False) -> bool:
    """Whether the units are those of a flux of water: depth per time, or mass per area and time.

    Metres per second are taken as wind, unless ``water`` says that the quantity is water.
    """
    parsed = _parsed(units)
    if parsed is None or parsed.step:
        return False
    unit = parsed.unit
    depth = water or bool({"millimeter", "centimeter", "inch"} & set(unit._units))
    mass_rate = {"[mass]": 1, "[length]": -2, "[time]": -1}
    depth_rate = depth and unit.dimensionality == {"[length]": 1, "[time]": -1}
    return depth_rate or bool(unit.dimensionality == mass_rate)


def is_accumulable(units: str) -> bool:
    """Whether the units may be those of an amount of a step, or of a state: a depth, an energy."""
    parsed = _parsed(units)
    return parsed is not None and parsed.unit.dimensionality in _ACCUMULABLE


def is_same_kind(units: str, others: str) -> bool:
    """Whether two units have the same dimension; a depth of water and a mass per area have not."""
    one, other = _parsed(units), _parsed(others)
    if units == others:
        return True
    if one is None or other is None or one.step != other.step:
        return False
    return bool(one.unit.dimensionality == other.unit.dimensionality)


def converts_to(units: str, canonical: str) -> bool:
    """Whether two units have the same dimension, where mm/month is a depth by time.

    >>> converts_to("mm/month", "m s-1"), converts_to("mm", "kg m-2")
    (True, False)
    """
    one, other = _parsed(units), _parsed(canonical)
    if one is None or other is None:
        return False
    unit = one.unit / _registry().Unit("second") if one.step else one.unit
    return bool(unit.dimensionality == other.unit.dimensionality)


def is_temperature(units: str) -> bool:
    """Whether units are those of a temperature."""
    parsed = _parsed(units)
    return parsed is not None and parsed.unit.dimensionality == {"[temperature]": 1}


def squared(units: str) -> str:
    """Return the square of units."""
    parsed = _parsed(units)
    if parsed is None or parsed.step or parsed.factor != 1.0:
        return f"({units})2"
    return f"{parsed.unit**2:cf}"


def _product(units: str, other: str, kind: str, base: str) -> tuple[str, float]:
    """Multiply units; units of one kind are expressed in one base unit, or cancel."""
    parsed = _parsed(units)
    if parsed is None:
        return f"{units} {other}".strip(), 1.0
    registry = _registry()
    product = parsed.unit * registry.parse_units(other)
    target = registry.Unit("")
    power = 0.0
    for name, exponent in product._units.items():
        one = registry.Unit(name)
        if set(one.dimensionality) == {kind}:
            power += exponent
        else:
            target *= one**exponent
    target *= registry.Unit(base) ** power
    written = f"{target:cf}" + (f"/{parsed.step.replace(' ', '')}" if parsed.step else "")
    return written, float(registry.Quantity(parsed.factor, product).to(target).magnitude)


def _is_flow(units: _Units) -> bool:
    """Whether units of no calendar step are those of something per time."""
    return not units.step and units.unit.dimensionality.get("[time]", 0) == -1


@lru_cache(maxsize=1000)
def _parsed(units: str) -> _Units | None:
    """Return units that pint knows; None for others."""
    text = parse_unit_text(units)
    if text is None:
        return None
    text, step = _without_step(text)
    try:
        unit = _registry().Unit("")
        for name, power in text.parts:
            unit *= _registry().Unit(NAMES.get(name, name)) ** power
    except Exception:  # a pint error, a ValueError of its tokenizer, or others for unknown names
        return None
    return _Units(unit, text.factor, step)


def _without_step(text: UnitText) -> tuple[UnitText, str]:
    """Take the calendar step out of units: the month of mm/month, the 8 days of mm/8day."""
    parts = dict(text.parts)
    for name, step in STEPS.items():
        if parts.get(name) == -1 and len(parts) > 1:
            del parts[name]
            return UnitText(text.factor, tuple(parts.items())), step
    days = [name for name in ("day", "days", "d") if parts.get(name) == -1]
    count = 1 / text.factor
    if days and len(parts) > 1 and count >= 2 and abs(count - round(count)) < 1e-9:
        del parts[days[0]]
        return UnitText(1.0, tuple(parts.items())), f"{round(count)} days"
    return text, ""


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
