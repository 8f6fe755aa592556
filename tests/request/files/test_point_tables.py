"""Tables of places are read as people keep them: any separator, language, way to write degrees."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.request.files import FileChoices, read_area, read_upload
from csserv.request.files.tables.degrees import degrees

LODWAR, MOYALE = (35.597, 3.119), (39.056, 3.517)


def table(folder: Path, text: str, name: str = "stations.csv", encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def places(area: Area) -> list[tuple[str, float, float]]:
    return [
        (zone.name, round(zone.geometry.x, 4), round(zone.geometry.y, 4)) for zone in area.zones
    ]


@pytest.mark.parametrize(
    "text",
    [
        "name,lon,lat\nLodwar,35.597,3.119\nMoyale,39.056,3.517\n",
        "Station;Latitude;Longitude\nLodwar;3,119;35,597\nMoyale;3,517;39,056\n",
        "nom\tlongitude\tlatitude\nLodwar\t35,597\t3,119\n\nMoyale\t39,056\t3,517\n",
        "Name|Breite|Länge\nLodwar|3.119|35.597\nMoyale|3.517|39.056\n",
        "nombre,longitud,latitud\r\nLodwar,35.597E,3.119N\r\nMoyale,39.056 E,3.517 N\r\n",
        "name,Lat (deg),Lon (deg)\nLodwar,3.119,35.597\nMoyale,3.517,39.056\n",
        'name,x,y\nLodwar,"35°35\'49.2""E","3°07\'08.4""N"\nMoyale,39 3 21.6,3 31 1.2\n',
        "name,wkt\nLodwar,POINT (35.597 3.119)\nMoyale,SRID=4326;POINT (39.056 3.517)\n",
    ],
)
def test_stations_are_found_however_the_table_is_written(tmp_path: Path, text: str):
    area = read_area(table(tmp_path, text))
    assert places(area) == [("Lodwar", *LODWAR), ("Moyale", *MOYALE)]
    assert area.notes[0].text.startswith("places are of the column")


def test_names_are_read_in_their_encoding(tmp_path: Path):
    text = "name,lon,lat\nSégou,-6.27,13.43\n"
    path = table(tmp_path, text, encoding="cp1252")
    assert read_area(path).zones[0].name == "Ségou"
    assert any("nothing says their encoding" in note.text for note in read_area(path).notes)
    arabic = table(tmp_path, text.replace("Ségou", "بغداد"), encoding="cp1256")
    assert read_area(arabic, choices=FileChoices(encoding="cp1256")).zones[0].name == "بغداد"


def test_rows_without_a_place_are_left_out_and_wrong_ones_refused(tmp_path: Path):
    rows = "name,lon,lat\nLodwar,35.597,3.119\nnowhere,,\n"
    area = read_area(table(tmp_path, rows))
    assert [zone.name for zone in area.zones] == ["Lodwar"]
    assert "1 feature without a shape is left out" in [note.text for note in area.notes]
    with pytest.raises(InvalidAreaError, match=r"stations.csv, line 4: 'abc' is no coordinate"):
        read_area(table(tmp_path, f"{rows}wrong,abc,1\n"))
    with pytest.raises(InvalidAreaError, match=r"no columns of longitude and latitude.*name, rain"):
        read_area(table(tmp_path, "name,rain\nLodwar,3\n"))
    with pytest.raises(InvalidAreaError, match="its first line has one column alone"):
        read_area(table(tmp_path, "hello\n"))


def test_workbook_is_read_from_the_sheet_with_places(tmp_path: Path):
    path = tmp_path / "stations.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("readme").write_row(0, 0, ["about", "these stations"])
        sheet = book.add_worksheet("places")
        for number, row in enumerate([["name", "lat", "lon"], ["Lodwar", 3.119, 35.597]]):
            sheet.write_row(number, 0, row)
    assert places(read_area(path)) == [("Lodwar", *LODWAR)]
    with pytest.raises(InvalidAreaError, match="no sheet 'sites'; it has readme, places"):
        read_area(path, choices=FileChoices(layer="sites"))


@given(st.floats(-180, 180), st.sampled_from([".", ","]))
def test_number_is_read_with_point_or_comma(value: float, mark: str):
    assert degrees(f"{value:.6f}".replace(".", mark)) == pytest.approx(value, abs=1e-6)


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59), st.sampled_from("NSEW"))
def test_degrees_minutes_and_seconds_are_what_they_say(
    whole: int, minutes: int, seconds: int, side: str
):
    expected = (whole + minutes / 60 + seconds / 3600) * (-1 if side in "SW" else 1)
    for text in (f"{whole}°{minutes}'{seconds}\"{side}", f"{side} {whole} {minutes} {seconds}"):
        assert degrees(text) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("text", ["", "x", "3°61'", "3,1,1", "1e3", "35 E 4", "north"])
def test_what_is_no_coordinate_is_none(text: str):
    assert degrees(text) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *[(text, -1.318611111) for text in ("01 19 07S", "1 19 07 S", "1:19:07S", "1°19'07S")],
        *[(text, -1.318611111) for text in ("1d19m07sS", "1D19M07S", "1 19 07 s", "1°19\u00b407S")],
        ("1d19m07s", 1.318611111),
        ("-1.28 S", -1.28),
        ("-1°17'S", -1.283333333),
        ("-1.28 N", None),
        ("S1.28", -1.28),
        ("E36.8", 36.8),
        ("-.5", -0.5),
        ("1e-05", 1e-05),
        ("\u22121.28", -1.28),
        ("\u0663\u0666\u066b\u0665", 36.5),
        ("1.3 O", None),
        ("NA", None),
    ],
)
def test_south_is_south_however_it_is_marked(text: str, wanted: float | None):
    assert degrees(text) == wanted


def pairs(content: str) -> list[tuple[float, float]]:
    area = read_upload("a.csv", content.encode())
    return [(zone.geometry.x, zone.geometry.y) for zone in area.zones]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("Lat (°S),Long (°E)", (36.8, -1.28)),
        ("latitude_south,longitude_east", (36.8, -1.28)),
        ("Lat (N),Lon (W)", (-36.8, 1.28)),
        ("Lat (S = negative),Lon", (36.8, 1.28)),
        ("latitude (decimal degrees),longitude (decimal degrees)", (36.8, 1.28)),
        ("_gps_latitude,_gps_longitude", (36.8, 1.28)),
        ("location-Latitude,location-Longitude", (36.8, 1.28)),
        ("Lat.,Long.", (36.8, 1.28)),
        ("lat_4_GPS,long_4_GPS", (36.8, 1.28)),
    ],
)
def test_headers_tell_coordinates_and_their_side(header: str, wanted: tuple[float, float]):
    assert pairs(f"{header}\n1.28,36.8\n") == [wanted]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("n,lat_deg,lat_min,lon_deg,lon_min\na,3,7,35,37", "latitude is in several columns"),
        ("n,lat_min,lon_min,lat_max,lon_max\na,3,7,35,37", "latitude is in several columns"),
        ("n,Long (O),Lat (N)\na,36,1", "may mean west or east"),
        ("name,lat,lon\nNairobi,-1,28,36,82", "line 2 has 5 values, and the header 3"),
    ],
)
def test_what_may_mean_two_places_is_refused(content: str, words: str):
    with pytest.raises(InvalidAreaError, match=words):
        read_upload("a.csv", content.encode())


def test_columns_without_a_header_are_no_ids():
    area = read_upload("a.csv", b"name,lat,lon,\nA,1,36,\nB,2,36,\n")
    assert [(zone.id, zone.name) for zone in area.zones] == [("1", "A"), ("2", "B")]


def test_stations_without_coordinates_are_left_out_with_a_note():
    area = read_upload("a.csv", b"name,lat,lon\nA,NA,NA\nB,1,36\nC,-9999,-9999\n")
    assert [zone.name for zone in area.zones] == ["B"]
    assert "2 features without a shape are left out" in str(area.notes)


def test_two_sheets_of_stations_are_refused_until_one_is_chosen():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for year in ("Y2019", "Y2020"):
            sheet = book.add_worksheet(year)
            sheet.write_row(0, 0, ["name", "lat", "lon"])
            sheet.write_row(1, 0, [year, 1, 36])
    with pytest.raises(InvalidAreaError, match="2 sheets of places: Y2019, Y2020; choose one"):
        read_upload("a.xlsx", out.getvalue())
    chosen = read_upload("a.xlsx", out.getvalue(), choices=FileChoices(layer="Y2020"))
    assert chosen.zones[0].name == "Y2020"
