"""Several operations of one request, and the share of a longer step that has data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.catalog import CatalogEntry
from csserv.errors import InvalidRequestError, UnknownOperationError
from csserv.outputs.series import Series
from csserv.request import Area, Options, Period, Request
from csserv.tasks.work.in_process import compute_series
from csserv.zonal.operations import operations
from tests.files import LAT, LON, write_granule

TWO_BOXES = Area.from_geojson(
    '{"type": "FeatureCollection", "features": ['
    '{"type": "Feature", "properties": {"name": "a"}, "geometry": {"type": "Polygon", '
    '"coordinates": [[[24, -1], [30, -1], [30, 5], [24, 5], [24, -1]]]}},'
    '{"type": "Feature", "properties": {"name": "b"}, "geometry": {"type": "Polygon", '
    '"coordinates": [[[30.3, 0.1], [35, 0.1], [33, 4], [30.3, 0.1]]]}}]}'
)


def series(
    folder: Path, values: np.ndarray, names: str, area: Area = TWO_BOXES, **options: object
) -> Series:
    path = write_granule(folder / "rain.nc", values, LAT, LON)
    entry = CatalogEntry("rain", "Rain", "rain", path.name, folder, units="mm/day")
    request = Request("rain", names, area, Period.parse("2019"), Options.of(**options))
    return compute_series(entry, entry.covering(request.period), request).series


def field(seed: int, steps: int, holes: float) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = random.gamma(0.7, 8, (steps, len(LAT), len(LON)))
    return np.where(random.random(values.shape) < holes, np.nan, values)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.sampled_from(["mean", "max", "min", "range", "sum", "std", "total", "count", "p90"]),
        min_size=2,
        max_size=5,
        unique=True,
    ),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["native", "dekad"]),
)
def test_together_they_give_what_each_gives_alone(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], seed: int, step: str
):
    folder = tmp_path_factory.mktemp("several")
    values = field(seed, 25, 0.2)
    together = series(folder, values, ",".join(names), time_step=step)
    assert together.names == tuple(names)
    for name, found in zip(names, together.values, strict=True):
        alone = series(folder, values, name, time_step=step)
        np.testing.assert_array_equal(found, alone.values[0])
        np.testing.assert_array_equal(together.percent, alone.percent)


def test_each_name_counts_once_and_spaces_do_not_matter():
    assert list(operations(" mean , p90,mean")) == ["mean", "p90"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("mean,netcdf", "netcdf makes files of its own"),
        ("mean,,max", "''"),
        (",".join(f"p{n}" for n in range(17)), "17 operations; a request may have 16"),
    ],
)
def test_lists_that_make_no_sense_are_refused(names: str, said: str):
    with pytest.raises((InvalidRequestError, UnknownOperationError), match=said):
        operations(names)


@pytest.mark.parametrize("given", [["mean", "max"], ("mean",), None, 90])
def test_operations_that_are_no_text_are_refused_with_what_is_allowed(given: Any):
    with pytest.raises(InvalidRequestError, match="allowed is a text, several with commas"):
        operations(given)


def test_share_of_days_with_data_is_counted_over_days_and_cells(tmp_path: Path):
    values = np.ones((31, len(LAT), len(LON)))
    values[:10] = np.nan  # ten days of January are missing everywhere
    east = Area.from_box(30.0, -1.0, 36.0, 5.0)
    found = series(tmp_path, values, "mean", east, time_step="monthly", least_valid=50)
    np.testing.assert_allclose(found.steps_percent, [[100 * 21 / 31]])
    np.testing.assert_allclose(found.percent, [[100.0]])
    strict = series(tmp_path, values, "mean", east, time_step="monthly", least_valid=90)
    np.testing.assert_allclose(strict.steps_percent, [[100 * 21 / 31]])
    assert (strict.percent, np.isnan(strict.values).all()) == (pytest.approx(0.0), True)


def test_month_that_the_data_end_in_says_what_share_of_its_days_they_have(tmp_path: Path):
    found = series(tmp_path, np.ones((41, len(LAT), len(LON))), "mean", time_step="monthly")
    assert found.complete == (True, False)
    np.testing.assert_allclose(found.steps_percent[:, 0], [100.0, 100 * 10 / 28])


def test_steps_of_the_data_have_no_share_of_days(tmp_path: Path):
    assert series(tmp_path, np.ones((3, len(LAT), len(LON))), "mean").steps_percent is None
