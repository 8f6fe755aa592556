"""Layers of one's own: found like bundled ones, by paths, and changed whole while others read."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from csserv import Service, Settings
from csserv.catalog.layers.layer_facts import LayerFacts
from csserv.catalog.layers.whole_parts import parts_at
from csserv.catalog.own_layers import LayerFolder, open_layers
from csserv.doctor.service_checks import check_boundaries
from csserv.errors import (
    AreaTooLargeError,
    GranuleError,
    InvalidAreaError,
    InvalidRequestError,
    UnknownLayerError,
)
from csserv.request import Area, Zone
from csserv.request.files import FileChoices, read_area
from csserv.request.limits import Limits
from tests.districts import DISTRICTS, district_frame, write_districts
from tests.processes import CSSERV, environment

FACTS = {"source": "The office", "licence": "CC BY 4.0", "valid_from": "2019-10"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_districts(tmp_path / "districts.gpkg")


@pytest.fixture
def lakeland(service: Service, file: Path) -> Service:
    """A service with a layer of those districts."""
    service.add_layer("lakeland", file, **FACTS)
    return service


@pytest.fixture(scope="module")
def looked_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with that layer, for tests that look and change nothing."""
    folder = tmp_path_factory.mktemp("lakeland")
    with Service(Settings(home=folder / "home", data=folder), starts_runner=False) as service:
        service.add_layer("lakeland", write_districts(folder / "districts.gpkg"), **FACTS)
        yield service


def add(settings: Settings, *words: str) -> subprocess.Popen[str]:
    """Start ``csserv layers add``."""
    own = environment(settings.model_dump(mode="json", exclude_none=True))
    return subprocess.Popen(
        [*CSSERV, "layers", "add", *words],
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def files(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data / "layers").glob("*"))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("lakeland/Turkana", ["LA0101"]),
        ("LAKELAND / turkana", ["LA0101"]),
        ("lakeland/la0202", ["LA0202"]),
        ("lakeland/muranga cote", []),
        ("lakeland/Murang'a / Cote", ["LA0202"]),
        ("lakeland/North/Central", ["LA0102"]),
        ("lakeland/Lakeland/South/Central", ["LA0201"]),
        ("lakeland/South/*", ["LA0201", "LA0202"]),
        ("lakeland/South", ["Lakeland/South"]),
        ("lakeland/Lakeland/north", ["Lakeland/North"]),
        ("lakeland/lakeland", ["Lakeland"]),
        ("lakeland/Lakeland/north/*", ["LA0101", "LA0102"]),
        ("lakeland/*", [one[0] for one in DISTRICTS]),
        ("country/Kenya", ["KEN"]),
        ("admin_1_earth/Rwanda/Northern", ["RWA-northern"]),
    ],
)
def test_zone_is_found_by_name_id_and_path(looked_up: Service, text: str, ids: list[str]):
    if not ids:
        with pytest.raises(InvalidAreaError, match="did you mean Murang'a / Côte"):
            looked_up.area(text)
        return
    assert [zone.id for zone in looked_up.area(text).zones] == ids


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lakeland", r"is a layer of 4 zones; ask for all, lakeland/\*, or for one, such as"),
        ("lakeland/", "is a layer of 4 zones"),
        ("lakeland/Central", r"ambiguous .* Lakeland/North/Central \(LA0102\), Lakeland/South/Ce"),
        ("lakeland/Turkanna", "no area 'Turkanna' among the zones of lakeland; did you mean Turk"),
        ("lakeland/West/*", "no area 'West' among the zones of lakeland"),
        ("lakeland/../x", "no area '../x' among the zones of lakeland"),
    ],
)
def test_what_is_not_found_is_told_with_the_nearest(looked_up: Service, text: str, said: str):
    with pytest.raises(InvalidAreaError, match=said):
        looked_up.area(text)


