"""What a series is called, in the words of CF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from csserv.catalog import Granule, Header
from csserv.request import Options
from csserv.zonal.cf_names import series_attributes
from csserv.zonal.conversion import Conversion
from csserv.zonal.operations import operation
from tests.files import LAT, LON, Layout, write_granule

NAMES = {
    "long_name": "rainfall",
    "standard_name": "lwe_precipitation_rate",
    "cell_methods": "time: mean",
}


@pytest.fixture
def header(tmp_path: Path) -> Header:
    path = write_granule(
        tmp_path / "rain.nc", np.ones((2, 16, 20)), LAT, LON, Layout(attributes=NAMES)
    )
    return Granule(path, "rain").header()


@pytest.mark.parametrize(
    ("name", "options", "rule", "units", "long_name", "methods", "keeps_name"),
    [
        (
            "mean",
            {},
            "mean",
            "mm/day",
            "area-weighted mean of rainfall",
            "time: mean area: mean",
            True,
        ),
        (
            "csv",
            {},
            "mean",
            "mm/day",
            "area-weighted mean of rainfall",
            "time: mean area: mean",
            True,
        ),
        (
            "max",
            {"units": "inch/day"},
            "mean",
            "inch/day",
            "highest cell of rainfall",
            "area: maximum",
            True,
        ),
        (
            "mean",
            {"units": "kg m-2 d-1"},
            "mean",
            "kg m-2 d-1",
            "mean of rainfall",
            "area: mean",
            False,
        ),
        ("p90", {}, "mean", "mm/day", "percentile by cell of rainfall", "time: mean", True),
        ("mean", {"time_step": "monthly"}, "rate", "mm", "mean of", "time: sum area: mean", False),
        (
            "median",
            {"time_step": "monthly"},
            "max",
            "mm/day",
            "of",
            "time: maximum area: median",
            True,
        ),
        (
            "total",
            {},
            "mean",
            "m3 d-1",
            "value times area of rainfall",
            "time: mean area: sum",
            False,
        ),
        ("count", {}, "mean", "cells", "cells with data of rainfall", "time: mean", False),
    ],
)
def test_series_is_named_as_far_as_cf_has_words(
    header: Header,
    name: str,
    options: dict[str, str],
    rule: str,
    units: str,
    long_name: str,
    methods: str,
    keeps_name: bool,
):
    made = Conversion(rule, units, 1.0, 0.0, units, 1.0, 0.0)
    found = series_attributes("rain", header, Options.of(**options), made, operation(name))
    assert long_name in found["long_name"]
    assert found["cell_methods"].endswith(methods)
    assert ("standard_name" in found) is keeps_name
