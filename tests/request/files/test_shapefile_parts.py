"""Parts of a shapefile that are lacking, or are none: what is assumed or lost is told."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from csserv.errors import InvalidAreaError
from csserv.request.area import Area
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.reading import read_upload

Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def degrees(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    return parts_of(tmp_path_factory.mktemp("degrees"), 1)


@pytest.fixture(scope="module")
def metres(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    return parts_of(tmp_path_factory.mktemp("metres"), 10_000)


def parts_of(folder: Path, scale: float) -> Parts:
    shapes = [shapely.box(west * scale, 0, (west + 1) * scale, scale) for west in (36, 38)]
    pyogrio.raw.write(
        folder / "a.shp",
        np.array([shape.wkb for shape in shapes], object),
        [np.array(["Ségou", "Voi"], object)],
        ["name"],
        geometry_type="Polygon",
        crs="EPSG:4326",
        encoding="cp1252",
    )
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


def read(parts: Parts, **choices: str) -> Area:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for ending, content in parts.items():
            archive.writestr(f"a{ending}", content)
    return read_upload("a.zip", packed.getvalue(), choices=FileChoices(**choices))


def told(area: Area) -> str:
    return " | ".join(note.text for note in area.notes)


def test_a_whole_shapefile_tells_nothing(degrees: Parts):
    area = read(degrees)
    assert [zone.name for zone in area.zones] == ["Ségou", "Voi"]
    assert told(area) == ""
    assert told(read(degrees | {".prj": b" \n"})) == ""


def test_a_prj_that_is_none_is_told_where_degrees_fit(degrees: Parts):
    area = read(degrees | {".prj": b"GARBAGE"})
    assert area.zones[0].geometry.equals(shapely.box(36, 0, 37, 1))
    assert told(area).startswith("its .prj (GARBAGE) is no coordinate system that is known: ")


def test_a_prj_that_is_none_is_refused_where_degrees_do_not_fit(metres: Parts):
    with pytest.raises(InvalidAreaError, match=r"its \.prj \(GARBAGE\) is no .*; say their system"):
        read(metres | {".prj": b"GARBAGE"})
    area = read(metres | {".prj": b"GARBAGE"}, crs="EPSG:32737")
    assert "its .prj" not in told(area)


def test_an_unknown_encoding_is_named(degrees: Parts):
    area = read(degrees | {".cpg": b"klingon"})
    assert "as the encoding that the .cpg says, 'klingon', is not known; if names" in told(area)
    without = {ending: content for ending, content in degrees.items() if ending != ".cpg"}
    assert told(area) != told(read(without))


def test_names_that_are_lost_are_told(degrees: Parts):
    without = {ending: content for ending, content in degrees.items() if ending != ".dbf"}
    for parts, said in (
        (without, "its .dbf is lacking, which holds the names of zones"),
        (degrees | {".dbf": degrees[".dbf"][:40]}, "its .dbf is damaged: names of zones"),
        (degrees | {".dbf": b"x" * 500}, "its .dbf is damaged: names of zones"),
    ):
        area = read(parts)
        assert [zone.name for zone in area.zones] == ["zone 1", "zone 2"]
        assert told(area).startswith(said)