def test_zone_that_is_like_no_other_is_told_with_some_that_there_are(looked_up: Service):
    with pytest.raises(InvalidAreaError, match=r"; it holds Turkana, Central, "):
        looked_up.layers.find("lakeland/xyzzy")


def test_misspelt_layer_is_told_with_the_known_ones(service: Service, file: Path):
    service.add_layer("lake_districts", file)
    with pytest.raises(UnknownLayerError, match="did you mean lake_districts"):
        service.area("lake_district/Turkana")


def test_zones_are_those_of_the_file_and_say_where_they_are_from(lakeland: Service, file: Path):
    found, given = lakeland.area("lakeland/*"), read_area(file)
    assert found.zones == given.zones
    said = "zones are of lakeland: The office, CC BY 4.0, as of 2019-10"
    assert [note.text for note in found.notes] == [said]
    assert lakeland.layers.area("lakeland", ["Turkana", "South/*"]).notes == found.notes


def test_part_is_one_zone_put_together_of_its_zones_and_says_so(lakeland: Service):
    found = lakeland.area("lakeland/North")
    (zone,) = found.zones
    assert (zone.name, zone.parents) == ("North", ("Lakeland",))
    assert zone.geometry.equals(shapely.box(22, 0, 24, 1))
    assert "North is put together of its 2 zones in lakeland" in map(str, found.notes)
    both = lakeland.layers.area("lakeland", ["South", "LA0201"])
    assert [one.id for one in both.zones] == ["Lakeland/South", "LA0201"]
    layer = lakeland.layers["lakeland"]
    assert [part.id for part in layer.parts] == ["Lakeland", "Lakeland/North", "Lakeland/South"]


def test_part_that_is_called_as_one_of_its_zones_is_never_taken_for_it(service: Service):
    names = {"ADM2_EN": ["Nairobi", "Embu"], "ADM1_EN": ["Nairobi", "Nairobi"]}
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    frame = gpd.GeoDataFrame(names, geometry=shapes, crs="EPSG:4326")
    service.add_layer("districts", frame, FileChoices(id_field="ADM2_EN"))
    layer = service.layers["districts"]
    assert service.area("districts/Nairobi").zones[0].geometry.equals(shapes[0])
    assert layer.parts == ()
    (part,) = parts_at(layer.features, 1)
    assert layer.zone(part).geometry.equals(shapely.box(0, 0, 2, 1))


def test_points_are_no_zone_together(service: Service):
    names = {"ADM2_EN": ["a", "b"], "ADM1_EN": ["P", "P"]}
    frame = gpd.GeoDataFrame(names, geometry=shapely.points([0, 1], 0), crs="EPSG:4326")
    service.add_layer("stations", frame)
    assert len(service.area("stations/P/*").zones) == 2
    with pytest.raises(InvalidAreaError, match=r"has points.*ask for each, P/\*"):
        service.area("stations/P")


def test_layer_is_listed_with_source_licence_and_date(looked_up: Service):
    row = dict(looked_up.layers()["lakeland"])
    wanted = {"features": 4, "source": "The office", "licence": "CC BY 4.0", "as_of": "2019-10"}
    assert row == {"id": "lakeland", "title": "lakeland"} | wanted
    assert looked_up.layers("lakeland")["LA0102"]["parents"] == ("Lakeland", "North")
    assert looked_up.layers.own[0].remarks == (
        "zones have the names of ADM2_EN and the ids of ADM2_PCODE",
    )


def test_frame_and_gadm_file_nest_as_well(service: Service, tmp_path: Path):
    frame = district_frame()
    fields = {"ADM2_EN": "NAME_2", "ADM1_EN": "NAME_1", "ADM0_EN": "COUNTRY", "ADM2_PCODE": "GID_2"}
    gadm = tmp_path / "gadm.geojson"
    frame.rename(columns=fields).drop(columns="ADM1_PCODE").to_file(gadm, driver="GeoJSON")
    service.add_layer("gadm", gadm)
    service.add_layer("frame", frame)
    for name in ("gadm", "frame"):
        found = service.area(f"{name}/South/*").zones
        assert [zone.name for zone in found] == ["Central", "Murang'a / Côte"]


