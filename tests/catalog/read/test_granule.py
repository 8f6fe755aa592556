"""Granules: whatever the layout of the file, the same field comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from csserv.catalog import Granule, Grid, Window
from csserv.catalog.header_store.known_headers import Headers
from csserv.catalog.read.corrections import Corrections
from csserv.catalog.timeline.steps_of_files import lay_timeline
from csserv.errors import GranuleError
from csserv.request import Period
from csserv.units import is_known
from tests.files import LAT, LON, Layout, write_granule

# each cell holds a number of its own: 1000 t + 20 row + column, row 0 in the north
FIELD = np.arange(3)[:, None, None] * 1000.0 + np.arange(320).reshape(16, 20)[None]
WHOLE = Window(0, 0, 16, 20)

LAYOUTS = {
    "north up": Layout(),
    "south up": Layout(south_up=True),
    "long names": Layout(names=("valid_time", "latitude", "longitude")),
    "no attributes": Layout(names=("time", "lat", "lon"), bare=True),
    "no attributes, long names": Layout(names=("time", "Latitude", "Longitude"), bare=True),
    "misleading names, CF units": Layout(names=("time", "x", "y")),
    "transposed": Layout(order=("time", "lon", "lat")),
    "time last, south up": Layout(order=("lat", "lon", "time"), south_up=True),
    "double": Layout(dtype="f8"),
    "big-endian": Layout(dtype=">f4"),
    "integers": Layout(dtype="i2"),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_the_same_field(tmp_path: Path, layout: Layout):
    granule = Granule(write_granule(tmp_path / "a.nc", FIELD, LAT, LON, layout), "rain")
    assert granule.header().grid == Grid(8.0, 20.0, 1.0, 1.0, 16, 20)
    np.testing.assert_array_equal(granule.read(range(3), WHOLE), FIELD)
    np.testing.assert_array_equal(granule.read(range(1, 2), Window(2, 3, 1, 2)), [[[1043, 1044]]])


def test_falling_longitudes_are_turned(tmp_path: Path):
    path = write_granule(tmp_path / "a.nc", FIELD[:, :, ::-1], LAT, LON[::-1])
    np.testing.assert_array_equal(Granule(path, "rain").read(range(3), WHOLE), FIELD)


def test_window_past_the_last_column_goes_on_at_the_first(tmp_path: Path):
    field = np.broadcast_to(np.arange(36.0), (1, 2, 36))
    path = write_granule(tmp_path / "a.nc", field, np.array([5.0, -5.0]), np.arange(5.0, 360, 10))
    granule = Granule(path, "rain")
    assert granule.header().grid.is_cyclic
    values = granule.read(range(1), Window(0, 34, 1, 4))
    np.testing.assert_array_equal(values, [[[34, 35, 0, 1]]])
    np.testing.assert_array_equal(
        granule.header().grid.lon(Window(0, 34, 1, 4)), [-15.0, -5.0, 5.0, 15.0]
    )


def test_packed_integers_are_unpacked_and_their_fill_is_missing(tmp_path: Path):
    packed = np.array([[[0, 10], [-9, 30]]], "i2")
    attributes = {"scale_factor": 0.5, "add_offset": 100.0, "_FillValue": np.int16(-9)}
    layout = Layout(dtype="i2", attributes=attributes)
    path = write_granule(tmp_path / "a.nc", packed, LAT[:2], LON[:2], layout)
    values = Granule(path, "rain").read(range(1), Window(0, 0, 2, 2))
    np.testing.assert_array_equal(values, [[[100, 105], [np.nan, 115]]])


@pytest.mark.parametrize(
    "attributes",
    [
        {"_FillValue": np.float32(-9)},
        {"missing_value": np.float32(-9)},
        {"valid_range": np.array([0, 100], "f4")},
        {"valid_min": np.float32(0)},
    ],
)
def test_each_way_to_say_missing_is_heard(tmp_path: Path, attributes):
    field = np.array([[[1.0, -9.0, np.inf], [3.0, np.nan, -np.inf]]])
    layout = Layout(attributes=attributes)
    path = write_granule(tmp_path / "a.nc", field, LAT[:2], LON[:3], layout)
    values = Granule(path, "rain").read(range(1), Window(0, 0, 2, 3))
    np.testing.assert_array_equal(values, [[[1, np.nan, np.nan], [3, np.nan, np.nan]]])


@pytest.mark.parametrize("calendar", ["standard", "noleap", "360_day"])
def test_every_calendar_keeps_its_days(tmp_path: Path, calendar: str):
    days = np.arange(0, 60)
    field = np.zeros((60, 2, 2))
    layout = Layout(calendar=calendar)
    granule = Granule(
        write_granule(tmp_path / "a.nc", field, LAT[:2], LON[:2], layout, days), "rain"
    )
    timeline = lay_timeline([(granule, granule.header())])
    lengths = {"standard": 28, "noleap": 28, "360_day": 30}
    january = 30 if calendar == "360_day" else 31
    assert len(timeline.within(Period.parse("2019-01"))) == january
    assert len(timeline.within(Period.parse("2019-02"))) == min(lengths[calendar], 60 - january)
    assert granule.open().sizes == {"time": 60, "lat": 2, "lon": 2}


def test_changed_file_is_read_anew(tmp_path: Path):
    granule = Granule(write_granule(tmp_path / "a.nc", FIELD, LAT, LON), "rain")
    assert len(granule.header().times) == 3
    write_granule(tmp_path / "b.nc", FIELD[:2], LAT, LON).replace(granule.path)
    assert len(granule.header().times) == 2


def test_unreadable_files_are_named(tmp_path: Path):
    with pytest.raises(GranuleError, match=r"gone\.nc"):
        Granule(tmp_path / "gone.nc", "rain").header()
    (tmp_path / "text.nc").write_text("not NetCDF")
    with pytest.raises(GranuleError, match=r"text\.nc"):
        Granule(tmp_path / "text.nc", "rain").header()
    path = write_granule(tmp_path / "a.nc", FIELD, LAT, LON)
    with pytest.raises(GranuleError, match="no variable 'snow'"):
        Granule(path, "snow").header()
    folded = write_granule(tmp_path / "u.nc", FIELD[:, :3], np.array([3.0, 1.0, 2.0]), LON)
    with pytest.raises(GranuleError, match="neither rises nor falls"):
        Granule(folded, "rain").header()


def test_float32_coordinates_mean_the_round_numbers():
    lat = np.arange(-5.975, 6, 0.05).astype("f4").astype("f8")
    grid = Grid.from_centres(lat, lat + 40)
    assert (grid.dlat, grid.north, grid.west) == pytest.approx((0.05, 6.0, 34.0), abs=1e-12)


def test_variable_may_have_several_names_and_the_first_that_is_there_counts(tmp_path: Path):
    old = Granule(write_granule(tmp_path / "a.nc", FIELD, LAT, LON), "precip")
    with pytest.raises(GranuleError, match="no variable 'precip'; it has rain"):
        old.header()
    both = Granule(old.path, "precip", Corrections(aliases=("rain", "time")))
    assert both.header().variable == "rain"
    np.testing.assert_array_equal(both.read(range(3), WHOLE), FIELD)


def test_units_of_a_row_win_over_those_of_the_file(tmp_path: Path):
    path = write_granule(tmp_path / "a.nc", FIELD, LAT, LON)
    assert Granule(path, "rain").header().units == "mm/day"
    assert Granule(path, "rain", Corrections(units="mm/month")).header().units == "mm/month"


@pytest.mark.parametrize(("target", "way"), [("nowhere.nc", "to no file"), ("a.nc", "in a circle")])
def test_a_link_that_leads_nowhere_is_told_from_a_file_that_is_gone(
    tmp_path: Path, target: str, way: str
):
    (tmp_path / "a.nc").symlink_to(target)
    said = f"cannot read a.nc: it is a link to {target}, which leads {way}; mend it or remove it"
    with pytest.raises(GranuleError, match=said):
        Granule(tmp_path / "a.nc", "rain").header()
    (error,) = Headers().look(tmp_path, "*.nc", lambda path: Granule(path, "rain")).values()
    assert said in str(error)


def test_units_of_thousands_of_characters_are_cut_as_they_are_none(tmp_path: Path):
    layout = Layout(attributes={"units": "mm/day " * 2000})
    path = write_granule(tmp_path / "a.nc", FIELD, LAT, LON, layout)
    assert len(Granule(path, "rain").header().units) == 64
    assert not is_known(Granule(path, "rain").header().units)
