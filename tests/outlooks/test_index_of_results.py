"""An index of two datasets is computed of two results of the same zones and steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from climate_indices import compute, eto, indices

from csserv import Area, Service, Settings
from csserv.errors import InvalidRequestError
from csserv.outputs import Result
from csserv.request.area import Zone
from tests.files import LAT, LON, Layout, write_granule
from tests.outputs.exports import export

BOX = {name: Area.from_box(20.0, 7.0, east, 8.0).zones[0].geometry for name, east in
       (("west", 22.0), ("both", 24.0))}  # fmt: skip
AREA = Area(tuple(Zone(name, name, shape) for name, shape in BOX.items()), "two")
MONTHLY = {"period": "2000/2013", "time_step": "monthly"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Daily rain and temperature of 14 years from 2000 on."""
    home = tmp_path_factory.mktemp("two")
    days = np.arange("2000-01-01", "2014-01-01", dtype="datetime64[D]")
    numbers = (days - np.datetime64("2019-01-01")).astype(int)
    chance = np.random.default_rng(3)
    rain = chance.gamma(0.4, 9.0, (len(days), 2, 4)).astype("f4")
    warm = 22 + 4 * np.sin(numbers / 58)[:, None, None] + chance.normal(0, 1, (len(days), 2, 4))
    write_granule(home / "data/rain/a.nc", rain, LAT[:2], LON[:4], days=numbers)
    degrees = Layout(attributes={"units": "degC", "standard_name": "air_temperature"})
    write_granule(home / "data/warm/a.nc", warm.astype("f4"), LAT[:2], LON[:4], degrees, numbers)
    rows = (
        f'[{name}]\ntitle = "{name}"\nvariable = "rain"\nfiles = "{name}/*.nc"\n'
        for name in ("rain", "warm")
    )
    (home / "own.toml").write_text("\n".join(rows), encoding="utf-8")
    return Settings(home=home / "home", data=home / "data", catalog=home / "own.toml")


@pytest.fixture(scope="module")
def rain(settings: Settings) -> Result:
    return _opened(settings, "rain", AREA, **MONTHLY)


@pytest.fixture(scope="module")
def warm(settings: Settings) -> Result:
    return _opened(settings, "warm", AREA, **MONTHLY)


def _opened(settings: Settings, dataset: str, area: Area, **asked: Any) -> Result:
    return export(settings, dataset, asked.pop("operation", "mean"), area, **asked)


def _spei(rain: Result, warm: Result, number: int) -> np.ndarray:
    """SPEI-3 of a zone by climate-indices alone."""
    water, degrees = (np.array(one.json["series"][number]["value"]) for one in (rain, warm))
    demand = eto.eto_thornthwaite(degrees, 7.5, 2000)
    return indices.spei(
        water, demand, 3, indices.Distribution.gamma, compute.Periodicity.monthly, 2000, 2001, 2012
    )


@pytest.mark.filterwarnings("ignore:Calibration period")  # twelve years are enough for the test
def test_spei_is_that_of_the_library(settings: Settings, rain: Result, warm: Result) -> None:
    given = {"precipitation": rain, "temperature": warm}
    asked: dict[str, Any] = {"accumulate": 3, "against": "2001/2012", "distribution": "gamma"}
    with Service(settings, starts_runner=False) as service:
        found = service.index_of(given, "spei", **asked)
    array = found.to_xarray()
    assert array.dims == ("zone", "time")
    assert array.attrs["units"] == "1"
    for number in range(2):
        expected = _spei(rain, warm, number)
        np.testing.assert_allclose(array[number], expected, rtol=0, atol=1e-12)
        assert np.isfinite(expected).sum() == 14 * 12 - 2
    receipt = found.receipt
    assert (receipt["reference"], receipt["library"]) == ("2001/2012", "climate-indices")
    assert receipt["of"]["temperature"]["units"] == "degC"
    assert found.json["series"][1]["index_of"]["temperature"] == warm.json["series"][1]["value"]
    assert len(found.to_dataframe()) == 2 * 14 * 12
    assert "west" in found.in_words("2013-03")
    assert found.json["steps"] == rain.json["steps"]
    assert repr(found).endswith("(SPEI-3 of rain and warm, 2000-01-01/2013-12-31, 2 series)")


def test_eddi_takes_the_whole_record_where_1991_is_not_in_it(
    settings: Settings, warm: Result
) -> None:
    with Service(settings, starts_runner=False) as service:
        found = service.index_of({"temperature": warm}, "eddi", accumulate=2)
    assert found.receipt["reference"] == "2000/2013"
    assert np.isfinite(found.to_xarray()[0, 1:]).all()


def test_a_second_library_is_asked(settings: Settings, rain: Result, warm: Result) -> None:
    given = {"precipitation": rain, "temperature": warm}
    with Service(settings, starts_runner=False) as service:
        found = service.index_of(given, "spei", distribution="gamma", compare="xclim")
        assert found.receipt["second_opinion"]["library"] == "xclim"
        with pytest.raises(InvalidRequestError, match="allowed is xclim"):
            service.index_of(given, "spei", compare="other")


def test_what_does_not_go_together_is_refused(
    settings: Settings, rain: Result, warm: Result
) -> None:
    days = _opened(settings, "warm", AREA, period="2013")
    west = _opened(settings, "warm", Area((AREA.zones[0],), "west"), **MONTHLY)
    short = _opened(settings, "warm", AREA, period="2001/2013", time_step="monthly")
    sums = _opened(settings, "rain", AREA, **MONTHLY, accumulate=3)
    several = _opened(settings, "rain", AREA, **MONTHLY, operation="mean,max")
    spi = _opened(settings, "rain", AREA, **MONTHLY, index="spi")
    refused = {
        "other steps": {"precipitation": rain, "temperature": days},
        "other zones: west, both .2., and of temperature west .1.": {
            "precipitation": rain,
            "temperature": west,
        },
        "168 steps from 2000-01-01 to 2013-12-01 .*156 steps": {
            "precipitation": rain,
            "temperature": short,
        },
        "accumulates 3 steps": {"precipitation": sums, "temperature": warm},
        "has mean, max; give one": {"precipitation": several, "temperature": warm},
        "is spi; give one of the values": {"precipitation": spi, "temperature": warm},
        "there is no temperature": {"precipitation": rain},
        "not computed of rain": {"rain": rain, "precipitation": rain, "temperature": warm},
        "temperature in degC, K or degF": {"precipitation": rain, "temperature": rain},
        "no results": {},
    }
    with Service(settings, starts_runner=False) as service:
        for why, given in refused.items():
            with pytest.raises(InvalidRequestError, match=why):
                service.index_of(given, "spei")
        daily = _opened(settings, "rain", AREA, period="2000/2013")
        with pytest.raises(InvalidRequestError, match="submit a request with index='cdd'"):
            service.index_of({"precipitation": daily}, "cdd")