def test_group_of_a_name_at_two_places_is_ambiguous_and_one_within_itself_is_not(tmp_path: Path):
    rows = [("1", "a", ("K", "Central")), ("2", "b", ("Z", "Central")), ("3", "c", ("N", "N"))]
    zones = tuple(
        Zone(i, name, shapely.box(int(i), 0, int(i) + 1, 1), above) for i, name, above in rows
    )
    folder = LayerFolder(tmp_path)
    folder.add("two", Area(zones, "x"))
    layers = open_layers(folder)
    with pytest.raises(InvalidAreaError, match=r"'Central' is ambiguous .*: K/Central, Z/Central"):
        layers.find("two/Central/*")
    assert [zone.id for zone in layers.find("two/N/*").zones] == ["3"]
    assert [zone.id for zone in layers.find("two/Z/Central/*").zones] == ["2"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/passwd", "is no name of a layer"),
        ("/tmp/x", "is no name of a layer"),
        ("a/b", "is no name of a layer"),
        ("a", "is no name of a layer"),
        (".x", "is no name of a layer"),
        ("x.layer", "is no name of a layer"),
        ("a\0b", "is no name of a layer"),
        ("x\n", "is no name of a layer"),
        ("Kenya", "is no name of a layer"),
        ("ß" * 3, "is no name of a layer"),
        ("a" * 41, "is no name of a layer"),
        ("", "is no name of a layer"),
        ("country", "country is taken"),
        ("admin_1_earth", "is taken"),
        ("add", "add is taken"),
        ("kenya", "kenya is the name of Kenya, which would be found no more"),
        ("ken", "ken is the name of Kenya"),
        ("ken-rift-valley", "is the name of Rift Valley"),
    ],
)
def test_name_that_is_a_path_or_taken_is_refused(
    service: Service, settings: Settings, file: Path, name: str, said: str
):
    with pytest.raises(InvalidRequestError, match=said):
        service.add_layer(name, file)
    assert not (settings.data / "layers").exists()


def test_layer_is_replaced_only_if_told_so(lakeland: Service, file: Path):
    with pytest.raises(InvalidRequestError, match=r"there is a layer lakeland; replace it"):
        lakeland.add_layer("lakeland", file)
    lakeland.add_layer("lakeland", district_frame().iloc[:1], replace=True)
    assert [zone.name for zone in lakeland.area("lakeland/*").zones] == ["Turkana"]


def test_removed_layer_is_gone_and_bundled_ones_stay(lakeland: Service, settings: Settings):
    for name in ("country", "../x", "lakelands"):
        with pytest.raises(InvalidRequestError):
            lakeland.remove_layer(name)
    lakeland.remove_layer("lakeland")
    assert files(settings) == []
    with pytest.raises(UnknownLayerError):
        lakeland.layers["lakeland"]
    assert list(lakeland.layers) == ["country", "admin_1_earth"]


@pytest.mark.parametrize("day", ["yesterday", "2019-13", "2019-1-1", "2019-02-31x"])
def test_date_that_is_none_is_refused(service: Service, file: Path, day: str):
    with pytest.raises(InvalidRequestError, match="is no date; write 2013-03-04"):
        service.add_layer("lakeland", file, valid_from=day)


@pytest.mark.slow
def test_running_service_sees_what_the_command_line_adds(service: Service, file: Path):
    words = [str(file), "--source", "The office", "--name-field", "ADM2_PCODE", "--json"]
    with add(service.settings, "lakeland", *words) as process:
        assert process.wait() == 0
        assert process.stdout is not None
        said = process.stdout.read()
    assert '"features": 4' in said
    assert "names of ADM2_PCODE" in said
    assert [zone.name for zone in service.area("lakeland/LA0202").zones] == ["LA0202"]


