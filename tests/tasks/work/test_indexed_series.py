"""An index is computed of the whole record, and shown at the steps that are asked for."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.checking.moved import moved
from csserv.checking.stored_maps import stored_maps
from csserv.checking.verify import verify
from csserv.climatology.asked_index import AskedIndex, compute_index
from csserv.climatology.index.index_series import IndexInputs
from csserv.climatology.index.second_opinion import class_of
from csserv.errors import CsservError
from csserv.language import Language, speaking, tr
from csserv.outputs.formats.series_files import provenance_table
from csserv.outputs.words.provenance_text import provenance_text, summarise
from csserv.views.charts.series_chart import series_chart
from csserv.views.parts.key_figures import key_figures
from csserv.views.parts.series_table import SeriesTable
from tests.files import LAT, LON, Layout, write_granule
from tests.outputs.exports import export

# rasterio multiplies affine transforms in the way that affine is about to give up
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

#: xclim compiles for five seconds first
compiles = pytest.mark.slow

AREA = Area.from_box(20.0, 7.0, 22.0, 8.0)  #: two cells, of one row


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Daily rain of 14 years from 2000 on, the same in each cell."""
    home = tmp_path_factory.mktemp("index")
    days = np.arange("2000-01-01", "2014-01-01", dtype="datetime64[D]")
    numbers = (days - np.datetime64("2019-01-01")).astype(int)
    rain = np.random.default_rng(5).gamma(0.4, 9.0, len(days)).astype("f4")
    for year in range(2000, 2014):
        mine = days.astype("datetime64[Y]").astype(int) + 1970 == year
        values = np.broadcast_to(rain[mine][:, None, None], (mine.sum(), 2, 4))
        path = home / "data/rain" / f"{year}.nc"
        write_granule(path, values, LAT[:2], LON[:4], days=numbers[mine])
    catalog = home / "own.toml"
    row = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\n'
    catalog.write_text(row, encoding="utf-8")
    return Settings(home=home / "home", data=home / "data", catalog=catalog)


def test_spi_of_months_is_that_of_the_whole_record(settings: Settings) -> None:
    asked = {"time_step": "monthly", "accumulate": 3, "index": "spi"}
    found = export(settings, "rain", "mean", AREA, period="2013", **asked)
    sums = {"time_step": "monthly", "accumulate": 3}
    record = export(settings, "rain", "mean", AREA, period="2000/2013", **sums).json
    months = np.array(record["series"][0]["value"], float)[:, None]
    starts = np.array(record["series"][0]["time"], "datetime64[D]")
    inputs = IndexInputs({"precipitation": months}, {"precipitation": "mm"}, starts, held=3)
    expected = compute_index(AskedIndex("spi", "monthly", (2000, 2013), 3), inputs)
    plain = found.json
    (series,) = plain["series"]
    assert series["time"] == [f"2013-{month:02}-01" for month in range(1, 13)]
    assert series["value"] == expected.values[-12:, 0].tolist()
    assert series["index_of"] == months[-12:, 0].tolist()
    assert {name: len(one) for name, one in series["fit"].items()} == {
        "alpha": 12,
        "beta": 12,
        "prob_zero": 12,
    }
    assert plain["units"] == "1"
    assert plain["steps"]["end"][0] == "2013-01-31"
    receipt = plain["index"]
    assert receipt["library"] == "climate-indices"
    assert receipt["reference"] == "2000/2013"  # the data have no 1991
    assert receipt["of"]["units"] == "mm"
    for time, value in zip(series["time"], series["value"], strict=True):
        assert f", {class_of('spi', value)} (SPI-3" in found.in_words(time)
    said = summarise(plain)
    assert said.startswith("This is SPI-3 of the mean, in mm, of Rain over ")
    with speaking(Language.of("ar")):
        assert tr("mm") in summarise(plain)
    assert "computed by climate-indices " in said
    assert "reference is 2000 to 2013; gamma distribution" in said
    assert "zero rule: classic" in said
    assert "zero rule: classic" in str(provenance_table(found).values)
    assert (found.to_xarray().name, found.to_xarray().attrs["units"]) == ("spi", "1")
    assert "spi" in found.to_dataset()
    assert " 1," not in found.why("2013-05").text
    assert len(found.to_dataframe()) == 12
    catalog = Catalog.read(settings.data, settings.catalog)
    assert verify(found, catalog).is_identical
    assert moved(found, catalog).is_still


@compiles
def test_a_second_library_is_told_beside(settings: Settings) -> None:
    asked = {"time_step": "monthly", "index": "spi", "index_options": {"compare": "xclim"}}
    told = export(settings, "rain", "mean", AREA, period="2000/2013", **asked).json["index"]
    opinion = told["second_opinion"]
    assert opinion["library"] == "xclim"
    for flip in opinion["flips"]:
        assert flip["our_class"] != flip["their_class"]
        assert flip["reason"]


