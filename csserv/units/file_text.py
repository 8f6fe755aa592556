"""Units as files may state them: texts that UDUNITS reads, and reads as they are meant."""

from __future__ import annotations

from csserv.units.arithmetic import calendar_step, cf_text, is_known
from csserv.units.spellings import plain_text
from csserv.units.unit_text import parse_unit_text

#: names that mean the same to UDUNITS
SHARED = frozenset(
    (
        *("m", "mm", "cm", "km", "kg", "g", "mg", "s", "h", "hour", "hours", "min", "d", "day"),
        *("days", "K", "degC", "degF", "percent", "%", "Pa", "hPa", "kPa", "mbar", "W", "J", "kJ"),
        *("MJ", "N", "mol", "inch", "month", "months", "year", "years"),
    )
)

#: calendar steps that UDUNITS has a word for
KNOWN_STEPS = ("", "month", "year")

#: units that are a count
COUNTS = ("cells",)


def file_units(units: str) -> str:
    """Write units for a NetCDF file: as they are, if UDUNITS knows each name, else in CF's words.

    The amount of a calendar step that UDUNITS does not know is written as the amount alone, for the
    bounds of time say of which step it is. Units that nobody knows stay as they are.

    >>> file_units("mm/day"), file_units("m of water equivalent"), file_units("degrees C")
    ('mm/day', 'm', 'degC')
    >>> file_units("mm/dekad"), file_units("mm/month"), file_units("cells"), file_units("0-1")
    ('mm', 'mm/month', '1', '1')
    """
    if units in COUNTS:
        return "1"
    parsed = parse_unit_text(units)
    if parsed is None or not is_known(units):
        return units
    shared = all(name in SHARED for name, _ in parsed.parts)
    plain = plain_text(units) == units
    if shared and plain and calendar_step(units) in KNOWN_STEPS:
        return units
    return cf_text(units)