@pytest.mark.slow
def test_columns_of_a_table_are_named_on_the_command_line(service: Service, tmp_path: Path):
    path = tmp_path / "stations.csv"
    path.write_text("name,down,across\nLodwar,3.1,35.6\n")
    words = [str(path), "--lon-field", "across", "--lat-field", "down", "--json"]
    with add(service.settings, "stations", *words) as process:
        assert process.wait() == 0
        assert process.stdout is not None
        assert "places are of the columns across and down" in process.stdout.read()
    zone = service.area("stations/Lodwar").zones[0]
    assert (zone.geometry.x, zone.geometry.y) == (35.6, 3.1)
    named = service.area(path, lon_field="across", lat_field="down")
    assert named.zones[0].geometry.equals(zone.geometry)


def test_layer_whose_file_is_broken_is_left_out_and_told(
    lakeland: Service, settings: Settings, caplog: pytest.LogCaptureFixture
):
    layer = lakeland.layers["lakeland"]
    path = settings.data / "layers" / "lakeland.layer"
    path.write_bytes(path.read_bytes()[:5000])
    assert list(open_layers(LayerFolder(settings.data))) == ["country", "admin_1_earth"]
    assert "the layer lakeland.layer cannot be read" in caplog.text
    with pytest.raises(GranuleError, match=r"lakeland\.layer cannot be read"):
        layer.zone(layer.features[0])
    lakeland.add_layer("lakeland", district_frame(), replace=True)
    assert len(lakeland.area("lakeland/*").zones) == 4


def test_doctor_names_a_broken_layer(lakeland: Service, settings: Settings):
    assert [str(one.level) for one in check_boundaries(settings)] == ["ok"]
    (settings.data / "layers" / "lakeland.layer").write_bytes(b"no layer")
    found = list(check_boundaries(settings))
    assert "lakeland.layer cannot be read" in found[1].said
    assert found[1].mend == "csserv layers add lakeland FILE --replace"


def test_more_zones_than_allowed_are_not_read(looked_up: Service):
    with pytest.raises(AreaTooLargeError, match="the area has 4 zones; at most 3 are allowed"):
        looked_up.layers.find("lakeland/*", Limits(zones=3))
    assert len(looked_up.layers.find("lakeland/South/*", Limits(zones=3)).zones) == 2


def test_one_shape_is_read_without_the_others(tmp_path: Path):
    """The first shapes of the file are overwritten; the last one is read all the same."""
    corners = np.random.default_rng(1).random((200, 500, 2)) / 1000
    angles = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    circle = np.column_stack([np.cos(angles), np.sin(angles)]) * 0.3
    noisy = [shapely.Polygon(circle + some + [i * 0.7 - 70, 0]) for i, some in enumerate(corners)]
    folder = LayerFolder(tmp_path)
    folder.add("many", Area(tuple(Zone(f"z{i}", f"z {i}", s) for i, s in enumerate(noisy)), "x"))
    layers = open_layers(folder)
    last = layers.find("many/z199")
    path = tmp_path / "layers" / "many.layer"
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle - 50_000 : middle] = bytes(50_000)
    path.write_bytes(content)
    assert layers["many"].zone(layers["many"].features[199]) == last.zones[0]


def write_large(path: Path) -> Path:
    """Write 1,000 zones of 400 corners: to store them takes a quarter of a second."""
    circle = shapely.Point(0, 0).buffer(0.3, quad_segs=100)
    lon, lat = np.meshgrid(np.arange(50) * 0.7, np.arange(20) * 0.7)
    places = zip(lon.ravel(), lat.ravel(), strict=True)
    shapes = [shapely.transform(circle, lambda xy, at=at: xy + at) for at in places]
    lines = (f'"{i}","{shape.wkt}"' for i, shape in enumerate(shapes))
    path.write_text("\n".join(["name,wkt", *lines]))
    return path


