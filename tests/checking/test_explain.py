"""What stands behind a number adds up to it, whatever was asked."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from csserv import Area, Service
from csserv.errors import GranuleError, InvalidRequestError
from csserv.zonal.operations import OPERATIONS
from tests.checking.conftest import ZONES, write_rain

STATISTICS = [name for name, one in OPERATIONS.items() if not one.export]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*STATISTICS, "p10", "csv"])
@pytest.mark.parametrize("time_step", [None, "monthly"])
def test_contributions_add_up_to_the_number(service: Service, name: str, time_step: str | None):
    asked = service.submit("rain", name, ZONES, "2019", time_step=time_step, least_valid=70)
    result = service.result(asked)
    for zone, day in (("triangle", "2019-01-20"), ("b", "2019-02-03")):
        found = service.explain(result, day, zone)
        number = result.to_xarray().sel(zone=found.zone, time=found.time).item()
        assert found.value == number
        assert found.cells["contribution"].sum() == pytest.approx(number, rel=1e-9)


def test_weighted_mean_of_the_table_is_the_number(service: Service):
    result = service.result(service.submit("rain", "mean", ZONES, "2019-01"))
    found = service.explain(result, date(2019, 1, 7), "box")
    cells = found.cells.dropna()
    weighted = np.average(cells["value"], weights=cells["weight"])
    assert weighted == pytest.approx(found.value, rel=1e-12)
    assert len(found.cells) == 5 * 5  # 32 to 36.25 E and 2.5 S to 2 N touch five cells each way
    assert found.cells["lon"].min() == 32.5
    assert found.cells["lat"].max() == 1.5
    assert found.files == ("rain_1.nc",)
    assert (found.units, found.cell_units) == ("mm/day", "mm/day")
    shown = found._repr_html_()
    assert "25 cells" in shown
    assert shown.count("<title>") == 25  # each cell of the map says what it is
    assert "mm/day</text>" in shown


def test_each_of_several_operations_is_explained(service: Service):
    result = service.result(service.submit("rain", "mean,max,count", ZONES, "2019-01"))
    for name in result.operations:
        found = service.explain(result, "2019-01-07", "box", name)
        number = result.select(name).to_xarray().sel(zone="box", time="2019-01-07").item()
        assert (found.operation, found.value) == (name, number)
        assert found.cells["contribution"].sum() == pytest.approx(number, rel=1e-9)
    assert service.explain(result, "2019-01-07", "box").operation == "mean"


@pytest.mark.parametrize("name", ["std", "variance", "range", "median"])
def test_rounding_is_no_change_of_the_data(service: Service, name: str):
    result = service.result(service.submit("flat", name, ZONES, "2019"))
    found = service.explain(result, "2019-01-02", "triangle")
    assert found.cells["contribution"].sum() == pytest.approx(found.value, abs=1e-9)


def test_values_of_a_longer_step_are_those_of_the_cells_over_it(service: Service):
    options = {"time_step": "seasonal", "units": "cm"}
    result = service.result(service.submit("rain", "max", ZONES, "2019", **options))
    found = service.explain(result, "2019-02-01", "box")
    assert found.time == "2018-12-01"
    assert "times the days of the step" in found.cells_are
    assert (found.units, found.cell_units) == ("cm", "mm")
    assert found.cells["value"].max() / 10 == pytest.approx(found.value)
    assert found.files == ("rain_1.nc", "rain_2.nc")


def test_whole_cells_count_alike_where_they_are_asked_for(service: Service):
    box = Area.from_box(31, -2, 33, 1)
    asked = service.submit("rain", "mean", box, "2019-01-03", weighting="centre")
    found = service.explain(asked, "2019-01-03")
    assert found.cells["weight"].tolist() == [1.0] * 6
    assert found.cells["value"].mean() == pytest.approx(found.value)


def test_zone_and_step_must_be_said_and_known(service: Service):
    result = service.result(service.submit("rain", "mean", ZONES, "2019-01"))
    for day, zone, words in (
        ("2019-01-03", None, "say which zone, of triangle, box"),
        ("2019-01-03", "circle", "no zone 'circle'; the result has triangle, box"),
        ("2019-03-03", "box", "which has 2019-01-01 to 2019-01-31"),
        ("2019-01", "box", "is 31 steps of the result: 2019-01-01, 2019-01-02"),
    ):
        with pytest.raises(InvalidRequestError, match=words):
            service.explain(result, day, zone)
    assert service.explain(result, "2019-01-03", "BOX").zone == "box"


def test_number_of_data_that_have_changed_is_not_explained(service: Service):
    result = service.result(service.submit("rain", "mean", ZONES, "2019-01"))
    write_rain(service.settings.data / "rain", seed=8)
    with pytest.raises(GranuleError, match="the data have changed since"):
        service.explain(result, "2019-01-03", "box")
    write_rain(service.settings.data / "rain")
    assert service.explain(result, "2019-01-03", "box").value
