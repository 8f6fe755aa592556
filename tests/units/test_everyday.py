"""What is known of everyday units is what pint says of them, and pint is not loaded for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from csserv import units
from csserv.units import arithmetic
from csserv.units.everyday import _answers

ASK = """
import sys
from csserv import units
from csserv.zonal.operations import operation, series_units
assert units.over_days("mm/day")[0] == "mm"
assert units.converter("K", "degC") == (1.0, -273.15)
assert series_units(operation("sum"), "mm/day") and not units.is_temperature("mm/day")
print("pint" in sys.modules)
"""


@pytest.mark.parametrize("name", sorted(_answers()))
def test_known_answers_are_those_of_pint(name: str):
    function, known = getattr(arithmetic, name), _answers()[name]
    assert known
    assert {given: function(*given) for given in known} == known
    asked = getattr(units, name)
    assert all(asked(*given) == found for given, found in known.items())


def test_arguments_by_name_mean_what_they_say():
    assert units.converter(wanted="degC", given="K") == units.converter("K", "degC")
    assert units.is_rate("m s-1", water=True) is units.is_rate("m s-1", True) is True
    assert units.is_rate("m s-1") is False


@pytest.mark.slow
def test_everyday_units_need_no_pint():
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
