"""A number of an index is explained by the series that it was fitted on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gamma, norm

from csserv import Area, Settings
from csserv.catalog import Catalog
from csserv.checking import IndexExplanation, explain
from csserv.errors import GranuleError
from csserv.outputs import Result
from tests.files import LAT, LON, write_granule
from tests.outputs.exports import export

AREA = Area.from_box(20.0, 7.0, 22.0, 8.0)  #: two cells, of one row
CATALOG = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\n'


def _write(settings: Settings, seed: int = 5) -> None:
    days = np.arange("2000-01-01", "2014-01-01", dtype="datetime64[D]")
    rain = np.random.default_rng(seed).gamma(0.4, 9.0, len(days)).astype("f4")
    values = np.broadcast_to(rain[:, None, None], (len(days), 2, 4))
    numbers = (days - np.datetime64("2019-01-01")).astype(int)
    write_granule(settings.data / "rain/all.nc", values, LAT[:2], LON[:4], days=numbers)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Daily rain of 14 years from 2000 on, the same in each cell."""
    home = tmp_path_factory.mktemp("explained")
    found = Settings(home=home / "home", data=home / "data", catalog=home / "own.toml")
    (home / "own.toml").write_text(CATALOG, encoding="utf-8")
    _write(found)
    return found


def _explain(settings: Settings, found: Result, date: str) -> IndexExplanation:
    told = explain(found, Catalog.read(settings.data, settings.catalog), date)
    assert isinstance(told, IndexExplanation)
    return told


def test_spi_follows_from_the_explanation_alone(settings: Settings) -> None:
    asked = {"time_step": "monthly", "accumulate": 3, "index": "spi", "against": "2001/2012"}
    found = export(settings, "rain", "mean", AREA, period="2013", **asked)
    told = _explain(settings, found, "2013-03")
    sums = told.series["value"].rolling(3).sum()
    assert told.series["accumulated"].to_numpy() == pytest.approx(sums.to_numpy(), nan_ok=True)
    assert told.sample["time"].dt.strftime("%Y-%m").tolist() == [
        f"{year}-03" for year in range(2001, 2013)
    ]
    own = float(told.series.set_index("time").loc["2013-03-01", "accumulated"])
    fit = told.fit
    assert fit["prob_zero"] == 0
    score = norm.ppf(gamma.cdf(own, fit["alpha"], scale=fit["beta"]))
    assert told.value == pytest.approx(score, abs=1e-9)
    # Thom's estimate, of the sample that is shown
    sample = told.sample["accumulated"].to_numpy()
    spread = np.log(sample.mean()) - np.log(sample).mean()
    assert fit["alpha"] == pytest.approx((1 + np.sqrt(1 + 4 * spread / 3)) / (4 * spread))
    assert told.class_name
    for word in (
        "SPI-3",
        "2013-03-01",
        told.class_name,
        "2001 to 2012",
        "gamma",
        "climate-indices",
    ):
        assert word in str(told)
    page = told._repr_html_()
    assert "zero rule" in page
    assert "alpha" in page


def test_count_has_the_days_of_its_step(settings: Settings) -> None:
    found = export(settings, "rain", "mean", AREA, period="2011/2012", index="cdd")
    told = _explain(settings, found, "2011")
    assert len(told.sample) == 365
    dry = "".join("x" if value < 1 else " " for value in told.sample["value"])
    assert told.value == max(map(len, dry.split()))
    assert told.class_name == ""
    assert told.fit == {}
    assert "CDD" in str(told)


def test_index_of_data_that_have_changed_is_not_explained(settings: Settings) -> None:
    asked = {"time_step": "monthly", "index": "spi"}
    found = export(settings, "rain", "mean", AREA, period="2013", **asked)
    other = settings.model_copy(update={"data": settings.data.parent / "changed"})
    _write(other, seed=6)
    with pytest.raises(GranuleError, match="the data have changed since"):
        _explain(other, found, "2013-03")
