"""Latitudes and longitudes along rows and columns: known by what says so, edged by their bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.catalog import Granule, Grid
from csserv.catalog.timeline.steps_of_files import lay_timeline
from csserv.errors import GranuleError
from tests.catalog.read.place.grids import Coordinates, degrees, mean, write_field

LAT, LON = np.arange(-1.5, 2), np.arange(35.5, 40)
FIELD = np.arange(20.0).reshape(1, 4, 5)
PLAIN = Grid(2.0, 35.0, 1.0, 1.0, 4, 5)


def named(
    y: str, x: str, of_y: dict[str, str], of_x: dict[str, str], dims: tuple[str, str] | None = None
) -> Coordinates:
    over = dims or (y, x)
    return {y: ((over[0],), LAT, of_y), x: ((over[1],), LON, of_x)}


KNOWN: dict[str, Coordinates] = {
    "CF units": named("a", "b", {"units": "degrees_north"}, {"units": "degrees_east"}),
    "IRI": named("Y", "X", {"units": "degree_north"}, {"units": "degree_east"}),
    "other words": named("Y", "X", {"units": "Degrees North"}, {"units": "deg_e"}),
    "standard names": named(
        "a", "b", {"standard_name": "latitude"}, {"standard_name": "longitude"}
    ),
    "standard names, plain degrees": named(
        "a",
        "b",
        {"standard_name": "latitude", "units": "degrees"},
        {"standard_name": "longitude", "units": "degrees"},
    ),
    "names, plain degrees": named("Latitude", "Longitude", {"units": "degrees"}, {"units": "deg"}),
    "names alone": named("lat", "lon", {}, {}),
    "axes, plain degrees": named(
        "y", "x", {"axis": "Y", "units": "degrees"}, {"axis": "X", "units": "degrees"}
    ),
    "along dimensions of other names": named("lat", "lon", {}, {}, dims=("nlat", "nlon")),
}


def scaled(of_y: tuple[str, float], of_x: tuple[str, float]) -> Coordinates:
    return {
        "lat": (("lat",), LAT * of_y[1], {"units": of_y[0]}),
        "lon": (("lon",), LON * of_x[1], {"units": of_x[0]}),
    }


KNOWN |= {
    "degrees south": scaled(("degrees_south", -1.0), ("degrees_east", 1.0)),
    "degrees west": scaled(("degrees_north", 1.0), ("degreesW", -1.0)),
    "minutes of arc": scaled(("arc_minute", 60.0), ("arcminutes", 60.0)),
    "radians": scaled(("radian", np.radians(1.0)), ("rad", np.radians(1.0))),
}


@pytest.mark.parametrize("name", KNOWN)
def test_degrees_are_known_by_what_says_so(tmp_path: Path, name: str):
    at = KNOWN[name]
    dims = ("time", *(over[0] for over, _, _ in at.values()))
    one = write_field(tmp_path / "a.nc", FIELD, dims, at)
    assert one.header().grid == PLAIN
    assert mean(one, shapely.box(36, -1, 38, 0)) == pytest.approx(6.5, rel=1e-3)


def test_degrees_along_other_dimensions_are_found_where_the_variable_names_them(tmp_path: Path):
    at = named("p", "q", {"units": "degrees_north"}, {"units": "degrees_east"}, ("nlat", "nlon"))
    one = write_field(
        tmp_path / "a.nc", FIELD, ("time", "nlat", "nlon"), at, coordinates="time p q"
    )
    assert one.header().grid == PLAIN


CLAIMS: dict[str, tuple[Coordinates, str]] = {
    "units": (
        named("lat", "lon", {"units": "degrees_east"}, {"units": "degrees_north"}),
        "its lon is latitude by some of its signs, and longitude by its name; correct the file",
    ),
    "standard names": (
        named(
            "y",
            "x",
            {"units": "degrees_north", "standard_name": "longitude"},
            {"units": "degrees_east", "standard_name": "latitude"},
        ),
        "is latitude by some of its signs, and longitude by its",
    ),
    "of a rotated pole": (
        named("rlat", "rlon", {"units": "degrees_north"}, {"units": "degrees_east"}),
        "its rlat and rlon .* do not say what they are",
    ),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_what_claims_to_be_both_is_refused(tmp_path: Path, name: str):
    """Taken by one of the signs, latitudes would be longitudes."""
    at, said = CLAIMS[name]
    one = write_field(tmp_path / "a.nc", FIELD, ("time", *at), at)
    with pytest.raises(GranuleError, match=said):
        one.header()


@pytest.mark.parametrize("kind", ["latitude_longitude", "wkt", "row"])
def test_y_and_x_are_degrees_where_the_mapping_or_the_row_says_so(tmp_path: Path, kind: str):
    wkt = 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]]]'
    mapping: dict[str, dict[str, Any] | None] = {
        "latitude_longitude": {"grid_mapping_name": "latitude_longitude"},
        "wkt": {"spatial_ref": wkt},
        "row": None,
    }
    one = write_field(
        tmp_path / "a.nc",
        FIELD,
        ("time", "y", "x"),
        named("y", "x", {}, {}),
        mapping[kind],
        crs="EPSG:4326" if kind == "row" else "",
    )
    assert one.header().grid == PLAIN


def test_a_mapping_that_says_nothing_takes_nothing_from_degrees(tmp_path: Path):
    """As the ones of many files that were written by hand."""
    for i, mapping in enumerate([{"long_name": "CRS"}, {"grid_mapping_name": "WGS84"}]):
        at = degrees(LAT, LON)
        one = write_field(tmp_path / f"{i}.nc", FIELD, ("time", "lat", "lon"), at, mapping)
        assert one.header().grid == PLAIN


def bounded(
    lat: np.ndarray,
    lon: np.ndarray,
    lat_bounds: np.ndarray | None = None,
    lon_bounds: np.ndarray | None = None,
) -> Coordinates:
    found = dict(degrees(lat, lon))
    for name, bounds in (("lat", lat_bounds), ("lon", lon_bounds)):
        if bounds is not None:
            found[f"{name}_b"] = ((name, "nv"), bounds, {})
            found[name][2]["bounds"] = f"{name}_b"
    return found


def pairs(edges: Any) -> np.ndarray:
    return np.stack([edges[:-1], edges[1:]], axis=1)


def granule(folder: Path, at: Coordinates, field: np.ndarray = FIELD) -> Granule:
    return write_field(folder / "a.nc", field, ("time", "lat", "lon"), at)


def test_bounds_count_also_where_centres_are_even(tmp_path: Path):
    """Coordinates at the south-west corner of each cell."""
    lat, lon = np.arange(-2.0, 2), np.arange(35.0, 40)
    at = bounded(lat, lon, pairs(np.arange(-2.0, 3)), pairs(np.arange(35.0, 41)))
    one = granule(tmp_path, at)
    assert one.header().grid == PLAIN
    assert mean(one, shapely.box(36, -1, 37, 0)) == pytest.approx(6.0)


CORNERS: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
    "the edges, each once": (("edge",), np.arange(-2.0, 3)),
    "over a dimension of another name": (("rows", "nv"), pairs(np.arange(-2.0, 3))),
    "all four corners": (("lat", "nv"), np.tile(pairs(np.arange(-2.0, 3)), 2)),
}


@pytest.mark.parametrize("name", CORNERS)
def test_bounds_count_however_they_are_laid_out(tmp_path: Path, name: str):
    """Coordinates at the southern edge of each cell."""
    at = dict(degrees(np.arange(-2.0, 2), LON))
    at["lat"][2]["bounds"] = "b"
    assert granule(tmp_path, at | {"b": (*CORNERS[name], {})}).header().grid == PLAIN


def test_bounds_of_other_cells_are_refused(tmp_path: Path):
    at = dict(degrees(LAT, LON))
    at["lat"][2]["bounds"] = "b"
    at["b"] = (("rows", "nv"), pairs(np.arange(-2.0, 2)), {})
    said = "the bounds of its lat, b, are 3 x 2 numbers, which suit no 4 cells; correct them"
    with pytest.raises(GranuleError, match=said):
        granule(tmp_path, at).header()


@pytest.mark.parametrize("lost", [np.nan, "no width"])
def test_bounds_that_lack_cells_count_as_far_as_they_say_nothing_new(tmp_path: Path, lost: Any):
    whole = pairs(np.arange(-2.0, 3))
    bounds = whole.copy()
    bounds[1] = bounds[1, 0] if lost == "no width" else np.nan
    assert granule(tmp_path / "plain", bounded(LAT, LON, bounds)).header().grid == PLAIN
    with pytest.raises(GranuleError, match="the bounds of its lat lack 1 of 4 cells, such as the"):
        granule(tmp_path / "corner", bounded(np.arange(-2.0, 2), LON, bounds)).header()


def test_bounds_that_are_named_but_not_there_are_told(tmp_path: Path):
    at = dict(degrees(LAT, LON))
    at["lat"][2]["bounds"] = "lat_bnds"
    header = granule(tmp_path, at).header()
    assert header.grid == PLAIN
    assert header.placing == (
        "the bounds of its lat, lat_bnds, are missing; cells are taken to end midway between "
        "coordinates",
    )


@pytest.mark.parametrize("axis", ["lat", "lon"])
def test_bounds_give_a_single_row_or_column_its_size(tmp_path: Path, axis: str):
    if axis == "lat":
        at = bounded(LAT[1:2], LON, np.array([[-1.0, 0.0]]))
        one = granule(tmp_path, at, FIELD[:, 1:2])
        assert mean(one, shapely.box(36, -0.9, 37, -0.2)) == 6.0
    else:
        at = bounded(LAT, LON[1:2], None, np.array([[36.0, 37.0]]))
        one = granule(tmp_path, at, FIELD[:, :, 1:2])
        assert mean(one, shapely.box(36.2, -0.9, 36.7, -0.2)) == 6.0


def test_columns_of_several_widths_count_by_their_own(tmp_path: Path):
    """Widths of 1, 2 and 3 degrees hold 10, 20 and 60."""
    at = bounded(LAT, np.array([30.5, 32.0, 34.5]), None, pairs(np.array([30.0, 31, 33, 36])))
    one = granule(tmp_path, at, np.broadcast_to([10.0, 20.0, 60.0], (1, 4, 3)))
    assert mean(one, shapely.box(30, -1, 36, 1)) == pytest.approx((10 + 2 * 20 + 3 * 60) / 6)
    assert mean(one, shapely.box(32, -1, 34, 1)) == pytest.approx((20 + 60) / 2)
    assert mean(one, shapely.box(29, -1, 37, 1), "sum") == pytest.approx(2 * 90.0)


def test_a_single_cell_may_be_the_globe(tmp_path: Path):
    at = bounded(
        np.zeros(1), np.full(1, 180.0), np.array([[-90.0, 90.0]]), np.array([[0.0, 360.0]])
    )
    one = granule(tmp_path, at, np.full((1, 1, 1), 7.0))
    assert mean(one, shapely.box(-179, -80, -100, 80)) == 7.0


def test_a_single_cell_without_bounds_is_refused(tmp_path: Path):
    one = granule(tmp_path, degrees(LAT[:1], LON[:1]), FIELD[:, :1, :1])
    with pytest.raises(GranuleError, match="its lat has a single value and no bounds, so that"):
        one.header()


def test_the_file_may_say_how_large_a_single_cell_is(tmp_path: Path):
    one = granule(tmp_path, degrees(LAT[:1], LON[:1]), FIELD[:, :1, :1] + 4)
    with netCDF4.Dataset(one.path, "a") as data:
        data.geospatial_lat_resolution = "1.0 degree"
        data.geospatial_lon_resolution = 1.0
    assert one.header().grid == Grid(-1.0, 35.0, 1.0, 1.0, 1, 1, (-1.0, -2.0), (35.0, 36.0))
    assert mean(one, shapely.box(35, -2, 36, -1)) == 4.0
    assert one.header().placing == (
        "the single lat is taken to be 1 degrees wide, as the file says",
        "the single lon is taken to be 1 degrees wide, as the file says",
    )


SAME: dict[str, Coordinates] = {
    "as float32": bounded(LAT, LON, pairs(np.arange(-2.0, 3)).astype("f4")),
    "falling": bounded(LAT, LON, pairs(np.arange(-2.0, 3))[:, ::-1]),
    "missing": bounded(LAT, LON, np.full((4, 2), np.nan)),
    "without width": bounded(LAT, LON, np.stack([LAT, LAT], axis=1)),
    "a turn away": bounded(LAT, LON, None, pairs(np.arange(35.0, 41)) - 360.0),
    "the other way round": {
        **degrees(LAT, LON),
        "lat": (("lat",), LAT, {"units": "degrees_north", "bounds": "b"}),
        "b": (("nv", "lat"), pairs(np.arange(-2.0, 3)).T, {}),
    },
}


@pytest.mark.parametrize("name", SAME)
def test_bounds_that_say_nothing_new_change_nothing(tmp_path: Path, name: str):
    assert granule(tmp_path, SAME[name]).header().grid == PLAIN


def test_cells_at_the_poles_end_there_with_bounds_and_without(tmp_path: Path):
    lat, lon = np.linspace(-90, 90, 7), np.arange(0.0, 360, 60)
    edges = np.clip(np.arange(-105, 106, 30.0), -90, 90)
    field = np.zeros((1, 7, 6))
    plain = write_field(tmp_path / "a.nc", field, ("time", "lat", "lon"), degrees(lat, lon))
    at = bounded(lat, lon, pairs(edges))
    given = write_field(tmp_path / "b.nc", field, ("time", "lat", "lon"), at)
    assert given.header().grid == plain.header().grid
    np.testing.assert_array_equal(given.header().grid.row_lines, edges[::-1])


WRONG = {
    "gaps": (
        np.stack([LAT - 0.4, LAT + 0.4], axis=1),
        "leave gaps or overlap: a cell ends at -1.1",
    ),
    "overlap": (np.stack([LAT - 0.7, LAT + 0.7], axis=1), "leave gaps or overlap"),
    "elsewhere": (
        pairs(np.arange(3.0, 8)),
        "do not hold their cells: -1.5 is said to lie",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_bounds_that_cannot_be_are_refused(tmp_path: Path, name: str):
    bounds, said = WRONG[name]
    with pytest.raises(GranuleError, match=f"the bounds of its lat {said}"):
        granule(tmp_path, bounded(LAT, LON, bounds)).header()


def test_latitudes_out_of_order_are_refused(tmp_path: Path):
    with pytest.raises(
        GranuleError,
        match=r"its lat neither rises nor falls all along: -0.5 follows 0.5; sort the file by it",
    ):
        granule(tmp_path, degrees(np.array([-1.5, 0.5, -0.5, 1.5]), LON)).header()


@pytest.mark.parametrize(
    ("lat", "said"),
    [
        ([0.5, 1.5, 2.5, 9.5, 10.5], "its lat has a gap: 9.5 follows 2.5, and the next ones are 1"),
        ([10.5, 9.5, 8.5, 3.5], "its lat has a gap: 8.5 follows 3.5"),
        ([0.5, np.nan, 2.5, 3.5], "its lat has no number at 1 of 4 places; correct the file, or"),
    ],
)
def test_rows_that_were_left_out_are_not_given_to_their_neighbours(tmp_path, lat, said):
    lat = np.array(lat)
    with pytest.raises(GranuleError, match=said):
        granule(tmp_path, degrees(lat, LON), np.zeros((1, len(lat), 5))).header()


def test_a_grid_that_is_finer_on_one_side_has_no_gap(tmp_path: Path):
    """As ocean models are from 40 degrees on."""
    lat = np.append(np.arange(0.5, 4), np.arange(4.0, 6, 0.5))
    grid = granule(tmp_path, degrees(lat, LON), np.zeros((1, 8, 5))).header().grid
    np.testing.assert_allclose(grid.row_lines[::-1], [0, 1, 2, 3, 3.75, 4.25, 4.75, 5.25, 5.75])


@pytest.mark.parametrize("kept", [{"lat"}, {"lat", "lon"}])
def test_a_place_that_is_a_single_number_is_told_how_to_keep_its_dimension(tmp_path, kept):
    at = {
        name: ((), numbers[0], said) if name in kept else (over, numbers, said)
        for name, (over, numbers, said) in degrees(LAT, LON).items()
    }
    dims = ("time", "lon")[: 3 - len(kept)]
    one = write_field(tmp_path / "a.nc", np.zeros((1, 5))[(..., *[0] * (2 - len(dims)))], dims, at)
    with pytest.raises(GranuleError, match="its lat is a single number; keep rows and columns"):
        one.header()


def globe(lon: np.ndarray, field: np.ndarray, folder: Path) -> Granule:
    lat = np.arange(-85.0, 90, 10)
    whole = np.broadcast_to(field, (1, len(lat), len(lon)))
    return write_field(folder / "a.nc", whole, ("time", "lat", "lon"), degrees(lat, lon))


@pytest.mark.parametrize("lon", [np.arange(0.0, 361, 10), np.arange(-180.0, 181, 10)])
@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize("wrapped", [False, True])
def test_no_cell_counts_twice_where_both_ends_of_the_turn_are_there(
    tmp_path: Path, lon: np.ndarray, falls: bool, wrapped: bool
):
    """The cell at Greenwich holds 10, its neighbours 0."""
    field = np.where(lon % 360 == 0, 10.0, 0.0)
    if wrapped:
        lon = np.where(lon == lon[-1], lon[0], lon)
    if falls:
        lon, field = lon[::-1], field[::-1]
    one = globe(lon, field, tmp_path)
    header = one.header()
    assert header.grid.columns == 36
    assert header.grid.is_cyclic
    assert len(header.placing) == 1
    assert "repeats" in header.placing[0]
    assert mean(one, shapely.box(-15, -10, 15, 10)) == pytest.approx(10 / 3)
    assert mean(one, shapely.box(-15, -10, 15, 10), "sum") == pytest.approx(20.0)
    assert mean(one, shapely.box(-180, -10, 180, 10)) == pytest.approx(10 / 36)


def test_several_columns_may_repeat_the_first_ones(tmp_path: Path):
    lon = np.arange(-20.0, 361, 10)
    one = globe(lon, np.cos(np.radians(lon)), tmp_path)
    assert one.header().grid.columns == 36
    assert mean(one, shapely.box(-180, -10, 180, 10)) == pytest.approx(0.0, abs=1e-9)


def test_a_repeat_that_is_missing_is_left_out(tmp_path: Path):
    lon = np.arange(0.0, 361, 10)
    one = globe(lon, np.where(lon == 360, np.nan, 1.0), tmp_path)
    assert mean(one, shapely.box(-15, -10, 15, 10)) == 1.0


def test_two_columns_of_one_place_that_differ_are_refused(tmp_path: Path):
    lon = np.arange(0.0, 361, 10)
    for field in (lon, np.where(lon == 0, np.nan, 1.0)):
        with pytest.raises(GranuleError, match="lon 360 and 0 are one place, but hold different"):
            globe(lon, field, tmp_path).header()


def test_more_than_a_turn_is_refused(tmp_path: Path):
    with pytest.raises(GranuleError, match="its lon spans 385 degrees, and no column repeats"):
        globe(np.arange(0.0, 360, 35), np.zeros(11), tmp_path).header()


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from([-720, -360, 0, 360]),
    st.integers(0, 35),
    st.booleans(),
    st.tuples(st.integers(-1790, 1000), st.integers(50, 700)),
)
def test_longitudes_shifted_by_a_turn_change_nothing(tmp_path_factory, turn, first, falls, box):
    """Wherever the file begins, and wherever it wraps."""
    # in tenths of a degree: nearer to a line of the grid, rounding says whether it counts as on it
    west, width = box[0] / 10, box[1] / 10
    folder = tmp_path_factory.mktemp("turn")
    lon = np.arange(5.0, 360, 10)
    field = np.random.default_rng(4).random((1, 18, 36))
    plain = globe(lon, field, folder / "plain")
    rolled = np.roll(lon, -first)
    shifted = np.where(rolled > 180, rolled - 360, rolled) + (turn if turn >= -360 else 0)
    moved = np.roll(field, -first, axis=2)
    if falls:
        shifted, moved = shifted[::-1], moved[:, :, ::-1]
    other = globe(shifted, moved, folder / "other")
    shape = shapely.box(west, -33.0, west + width, 47.0)
    for name in ("mean", "sum", "max"):
        assert mean(other, shape, name) == pytest.approx(mean(plain, shape, name), rel=1e-12)


def test_what_was_moved_to_be_round_is_told(tmp_path: Path):
    lat = (0.05 * np.arange(40) - 0.975).astype("f4")
    field = np.ones((1, len(lat), 5))
    moved = granule(tmp_path, degrees(lat, LON), field).header().grid.moved
    assert [one.axis for one in moved] == ["lat"]
    assert (moved[0].meant_edge, moved[0].meant_step) == pytest.approx((-1.0, 0.05), abs=1e-15)
    assert moved[0].step != moved[0].meant_step
    assert abs(moved[0].edge - moved[0].meant_edge) < 1e-6
    assert granule(tmp_path / "b", degrees(LAT, LON)).header().grid.moved == ()


def test_what_was_assumed_of_cells_stands_in_the_notes(tmp_path: Path):
    found = [globe(np.arange(0.0, 361, 10), np.zeros(37), tmp_path / name) for name in "ab"]
    notes = lay_timeline([(found[0], found[0].header())]).notes
    assert [(one.code, str(one)) for one in notes if one.code == "grid"] == [
        ("grid", "a.nc: lon 360 repeats 0, and is left out")
    ]
