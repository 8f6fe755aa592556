"""A file is uploaded; its layer, and the fields of its zones' names, are chosen then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas
import shapely

from csserv.request import Area
from csserv.request.limits import Limits
from csserv.views.area.file_picker import FilePicker

A, B = shapely.box(36, 0, 37, 1), shapely.box(37, 0, 38, 1)
DISTRICTS = {
    "ADM2_PCODE": ["SD1", "SD2"],
    "ADM1_EN": ["Darfur", "Darfur"],
    "ADM2_EN": ["Nyala", "Kas"],
    "ADM2_AR": ["نيالا", "كاس"],
}


def in_a_loop(test: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """Run a test in an event loop, as pages do."""

    def run(tmp_path: Path) -> None:
        asyncio.run(test(tmp_path))

    run.__name__ = test.__name__
    return run


async def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, as files are read in threads."""
    for _ in range(600):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come")


async def quiet() -> None:
    """Wait until all that has begun has ended."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.gather(*others)
        await asyncio.sleep(0)


class Page:
    """A picker, and what it has told."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.areas: list[Area] = []
        self.problems: list[str] = []
        limits = limits or Limits(zones=20_000)
        self.picker = FilePicker(limits, self.areas.append, self.problems.append)

    async def send(self, path: Path) -> None:
        self.picker.upload.filename = path.name
        # the widget tells of its value by the same call
        await self.picker._uploaded(SimpleNamespace(new=path.read_bytes()))

    @property
    def names(self) -> list[str]:
        return [zone.name for zone in self.areas[-1].zones]


def geopackage(path: Path, **layers: dict[str, list[str]]) -> Path:
    for name, fields in layers.items():
        frame = geopandas.GeoDataFrame(fields, geometry=[A, B], crs="EPSG:4326")
        frame.to_file(path, layer=name)
    return path


@in_a_loop
async def test_names_and_ids_are_those_the_reader_takes_until_others_are_chosen(tmp_path: Path):
    page = Page()
    await page.send(geopackage(tmp_path / "sudan.gpkg", districts=DISTRICTS))
    assert page.names == ["Nyala", "Kas"]
    assert (page.picker.names.value, page.picker.ids.value) == ("ADM2_EN", "ADM2_PCODE")
    page.picker.names.value = "ADM2_AR"
    await eventually(lambda: page.names == ["نيالا", "كاس"])
    assert [zone.id for zone in page.areas[-1].zones] == ["SD1", "SD2"]
    assert "the names of ADM2_AR" in str(page.areas[-1].notes)
    assert "<bdi>نيالا</bdi>, <bdi>كاس</bdi>" in page.picker.zones.object


@in_a_loop
async def test_a_file_is_used_once_and_what_is_chosen_while_it_is_used_stays(tmp_path: Path):
    page = Page()
    path = geopackage(tmp_path / "sudan.gpkg", districts=DISTRICTS)
    await page.send(path)
    await quiet()
    assert len(page.areas) == 1
    sending = asyncio.ensure_future(page.send(path))
    await eventually(lambda: len(page.areas) == 2)
    page.picker.names.value = "ADM2_AR"  # as soon as it can be chosen
    await sending
    await quiet()
    assert page.picker.names.value == "ADM2_AR"
    assert (page.names, len(page.areas)) == (["نيالا", "كاس"], 3)
    page.picker.names.value = "ADM2_EN"
    page.picker.names.value = "ADM1_EN"
    page.picker.names.value = "ADM2_PCODE"
    await quiet()
    assert page.names == ["SD1", "SD2"]
    assert page.picker.names.value == "ADM2_PCODE"


@in_a_loop
async def test_fields_are_offered_with_their_values_and_ids_only_where_each_zone_has_its_own(
    tmp_path: Path,
):
    page = Page()
    await page.send(geopackage(tmp_path / "sudan.gpkg", districts=DISTRICTS))
    shown = [text.replace("\u2068", "").replace("\u2069", "") for text, _ in page.picker.names.rows]
    assert shown[1:3] == ["ADM2_PCODE: SD1, SD2", "ADM1_EN: Darfur"]
    ids = [field for _, field in page.picker.ids.rows]
    assert ids == ["fid", "ADM2_PCODE", "ADM2_EN", "ADM2_AR"]