@pytest.mark.slow
def test_killed_add_leaves_no_layer_and_the_next_one_succeeds(settings: Settings, tmp_path: Path):
    large = str(write_large(tmp_path / "large.csv"))
    folder = settings.data / "layers"
    with add(settings, "large", large) as process:
        while not list(folder.glob("*.draft")) and process.poll() is None:
            time.sleep(0.001)
        process.kill()
    assert process.returncode == -9
    assert len(files(settings)) == 1
    assert list(open_layers(LayerFolder(settings.data))) == ["country", "admin_1_earth"]
    with add(settings, "large", large) as process:
        assert process.wait() == 0
    assert files(settings) == ["large.layer"]
    assert len(open_layers(LayerFolder(settings.data)).find("large/*").zones) == 1000


@pytest.mark.slow
def test_of_two_who_add_at_once_one_wins_and_the_layer_is_whole(settings: Settings, tmp_path: Path):
    file = str(write_districts(tmp_path / "districts.gpkg"))
    same = [add(settings, "lakeland", file, "--title", f"by {i}") for i in range(2)]
    other = add(settings, "other", file)
    said = [process.communicate() for process in same]
    other.communicate()
    codes = [process.returncode for process in same]
    assert sorted(codes) == [0, 1]
    assert "there is a layer lakeland" in said[codes.index(1)][1]
    assert other.returncode == 0
    layers = open_layers(LayerFolder(settings.data))
    assert layers["lakeland"].title == f"by {codes.index(0)}"
    assert len(layers.find("lakeland/*").zones) == len(layers.find("other/*").zones) == 4
    assert files(settings) == ["lakeland.layer", "other.layer"]


def test_folder_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "layers").write_text("a file")
    zone = Zone("1", "a", shapely.box(0, 0, 1, 1))
    with pytest.raises(Exception, match="cannot write the layers in"):
        LayerFolder(tmp_path).add("lakeland", Area((zone,), "x"), LayerFacts("a"))


def test_a_bare_name_of_a_district_is_told_where_it_is(looked_up: Service):
    with pytest.raises(InvalidAreaError, match=r"did you mean lakeland/Turkana\?"):
        looked_up.layers.find("turkana")
    with pytest.raises(InvalidAreaError, match="add a layer of your own"):
        looked_up.layers.find("Atlantis")
    with pytest.raises(InvalidAreaError, match=r"COG \(Congo\), COD \(Dem. Rep. Congo\)$"):
        looked_up.layers.find("Congo")


def test_a_layer_that_another_service_removed_leaves_no_file(lakeland: Service):
    with Service(lakeland.settings, starts_runner=False) as other:
        seen = other.layers["lakeland"]
        lakeland.remove_layer("lakeland")
        with pytest.raises((GranuleError, InvalidAreaError), match=r"removed|no area"):
            other.area("lakeland/Turkana")
    assert seen.features == ()
    assert files(lakeland.settings) == []


def test_the_same_zone_of_two_layers_is_two_zones(lakeland: Service, tmp_path: Path):
    moved = district_frame().set_geometry(district_frame().translate(0.5, 0))
    moved.to_file(tmp_path / "new.gpkg")
    lakeland.add_layer("newland", tmp_path / "new.gpkg", **FACTS)
    assert len(lakeland.area(["lakeland/Turkana", "newland/Turkana"]).zones) == 2


def test_a_layer_of_bundled_units_says_as_of_when_they_are(service: Service):
    units = service.area("Kenya/*")
    layer = service.add_layer("provinces", "Kenya/*")
    (note,) = units.notes
    assert service.area("provinces/Coast").notes == units.notes
    service.add_layer("again", "provinces/*", source="The office")
    assert [one.text for one in service.area("again/*").notes] == [
        "zones are of again: The office",
        note.text,
    ]
    assert layer.remarks == (note.text,)


def test_what_was_left_out_of_a_file_is_not_told_of_each_zone(lakeland: Service, file: Path):
    service, area = lakeland, read_area(file)
    assert area.notes
    assert [one.code for one in service.area("lakeland/Turkana").notes] == ["layers"]
