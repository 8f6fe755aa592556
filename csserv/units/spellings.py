"""How files write units that have another name in CF and pint."""

from __future__ import annotations

import re

#: whole text, in small letters and without spaces → units
WHOLE = {
    **dict.fromkeys(("c", "degc", "celsius", "centigrade", "celcius"), "degC"),
    **dict.fromkeys(("degreec", "degreesc", "deg_c", "degree_c", "degrees_c"), "degC"),
    **dict.fromkeys(("degcelsius", "degreecelsius", "degreescelsius"), "degC"),
    **dict.fromkeys(("deg_celsius", "degree_celsius", "degrees_celsius"), "degC"),
    **dict.fromkeys(("°c", "ºc", "˚c", "℃"), "degC"),
    **dict.fromkeys(("degf", "degreef", "degreesf", "deg_f", "degree_f", "degrees_f"), "degF"),
    **dict.fromkeys(("fahrenheit", "degreesfahrenheit", "degrees_fahrenheit", "°f"), "degF"),
    **dict.fromkeys(("kelvin", "kelvins", "degk", "degreek", "degreesk", "deg_k", "°k"), "K"),
    **dict.fromkeys(("degree_kelvin", "degrees_kelvin", "degreeskelvin"), "K"),
    **dict.fromkeys(("fraction", "fractional", "ratio", "unitless", "dimensionless"), "1"),
    **dict.fromkeys(("none", "no_units", "nounits", "-", "0-1", "0to1", "fraction(0-1)"), "1"),
    **dict.fromkeys(("percent", "percentage", "pct", "%", "0-100%"), "percent"),
}

#: one name of a product, as files write it → as pint knows it; of two names that differ in large
#: letters pint knows both: MM is a megametre there, and no rain is given in these
NAMES = {
    **{"MM": "mm", "Mm": "mm", "CM": "cm", "M": "m", "KM": "km", "KG": "kg", "Kg": "kg"},
    **{"millimeters": "mm", "millimetres": "mm", "gpm": "m"},
    **{"INCH": "inch", "inches": "inch", "Inches": "inch"},
    **{"mb": "millibar", "mbar": "millibar", "MB": "millibar", "pct": "percent", "%": "percent"},
    **{"hr": "hour", "hrs": "hour", "HR": "hour", "sec": "second", "secs": "second"},
    **{"DAY": "day", "Day": "day", "dy": "day", "gC": "g", "kgC": "kg"},
}

#: name of a calendar step in the denominator of units → the step
STEPS = {
    **dict.fromkeys(("month", "months", "mon", "mo", "mth", "Month", "MONTH"), "month"),
    **dict.fromkeys(("dekad", "dekads", "dek", "dekade", "dekadal", "Dekad"), "dekad"),
    **dict.fromkeys(("pentad", "pentads", "Pentad"), "pentad"),
    **dict.fromkeys(("season", "seasons", "Season"), "season"),
    **dict.fromkeys(("year", "years", "yr", "yrs", "y", "a", "annum", "Year", "YEAR"), "year"),
    **dict.fromkeys(("decade", "decades"), "decade"),
}

#: that a depth is one of liquid water, which is told by its name, and changes no number
_OF_WATER = re.compile(
    r"(?<=[a-z])[ _]+(?:of[ _]+)?(?:liquid[ _]+)?(?:water(?:[ _]+equivalent)?|w\.?e\.?|H2O)\b\.?",
    re.IGNORECASE,
)

#: superscripts, minus, times and dots, small mu of two kinds, and brackets
_SIGNS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺\u2212\u00d7·⋅\u00b5\u03bc[]{}", "0123456789-+-***uu()()")


def plain_text(units: str) -> str:
    """Write units with plain signs, without words that change no number.

    >>> plain_text("m of water equivalent"), plain_text("W m⁻²"), plain_text("degrees C")
    ('m', 'W m-2', 'degC')
    >>> plain_text("[mm per day]"), plain_text("0 - 1")
    ('mm / day', '1')
    """
    text = " ".join(units.translate(_SIGNS).split())
    while text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    known = WHOLE.get(text.casefold().replace(" ", ""))
    if known:
        return known
    return re.sub(r"\bper\b", "/", _OF_WATER.sub("", text)).strip()
