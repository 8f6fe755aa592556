"""The grammar of units: what is a unit, and that nothing in it is worked out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.units.unit_text import UnitText, parse_unit_text


@pytest.mark.parametrize(
    ("units", "factor", "parts"),
    [
        ("", 1, {}),
        ("1", 1, {}),
        ("mm", 1, {"mm": 1}),
        ("mm/day", 1, {"mm": 1, "day": -1}),
        ("mm day^-1", 1, {"mm": 1, "day": -1}),
        ("mm.day-1", 1, {"mm": 1, "day": -1}),
        ("kg m**-2 s**-1", 1, {"kg": 1, "m": -2, "s": -1}),
        ("kg m^(-2)", 1, {"kg": 1, "m": -2}),
        ("W/m^2/s", 1, {"W": 1, "m": -2, "s": -1}),
        ("kg/m2 s", 1, {"kg": 1, "m": -2, "s": 1}),  # from left to right, as UDUNITS
        ("(m/s)**2", 1, {"m": 2, "s": -2}),
        ("mm/(8 day)", 1 / 8, {"mm": 1, "day": -1}),
        ("mm/8day", 1 / 8, {"mm": 1, "day": -1}),
        ("mm 8day-1", 1 / 8, {"mm": 1, "day": -1}),
        ("10*mm", 10, {"mm": 1}),
        ("0.1 mm", 0.1, {"mm": 1}),
        ("1e-3 kg m-3", 1e-3, {"kg": 1, "m": -3}),
        ("10^-3 mm", 1e-3, {"mm": 1}),
        ("m3 m-3", 1, {}),
        ("m**0.5", 1, {"m": 0.5}),
        ("W m⁻²", 1, {"W": 1, "m": -2}),
        ("[mm/day]", 1, {"mm": 1, "day": -1}),
        ("mm H2O", 1, {"mm": 1}),
    ],
)
def test_products_of_names_with_powers_are_units(
    units: str, factor: float, parts: dict[str, float]
):
    found = parse_unit_text(units)
    assert found is not None
    assert found.factor == pytest.approx(factor)
    assert dict(found.parts) == parts


@pytest.mark.parametrize(
    "units",
    [
        *("9**9**9", "mm**9**9**9", "mm*9**9**6", "9**9", "mm**999", "((9*mm)**99)**99"),
        *("m" * 65, "m;s", "mm/", "/mm", "mm//s", "mm**", "(mm", "mm)", "mm**-", "m**1e9"),
        *("0", "mm/0", "1.2.3", "9" * 12, "__import__", "mm, day", "mm\n;"),
    ],
)
def test_anything_else_is_none(units: str):
    # pint worked out mm**9**9**9 of a request for ever, and with it stood the whole server
    assert parse_unit_text(units) is None


@given(st.text(alphabet="m sdk/*^-.()0123456789e°%⁻²", max_size=70))
def test_any_text_is_units_or_none_at_once(text: str):
    found = parse_unit_text(text)
    assert found is None or (found.factor > 0 and all(power for _, power in found.parts))


NAMES = st.sampled_from(["mm", "kg", "s", "day", "K"])


@given(st.dictionaries(NAMES, st.integers(-9, 9).filter(bool), min_size=1), st.sampled_from("*. "))
def test_what_is_written_is_what_is_read(parts: dict[str, int], times: str):
    written = times.join(f"{name}{power}" for name, power in parts.items())
    assert parse_unit_text(written) == UnitText(1.0, tuple((n, float(p)) for n, p in parts.items()))