@compiles
def test_counts_have_the_steps_that_are_counted_over(settings: Settings) -> None:
    found = export(settings, "rain", "mean", AREA, period="2011/2012", index="cdd")
    daily = export(settings, "rain", "mean", AREA, period="2011/2012").json["series"][0]
    (series,) = found.json["series"]
    assert series["time"] == ["2011-01-01", "2012-01-01"]
    dry = "".join("x" if value < 1 else " " for value in daily["value"])
    by_year = [dry[:365], dry[365:]]
    assert series["value"] == [max(map(len, one.split())) for one in by_year]
    assert found.json["units"] == "d"
    assert "steps" not in found.json
    assert len(found.to_dataframe()) == 2


@compiles
def test_a_period_in_which_no_count_begins_is_refused_with_those_that_there_are(
    settings: Settings,
) -> None:
    with pytest.raises(
        CsservError, match=r"no step of cdd begins in .*14: 2000-01-01 to 2013-01-0"
    ):
        export(settings, "rain", "mean", AREA, period="2011-03/2011-06", index="cdd")


@pytest.mark.parametrize(
    ("index", "asked", "said"),
    [
        (
            "spi",
            {"time_step": "monthly"},
            r"standardized precipitation index, computed by climate-indices \d.*zero rule",
        ),
        ("deciles", {"time_step": "monthly"}, r"computed by csserv; its reference is 2000 to 2013"),
        pytest.param("cdd", {}, r"consecutive dry days: .*, computed by xclim \d", marks=compiles),
    ],
)
def test_files_and_pages_say_what_computed_an_index(
    settings: Settings, index: str, asked: dict[str, str], said: str
) -> None:
    found = export(settings, "rain", "mean", AREA, period="2013", index=index, **asked)
    told = dict(provenance_table(found).to_numpy().tolist())
    assert re.search(said, told["Index"])
    assert provenance_text(found).summary.startswith("This is ")
    table = SeriesTable.of(found)
    assert table.title == f"{index.upper() if len(index) < 6 else index} of rain"
    assert table.resampled("yearly", "sum") is table
    assert not table.adds_up
    assert "[1]" not in series_chart([table]).yaxis[0].axis_label
    assert not any(one.value.endswith(" 1") for one in key_figures(table))


@pytest.mark.parametrize("operation", ["netcdf", "geotiff"])
def test_maps_of_an_index_are_those_of_each_cell(settings: Settings, operation: str) -> None:
    """All cells have the same rain, and so the index of the zone."""
    asked = {"time_step": "monthly", "accumulate": 3, "index": "spi"}
    found = export(settings, "rain", operation, AREA, period="2013", **asked)
    values = found.json["series"][0]["value"]
    with stored_maps(found, operation) as maps:
        for time, value in zip(found.json["series"][0]["time"], values, strict=True):
            field, _ = maps.read(time)
            np.testing.assert_allclose(field[np.isfinite(field)], value, atol=1e-5)
            assert np.isfinite(field).sum() == 2
    assert verify(found, Catalog.read(settings.data, settings.catalog)).is_identical


@compiles
def test_maps_of_a_count_have_its_steps(settings: Settings) -> None:
    found = export(settings, "rain", "netcdf", AREA, period="2011/2012", index="cdd")
    values = found.json["series"][0]["value"]
    with stored_maps(found, "netcdf") as maps:
        for time, value in zip(("2011-01-01", "2012-01-01"), values, strict=True):
            assert np.nanmax(maps.read(time)[0]) == value


@pytest.mark.parametrize(
    ("operation", "options", "why"),
    [
        ("mean", {"index": "spy", "time_step": "monthly"}, "did you mean spi"),
        ("mean", {"index": "spi", "time_step": "weekly"}, "allowed are monthly, dekad"),
        ("mean", {"index": "spei", "time_step": "monthly"}, "a request reads one dataset"),
        ("mean", {"index": "vci", "time_step": "monthly"}, "needs ndvi in 1 or %"),
        ("mean", {"index": "cdd", "against": "2001/2012"}, "compares with no other years"),
        ("mean", {"index": "spi", "time_step": "monthly", "over_time": "max"}, "which add up"),
        ("mean", {"index_options": {"wet_day": 2}}, "options of an index are given, and no index"),
        ("mean", {"index": "cdd", "index_options": {"dry": 2}}, "has no parameter 'dry'"),
        ("mean,max", {"index": "cdd"}, "one operation; 2 are asked for"),
    ],
)
def test_what_is_refused_at_once(
    settings: Settings, operation: str, options: dict, why: str
) -> None:
    with Service(settings, starts_runner=False) as service:
        before = len(service.recent())
        with pytest.raises(CsservError, match=why):
            service.submit("rain", operation, AREA, "2013", **options)
        assert len(service.recent()) == before


