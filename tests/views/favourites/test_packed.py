"""What is saved comes back exactly, whatever a browser has made of it meanwhile."""

from __future__ import annotations

import base64
import math
import zlib
from pathlib import Path

import geopandas
import pytest
import shapely

from csserv import Area, Request
from csserv.access.favourites import Favourite
from csserv.catalog import Layers
from csserv.errors import AreaTooLargeError, CsservError, InvalidRequestError
from csserv.request import Options, Period, Zone
from csserv.request.files.reading import read_area
from csserv.request.limits import FILE_LIMITS, Limits
from csserv.views.address.asked_query import AskedQuery
from csserv.views.area.drawn_shapes import toggled
from csserv.views.favourites.packed import favourite_of, opened, packed, unpacked

LAYERS = Layers.bundled()
PERIOD = Period.parse("2019-02")


def uploaded(folder: Path) -> Area:
    """Zones as surveyors have them: all digits, holes, parts, names of their own."""
    circle = shapely.Point(36 + math.pi / 100, 1 / 3).buffer(0.7)
    ring = circle.difference(shapely.Point(36.1, 1 / 3).buffer(0.1))
    parts = shapely.MultiPolygon([shapely.box(38, 0, 38.1, 0.1), shapely.box(39, 0, 40, 1)])
    shapes = [ring, parts]
    fields = {"code": ["SD01", "SD02"], "name": ["نيالا", "Côte: (east), {x} & y"]}
    path = folder / "survey.gpkg"
    geopandas.GeoDataFrame(fields, geometry=shapes, crs="EPSG:4326").to_file(path)
    return read_area(path, FILE_LIMITS)


def areas(folder: Path) -> dict[str, Area]:
    fine = shapely.Polygon([(36.123456789, 0), (38, 0.00000123), (37, 2)])
    several = toggled(LAYERS.find("Kenya"), Area.from_box(33, -1, 34, 1))
    assert several is not None
    return {
        "of a layer": LAYERS.find("KEN-eastern"),
        "all of a layer": LAYERS.find("KEN/*"),
        "box": Area.from_box(36, 0, 38.5, 2),
        "box across 180°": Area.from_box(170, -5, -170, 5),
        "point": Area.from_point(36.8, -1.3),
        "drawn": Area((Zone("polygon", "polygon", fine),), "polygon"),
        "several": several,
        "uploaded": uploaded(folder),
    }


def test_an_area_comes_back_exactly_as_it_was(tmp_path: Path):
    asked = AskedQuery("rain", "mean", PERIOD, options=Options("monthly"))
    for what, area in areas(tmp_path).items():
        saved = favourite_of("question", "mine", asked, area, LAYERS, FILE_LIMITS)
        again = Favourite(saved.name, saved.query, saved.shape)
        found, back, problems = opened(again, LAYERS, FILE_LIMITS)
        assert back is not None, what
        assert problems == (), what
        assert (back.zones, back.title, back.notes) == (area.zones, area.title, area.notes), what
        assert back.geojson == area.geojson, what
        one, other = (Request("rain", "mean", each, PERIOD) for each in (area, back))
        assert one.fingerprint == other.fingerprint, what
        assert (found.dataset, found.operation, found.period) == ("rain", "mean", PERIOD)
        assert found.options == Options("monthly")


def test_known_zones_are_saved_by_name_and_others_by_their_shape(tmp_path: Path):
    def saved(name: str) -> Favourite:
        return favourite_of("area", "x", AskedQuery(), areas(tmp_path)[name], LAYERS, FILE_LIMITS)

    assert saved("of a layer").query == "?page=request&area=KEN-eastern"
    assert saved("all of a layer").query == "?page=request&area=KEN/*"
    assert saved("of a layer").shape == saved("all of a layer").shape == ""
    assert "area" not in saved("uploaded").query
    assert saved("uploaded").shape


def test_a_question_without_an_area_leaves_it_open():
    saved = favourite_of("question", "x", AskedQuery("rain"), None, LAYERS, FILE_LIMITS)
    assert opened(saved, LAYERS, FILE_LIMITS)[1] is None


def test_zones_that_are_gone_are_told():
    saved = Favourite.of("area", "x", "?page=request&area=gone/LA01")
    _, area, problems = opened(saved, LAYERS, FILE_LIMITS)
    assert area is None
    assert "gone" in problems[0]


def test_an_area_that_is_too_large_to_keep_is_refused_in_words():
    spots = shapely.MultiPoint([(i * math.e % 80, i * math.pi % 70) for i in range(60_000)])
    area = Area.from_geometry(spots, "spots")
    with pytest.raises(InvalidRequestError, match="Add it as a layer, or simplify it"):
        favourite_of("area", "spots", AskedQuery(), area, LAYERS, FILE_LIMITS)


def test_what_a_browser_sends_is_read_within_limits():
    whole = packed(Area.from_geometry(shapely.Point(36, 0).buffer(1), "circle"))
    bomb = base64.b64encode(zlib.compress(b" " * 50_000_000, 9)).decode()
    for text in ("", "no base64!", whole[:40], bomb, base64.b64encode(b"plain").decode()):
        with pytest.raises(InvalidRequestError, match="is damaged"):
            unpacked(text, FILE_LIMITS)
    no_area = base64.b64encode(zlib.compress(b'{"type": "Topology"}')).decode()
    with pytest.raises(CsservError):
        unpacked(no_area, FILE_LIMITS)
    with pytest.raises(AreaTooLargeError):
        unpacked(whole, Limits(vertices=10))
