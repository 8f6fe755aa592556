"""A ring that leaps over half of the globe goes the short way; one of a box stays as it is."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.request.antimeridian import goes_across, the_short_way


def ring(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(point) for point in points]]}


FIJI = ring((177, -19), (-178, -19), (-178, -16), (177, -16), (177, -19))


def test_ring_across_180_degrees_is_cut_there():
    area = Area.from_geojson(FIJI)
    (zone,) = area.zones
    whole = shapely.union(shapely.box(177, -19, 180, -16), shapely.box(-180, -19, -178, -16))
    assert zone.geometry.equals(whole)
    assert "across 180° of longitude the short way" in area.notes[0].text
    assert Area.from_geojson(area.geojson) == area


def test_ring_round_a_pole_is_closed_along_it():
    cap = Area.from_geojson(ring((0, 70), (100, 70), (-160, 70), (-80, 70), (0, 70)))
    assert cap.bounds == (-180, 70, 180, 90)
    assert cap.zones[0].geometry.area == pytest.approx(360 * 20)
    south = Area.from_geojson(ring((0, -70), (-80, -70), (-160, -70), (100, -70), (0, -70)))
    assert south.zones[0].geometry.area == pytest.approx(360 * 20)


def circle(lat: float, start: int = 0, step: int = 45) -> list[tuple[float, float]]:
    """Return a ring round the globe that begins at a longitude."""
    lons = [(lon + 180) % 360 - 180 for lon in range(start, start + 360, step)]
    return [(float(lon), lat) for lon in (*lons, lons[0])]


@pytest.mark.parametrize("start", range(-180, 180, 30))
@pytest.mark.parametrize("sign", [1, -1])
def test_hole_round_the_pole_is_taken_out_wherever_the_rings_begin(start: int, sign: int):
    for hole in (circle(sign * 80), circle(sign * 80)[::-1]):
        band = Area.from_geometry(shapely.Polygon(circle(sign * 60, start), [hole])).zones[0]
        assert band.geometry.area == pytest.approx(360 * 20)
        assert (band.geometry.bounds[1], band.geometry.bounds[3]) == tuple(
            sorted((sign * 60, sign * 80))
        )


@pytest.mark.parametrize("start", range(-180, 180, 30))
def test_hole_across_the_ends_of_a_ring_round_the_pole_is_taken_out(start: int):
    hole = [(start - 10, 70), (start + 10, 70), (start + 10, 75), (start - 10, 75)]
    rings = [hole, circle(80)]
    cap = Area.from_geometry(shapely.Polygon(circle(60, start), rings)).zones[0]
    assert cap.geometry.area == pytest.approx(360 * 20 - 20 * 5)


@pytest.mark.parametrize(
    ("shell", "hole"),
    [
        (circle(60), circle(50)),
        (circle(60), [(0, 50), (90, 80), (180, 80), (-90, 80)]),
        (circle(60), circle(-60)),
    ],
)
def test_hole_round_a_pole_that_is_not_within_its_polygon_is_refused(shell: Any, hole: Any):
    with pytest.raises(InvalidAreaError, match="a hole goes round a pole, but does not lie within"):
        Area.from_geometry(shapely.Polygon(shell, [hole]))


def test_a_note_tells_of_the_pole_that_a_ring_is_closed_along():
    polygons = [shapely.Polygon(circle(lat)) for lat in (60, 70, -60)]
    polygons.append(shapely.Polygon([(177, -19), (-178, -19), (-178, -16), (177, -16)]))
    shapes = [shapely.geometry.mapping(one) for one in polygons]
    features = [{"type": "Feature", "id": i, "geometry": one} for i, one in enumerate(shapes)]
    area = Area.from_geojson({"type": "FeatureCollection", "features": features})
    assert [note.text for note in area.notes] == [
        "3 goes across 180° of longitude the short way; for the long way, give corners between",
        "2 zones go round the north pole, and are closed along it",
        "2 goes round the south pole, and is closed along it",
    ]


COAST = ((-180, -78), (-90, -72), (0, -70), (90, -66), (180, -78))


@pytest.mark.parametrize("start", range(5))
@pytest.mark.parametrize("sign", [1, -1])
def test_ring_round_a_pole_that_begins_at_180_degrees_is_closed_along_it(start: int, sign: int):
    """Its closing edge is exactly 360 degrees long, as in many files of Antarctica."""
    turned = [(lon, sign * lat) for lon, lat in (*COAST[start:], *COAST[:start])]
    cap = Area.from_geojson(ring(*turned, turned[0]))
    closed = shapely.Polygon([*COAST, (180, -90), (-180, -90)])
    assert cap.zones[0].geometry.area == pytest.approx(closed.area)
    assert (cap.bounds[1], cap.bounds[3]) == ((-90, -66) if sign > 0 else (66, 90))


@pytest.mark.parametrize(
    "more", [((180, -90), (-180, -90)), ((180, -60), (-180, -60)), ((180, -85), (-180, -85))]
)
def test_ring_that_goes_along_180_degrees_to_a_parallel_stays_as_it_is(more: Any):
    given = shapely.Polygon([*COAST, *more])
    assert not goes_across(given)
    zone = Area.from_geometry(given).zones[0]
    assert zone.geometry.area == pytest.approx(given.area)


def test_hole_goes_with_its_shell():
    shell = shapely.Polygon([(170, 0), (-170, 0), (-170, 10), (170, 10)])
    hole = [(-178, 2), (-174, 2), (-174, 4), (-178, 4)]
    with_hole = the_short_way(shapely.Polygon(shell.exterior, [hole]))
    assert with_hole.is_valid
    assert with_hole.area == pytest.approx(20 * 10 - 4 * 2)


@pytest.mark.parametrize(
    "edges", [(-170, -10, 170, 10), (-180, -90, 180, 90), (0, -90, 360, 90), (10, 0, 200, 5)]
)
def test_wide_box_stays_as_it_is(edges: tuple[float, float, float, float]):
    box = Area.from_box(*edges)
    assert box.zones[0].geometry.area == pytest.approx(
        (edges[2] - edges[0]) * (edges[3] - edges[1])
    )
    assert Area.from_geojson(box.geojson) == box


@given(st.floats(-180, 180), st.floats(0.5, 170), st.floats(-80, 79), st.floats(0.5, 10))
def test_box_written_with_longitudes_within_180_is_the_same(
    west: float, width: float, south: float, height: float
):
    def within(lon: float) -> float:
        return lon - 360 if lon > 180 else lon

    north, east = south + height, within(west + width)
    written = shapely.Polygon([(west, south), (east, south), (east, north), (west, north)])
    assert the_short_way(written).area == pytest.approx(width * height)
    assert not goes_across(the_short_way(written))