def test_a_year_that_the_period_cuts_is_told(settings: Settings) -> None:
    found = export(settings, "rain", "mean", AREA, period="2010-03/2012-06", index="cdd")
    assert found.json["series"][0]["time"] == ["2011-01-01", "2012-01-01"]
    assert found.json["intervals"] == {"end": ["2012-01-01", "2013-01-01"]}
    said = [note.text for note in found.notes if note.code == "index"]
    assert said == [
        "2010 begins before the period, and is left out; ask for all of it to have it",
        "2012 goes on beyond the period, and counts as a whole",
    ]
    assert found.in_words("2011-07").split(": ")[0].endswith(", 2011")


def test_what_an_index_adds_up_is_its_interval(settings: Settings) -> None:
    asked = {"time_step": "monthly", "accumulate": 3, "index": "spi"}
    found = export(settings, "rain", "mean", AREA, period="2013-02", **asked)
    assert found.json["intervals"] == {"start": ["2012-12-01"], "end": ["2013-03-01"]}
    assert "December 2012-February 2013: " in found.in_words()
    first = export(settings, "rain", "mean", AREA, period="2000-01/2000-03", **asked)
    why = "SPI-3 has no value of January 2000, February 2000: what it is computed of has no value"
    assert why in " ".join(note.text for note in first.notes)
    assert not [note for note in found.notes if note.code == "incomplete"]
    assert first.why("2000-01").code == "index"


def test_a_year_of_which_a_day_is_missing_has_no_count_and_a_note(tmp_path: Path) -> None:
    days = np.arange("2000-01-01", "2003-01-01", dtype="datetime64[D]")
    days = days[days != np.datetime64("2001-05-05")]
    values = np.ones((len(days), 2, 4), "f4")
    numbers = (days - np.datetime64("2019-01-01")).astype(int)
    write_granule(tmp_path / "data/rain/all.nc", values, LAT[:2], LON[:4], days=numbers)
    catalog = tmp_path / "own.toml"
    catalog.write_text('[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\n')
    own = Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=catalog)
    found = export(own, "rain", "mean", AREA, period="2000/2002", index="cwd")
    assert found.json["series"][0]["value"] == [366.0, None, 365.0]
    (note,) = (one.text for one in found.notes if one.code == "index")
    assert note.startswith("CWD has no value of 2001: a period of which a day is missing is none")
    assert "a day is missing" in found.why("2001-03").text


@pytest.mark.parametrize("least_valid", [80.0, 100.0])
def test_an_index_and_normals_have_the_same_sums_where_there_are_gaps(
    tmp_path: Path, least_valid: float
) -> None:
    """Days lack in all cells, others in one of the two: months and cells are not filled alike."""
    days = np.arange("2000-01-01", "2012-01-01", dtype="datetime64[D]")
    rng = np.random.default_rng(8)
    values = rng.gamma(0.4, 9.0, (len(days), 2, 4)).astype("f4")
    values[rng.random(len(days)) < 0.02] = np.nan
    values[rng.random(len(days)) < 0.05, :, :1] = np.nan
    values[400:420, :, 0] = np.nan  # most of a month of one cell
    kept = rng.random(len(days)) > 0.01
    numbers = (days - np.datetime64("2019-01-01")).astype(int)
    write_granule(tmp_path / "data/rain/all.nc", values[kept], LAT[:2], LON[:4], days=numbers[kept])
    catalog = tmp_path / "own.toml"
    catalog.write_text('[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\n')
    own = Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=catalog)
    asked = {"time_step": "monthly", "accumulate": 3, "least_valid": least_valid}
    asked |= {"against": "2000/2011"}
    sums = export(own, "rain", "mean", AREA, period="2001/2003", **asked)
    index = export(own, "rain", "mean", AREA, period="2001/2003", index="spi", **asked)
    assert index.json["series"][0]["index_of"] == sums.json["series"][0]["value"]
    known = sum(one is not None for one in sums.json["series"][0]["value"])
    assert (known == 36) is (least_valid == 80)
    assert f"less than {least_valid:g} % of their days" in index.json["index"]["sums"]


def test_amounts_below_zero_are_told_as_they_count_as_zero(tmp_path: Path) -> None:
    months = np.arange("2000-01", "2012-01", dtype="datetime64[M]").astype("datetime64[D]")
    rain = np.random.default_rng(4).normal(20.0, 15.0, len(months))
    values = np.broadcast_to(rain[:, None, None], (len(months), 2, 4))
    numbers = (months - np.datetime64("2019-01-01")).astype(int)
    amounts = Layout(attributes={"units": "mm"})
    write_granule(tmp_path / "data/rain/all.nc", values, LAT[:2], LON[:4], amounts, days=numbers)
    catalog = tmp_path / "own.toml"
    catalog.write_text('[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\n')
    own = Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=catalog)
    found = export(own, "rain", "mean", AREA, period="2010", index="deciles")
    (note,) = (one.text for one in found.notes if one.code == "index")
    below = int((rain < 0).sum())
    rule = "amounts below 0 count as 0, as in climate-indices"
    assert note == f"{below} values of the record lie below 0: {rule}"
