"""Lakes, rivers and towns as the package has them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pytest
import shapely

from csserv.views.maps.places.place_layers import packed_places

#: a few capitals, longitude and latitude [degrees], from an atlas
CAPITALS = {
    "Nairobi": (36.82, -1.29),
    "Addis Ababa": (38.74, 9.03),
    "Lima": (-77.03, -12.05),
    "Canberra": (149.13, -35.28),
    "Oslo": (10.75, 59.91),
    "Ottawa": (-75.70, 45.42),
}


@pytest.fixture(scope="module")
def places() -> dict[str, Any]:
    return orjson.loads(gzip.decompress(packed_places()))


def corners(steps: list[int]) -> np.ndarray:
    """The corners of a line [degrees]."""
    return np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / 100


def lines(places: dict[str, Any]) -> Iterator[np.ndarray]:
    """All lines and rings of the file."""
    for river in places["rivers"]["shape"]:
        yield from map(corners, river)
    for lake in places["lakes"]["shape"]:
        yield from (corners(ring) for polygon in lake for ring in polygon)


def lake(places: dict[str, Any], name: str) -> shapely.Geometry:
    shape = places["lakes"]["shape"][places["lakes"]["name"].index(name)]
    return shapely.union_all(
        [shapely.Polygon(corners(outer), [*map(corners, holes)]) for outer, *holes in shape]
    )


def test_every_town_has_a_name_and_lies_on_the_globe(places: dict[str, Any]):
    towns = places["towns"]
    assert len({len(column) for column in towns.values()}) == 1
    assert all(name.strip() == name != "" for name in towns["name"])
    assert np.abs(towns["lon"]).max() <= 18000
    assert np.abs(towns["lat"]).max() <= 9000
    assert set(towns["rank"]) == {0, 1, 2, 3, 4, 5}


def test_capitals_are_where_an_atlas_has_them(places: dict[str, Any]):
    rows = zip(*(places["towns"][name] for name in ("name", "lon", "lat", "capital")), strict=True)
    found = {name: (lon / 100, lat / 100) for name, lon, lat, capital in rows if capital}
    assert 190 < len(found) < 260
    for name, place in CAPITALS.items():
        assert np.allclose(found[name], place, atol=0.1), name
    assert "Sydney" not in found


def test_lakes_are_where_they_are(places: dict[str, Any]):
    victoria = lake(places, "Lake Victoria")
    assert victoria.contains(shapely.Point(33, -1))
    assert not victoria.contains(shapely.Point(36.8, -1.3))
    assert lake(places, "Lake Superior").contains(shapely.Point(-87, 47.7))


def test_the_nile_flows_through_khartoum(places: dict[str, Any]):
    rivers = shapely.MultiLineString(
        [corners(line) for river in places["rivers"]["shape"] for line in river]
    )
    assert rivers.distance(shapely.Point(32.5, 15.6)) < 0.1
    assert rivers.distance(shapely.Point(15, 22)) > 2  # the Sahara


def test_lines_lie_on_the_globe_and_do_not_leap(places: dict[str, Any]):
    for line in lines(places):
        assert len(line) >= 2
        assert (np.abs(line) <= (180, 90)).all()
        assert np.abs(np.diff(line, axis=0)).max() < 5


def test_columns_of_lakes_and_rivers_are_as_long_as_their_shapes(places: dict[str, Any]):
    for name in ("lakes", "rivers"):
        assert len({len(column) for column in places[name].values()}) == 1


def test_the_file_is_small():
    assert len(packed_places()) < 300_000