@in_a_loop
async def test_one_of_several_layers_is_chosen_and_then_another(tmp_path: Path):
    page = Page()
    states = {"name": ["North", "South"]}
    await page.send(geopackage(tmp_path / "both.gpkg", states=states, districts=DISTRICTS))
    assert "2 layers of polygons: states (2), districts (2)" in page.problems[-1]
    assert page.picker.layer.visible
    assert not page.picker.names.visible
    page.picker.layer.value = "districts"
    await eventually(lambda: bool(page.areas) and page.names == ["Nyala", "Kas"])
    page.picker.layer.value = "states"
    await eventually(lambda: page.names == ["North", "South"])
    assert page.picker.names.value == "name"


@in_a_loop
async def test_metres_without_a_system_are_read_once_it_is_said(tmp_path: Path):
    page = Page()
    square = shapely.to_geojson(shapely.box(500_000, 9_990_000, 510_000, 10_000_000))
    path = tmp_path / "metres.geojson"
    path.write_text(square)
    await page.send(path)
    assert "look like metres" in page.problems[-1]
    page.picker.crs.value = "EPSG:32737"
    await eventually(lambda: bool(page.areas))
    assert shapely.box(38.9, -0.2, 39.1, 0.1).contains(page.areas[-1].zones[0].geometry)


@in_a_loop
async def test_texts_are_read_anew_in_the_encoding_that_is_chosen(tmp_path: Path):
    page = Page()
    path = tmp_path / "stations.csv"
    name = DISTRICTS["ADM2_AR"][0]
    path.write_bytes(f"name,lon,lat\n{name},24.9,12.0\n".encode("cp1256"))
    await page.send(path)
    assert page.names != [name]
    page.picker.encoding.value = "cp1256"
    await eventually(lambda: page.names == [name])


@in_a_loop
async def test_columns_of_coordinates_are_chosen_where_they_are_not_recognised(tmp_path: Path):
    page = Page()
    path = tmp_path / "stations.csv"
    path.write_text("name,down,across,lat,lon\nLodwar,3.1,35.6,3,35\n")
    await page.send(path)
    picker = page.picker
    assert (picker.lon.value, picker.lat.value, picker.lon.visible) == ("lon", "lat", True)
    picker.lon.value = "across"
    await eventually(lambda: bool(page.areas) and page.areas[-1].zones[0].geometry.x == 35.6)
    path.write_text("name,down,across\nLodwar,3.1,35.6\n")
    await page.send(path)
    assert "line 1 has name, down, across" in page.problems[-1]
    assert [column for _, column in picker.lat.rows] == ["", "name", "down", "across"]
    picker.lat.value = "down"
    await eventually(lambda: len(page.problems) == 2)
    assert picker.lat.value == "down"
    picker.lon.value = "across"
    await eventually(lambda: page.areas[-1].zones[0].geometry.y == 3.1)
    await page.send(geopackage(tmp_path / "sudan.gpkg", districts=DISTRICTS))
    assert not picker.lon.visible


@in_a_loop
async def test_another_file_begins_anew_and_a_broken_one_says_why(tmp_path: Path):
    page = Page()
    await page.send(geopackage(tmp_path / "sudan.gpkg", districts=DISTRICTS))
    page.picker.encoding.value = "cp1256"
    broken = tmp_path / "notes.exe"
    broken.write_text("hello")
    await page.send(broken)
    assert "allowed endings" in page.problems[-1]
    assert not page.picker.names.visible
    assert page.picker.encoding.value == ""


@in_a_loop
async def test_zones_and_fields_of_the_file_before_are_not_shown_beside_a_broken_one(
    tmp_path: Path,
):
    page = Page()
    picker = page.picker
    await page.send(geopackage(tmp_path / "good.gpkg", zones=DISTRICTS))
    assert picker.zones.visible
    crossed = shapely.Polygon([(36, 0), (38, 2), (38, 0), (36, 2)])
    frame = geopandas.GeoDataFrame({"name": ["Bow"]}, geometry=[crossed], crs="EPSG:4326")
    (tmp_path / "bow.geojson").write_text(frame.to_json())
    await page.send(tmp_path / "bow.geojson")
    assert "Bow: the polygon is broken" in page.problems[-1]
    assert not any(one.visible for one in (picker.zones, picker.names, picker.ids))


@in_a_loop
async def test_more_zones_than_the_server_allows_are_refused_by_its_setting(tmp_path: Path):
    page = Page(Limits(zones=1))
    await page.send(geopackage(tmp_path / "sudan.gpkg", districts=DISTRICTS))
    assert "more than 1 zones (CSSERV_MAX_ZONES)" in page.problems[-1]
    assert not page.areas
