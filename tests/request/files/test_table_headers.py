"""The header of a table is found below titles and above units, or its columns are named."""

from __future__ import annotations

import io

import pytest
import shapely
import xlsxwriter

from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.request.files import FileChoices, read_upload
from csserv.request.files.tables.heading import MOST_VALUES, _first
from csserv.request.limits import Limits

Rows = list[list[object]]


def read(text: str, name: str = "a.csv", **choices: str) -> Area:
    return read_upload(name, text.encode(), choices=FileChoices(**choices))


def workbook(sheets: dict[str, Rows], hidden: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name == hidden:
                sheet.hide()
    return out.getvalue()


def places(area: Area) -> list[tuple[str, float, float]]:
    return [(zone.name, zone.geometry.x, zone.geometry.y) for zone in area.zones]


def said(area: Area) -> str:
    return "; ".join(note.text for note in area.notes)


STATIONS = [("A", 36.5, 1.5), ("B", 37, -1.25)]
BELOW = "A,1.5,36.5\nB,-1.25,37\n"


@pytest.mark.parametrize(
    ("above", "words"),
    [
        ("Stations of 2024\n\nname,lat,lon\n", "line 1 above the header of line 3 is passed over"),
        ("Stations of 2024,,\nname,lat,lon\n", "line 1 above the header of line 2"),
        ("# a list\n# lat, lon\nname,lat,lon\n", "lines 1 and 2 above the header of line 3 are"),
        ("name,lat,lon\n,deg,deg\n", "line 2 under the header, of units or tags, is passed over"),
        ("name,lat,lon\n#loc,#geo+lat,#geo+lon\n", "line 2 under the header, of units or tags"),
        ("nom,lat,lon\nname,latitude,longitude\n", "line 2 under the header"),
        ("# name, lat, lon\n", "places are of the columns lon and lat"),
        ("sep=,\nname,lat,lon\n", "places are of the columns lon and lat"),
    ],
)
def test_header_is_found_and_lines_around_it_are_told(above: str, words: str):
    area = read(above + BELOW)
    assert places(area) == STATIONS
    assert words in said(area)


def test_workbook_may_have_a_title_of_merged_cells_and_units():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 4, "Stations of 2024")
        for number, row in enumerate(
            [["name", "lat", "lon"], ["", "deg", "deg"], ["A", 1.5, 36.5]]
        ):
            sheet.write_row(number + 2, 0, row)
    area = read_upload("a.xlsx", out.getvalue())
    assert places(area) == STATIONS[:1]
    assert "row 1 above the header of row 3 is passed over: Stations of 2024" in said(area)
    assert "row 4 under the header, of units or tags, is passed over: deg, deg" in said(area)


def test_header_of_two_lines_has_the_names_of_both():
    area = read("Site,Location,,Rain\n,Latitude,Longitude,mm\nA,1,36,5\n")
    assert places(area) == [("A", 36, 1)]


def test_heights_are_no_names():
    area = read("Poste;lat;lon;Altitude\nA;1.5;36.5;1,700\nB;-1.25;37;12\n")
    assert places(area) == STATIONS


def test_units_tell_the_side():
    area = read("name,lat,lon\n,°S,°W\nA,1,36\n")
    assert places(area) == [("A", -36, -1)]
    assert "in the south in the west" in said(area)


@pytest.mark.parametrize(
    "text",
    [
        "name,Latitude,,Longitude,\n,Deg,Min,Deg,Min\nA,3,7,35,35\n",
        "name,lat_d,lat_m,lat_s,lon_d,lon_m,lon_s\nA,1,30,0,36,30,0\n",
    ],
)
def test_degrees_and_minutes_in_columns_of_their_own_are_no_whole_degrees(text: str):
    with pytest.raises(InvalidAreaError, match="the latitude is in several columns, among them"):
        read(text)


def test_header_that_comes_again_is_no_station():
    area = read("name,lat,lon\nA,1.5,36.5\nname,lat,lon\nB,-1.25,37\n")
    assert places(area) == STATIONS
    assert "line 3 like the header is passed over" in said(area)


def test_columns_that_are_not_recognised_are_listed_and_can_be_named():
    text = "Stations\n\nstation,down,across\nA,1.5,36.5\n"
    with pytest.raises(InvalidAreaError) as refused:
        read(text)
    assert "line 3 has station, down, across" in str(refused.value)
    assert "name them (lon_field, lat_field)" in str(refused.value)
    assert refused.value.columns == ("station", "down", "across")
    area = read(text, lon_field="Across", lat_field="down")
    assert places(area) == STATIONS[:1]
    assert "places are of the columns across and down" in said(area)


def test_columns_that_are_named_count_more_than_those_that_are_guessed():
    text = "name,lat,lon,lat_new,lon_new,wkt\nA,0,0,1.5,36.5,POINT (1 1)\n"
    assert places(read(text, lon_field="lon_new", lat_field="lat_new")) == STATIONS[:1]


@pytest.mark.parametrize(
    ("text", "choices", "words"),
    [
        (
            "name,lat,lon\nA,1,2\n",
            {"lon_field": "lonn"},
            "no one column 'lonn'; there are name, lat, lon",
        ),
        (
            "lat1,lon1,lat2,lon2\n1,36,2,37\n",
            {},
            "several columns that may hold the lat.*: lat1",
        ),
        ("lat,lon,lat,lon\n1,36,2,37\n", {"lat_field": "lat"}, "there are 2 of them"),
        ("hello\nworld\n", {}, "save it as CSV with a first line of names"),
    ],
)
def test_what_may_be_no_column_or_several_is_refused(
    text: str, choices: dict[str, str], words: str
):
    with pytest.raises(InvalidAreaError, match=words):
        read(text, **choices)


def test_shapes_have_no_columns_of_coordinates():
    with pytest.raises(InvalidAreaError, match=r"a.wkt is no table.*\(lon_field, lat_field\)"):
        read("POINT (36 1)", "a.wkt", lon_field="x")


def test_of_several_coordinates_plain_degrees_of_wgs84_are_taken():
    assert (
        places(read("name,lat_arc,lon_arc,lat_wgs84,lon_wgs84\nA,9,9,1.5,36.5\n")) == STATIONS[:1]
    )
    text = "name,lat_dms,lat_dd,lon_dms,lon_dd\nA,1 30 0,1.5,36 30 0,36.5\n"
    assert "the columns lon_dd and lat_dd" in said(read(text))


@pytest.mark.parametrize(
    "header",
    [
        "nom;latitude (degrés décimaux);longitude (degrés décimaux)",
        "nombre;latitud;longitud",
        "nome;Latitude (graus);Longitude (graus)",
        "jina;latitudo;longitudo",
        "Name;Geogr. Breite;Geogr. Länge",
        "isim;Enlem;Boylam",
        "имя;Широта;Долгота",
        "ስም;ኬክሮስ;ኬንትሮስ",
        "الاسم;خط العرض;خط الطول",
        "الاسم;دائرة العرض;خط طول",
        "locality;decimalLatitude;decimalLongitude",
        "stop_name;stop_lat;stop_lon",
        "Name;LATDD;LONGDD",
        "NAME;POINT_Y;POINT_X",
        "Name;Y_Coord;X_Coord",
    ],
)
def test_headers_of_many_languages_and_programs_are_known(header: str):
    area = read(f"{header}\nA;1,5;36,5\n")
    assert [(zone.geometry.x, zone.geometry.y) for zone in area.zones] == [(36.5, 1.5)]


def test_header_that_was_garbled_is_known_and_told():
    area = read("name,Breite,LÃ¤nge\nSÃ©gou,13,-6\n")
    assert places(area) == [("SÃ©gou", -6, 13)]
    assert "SÃ©gou looks garbled: it may mean Ségou" in said(area)
    assert "(encoding)" in said(area)


ARABIC = "الاسم,خط العرض,خط الطول\nبغداد,1,36\n"  # noqa: RUF001 - it is Arabic


def test_header_in_an_encoding_that_nobody_says_asks_for_it():
    raw = ARABIC.encode("cp1256")
    with pytest.raises(InvalidAreaError, match=r"if these names look wrong.*encoded"):
        read_upload("a.csv", raw)
    told = read_upload("a.csv", raw, choices=FileChoices(encoding="cp1256"))
    assert places(told) == [("بغداد", 36, 1)]


DATA: Rows = [["name", "lat", "lon"], ["A", 1.5, 36.5]]


POINT = shapely.Point(36.5, 1.5)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("the_geom", POINT.wkt),
        (".geo", '{""geodesic"":false,""type"":""Point"",""coordinates"":[36.5,1.5]}'),
        (
            "geojson",
            '{""type"":""Feature"",""geometry"":{""type"":""Point"",""coordinates"":[36.5,1.5]}}',
        ),
        ("geom", POINT.wkb_hex),
        ("geom", shapely.to_wkb(shapely.set_srid(POINT, 4326), hex=True, include_srid=True)),
    ],
)
def test_shapes_may_be_any_text_that_databases_write(name: str, text: str):
    assert places(read(f'name,{name}\nA,"{text}"\nnowhere,\n')) == STATIONS[:1]


def test_coordinates_count_where_all_shapes_are_empty():
    empty = '{""type"":""MultiPoint"",""coordinates"":[]}'
    assert places(read(f'name,lat,lon,.geo\nA,1.5,36.5,"{empty}"\n')) == STATIONS[:1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (shapely.to_wkb(shapely.set_srid(POINT, 21037), hex=True, include_srid=True), "SRID=21037"),
        (POINT.wkb_hex[:30], "line 2: this is no shape"),
        ("01" + "07000000" + "01000000" + "0107000000" * 20, "line 2: this is no shape"),
        ('{""type"":""Point"",""coordinates"":[36.5]}', "line 2: "),
    ],
)
def test_shape_that_is_broken_or_in_another_system_is_refused(text: str, words: str):
    with pytest.raises(InvalidAreaError, match=words):
        read(f'name,geom\nA,"{text}"\n')


def test_sheet_that_is_taken_is_told_and_hidden_ones_count_last():
    content = workbook({"readme": [["about", "x"]], "old": DATA, "new": DATA}, hidden="old")
    area = read_upload("a.xlsx", content)
    assert "places are of the sheet new; the hidden old is left out" in said(area)
    only = workbook({"readme": [["about", "x"]], "old": DATA}, hidden="old")
    assert "places are of the sheet old, which is hidden" in said(read_upload("a.xlsx", only))


def test_empty_sheet_is_told():
    with pytest.raises(InvalidAreaError, match="holds no row of values"):
        read_upload("a.xlsx", workbook({"S": []}))


def test_more_rows_than_zones_that_are_allowed_are_refused_not_cut():
    rows: Rows = [["a title"], [], *DATA, *([["B", 2, 37]] * 400)]
    with pytest.raises(InvalidAreaError, match="CSSERV_MAX_ZONES"):
        read_upload("a.xlsx", workbook({"S": rows}), Limits(zones=3))
    text = "a title\n\nname,lat,lon\n" + "B,2,37\n" * 4
    with pytest.raises(InvalidAreaError, match="more than 3 zones"):
        read_upload("a.csv", text.encode(), Limits(zones=3))


def wide(header: str, rows: int = 20, days: int = 3_653) -> str:
    lines = [header + "".join(f",d{day:04d}" for day in range(days))]
    lines += [f"S{i},1.{i},36.{i}" + ",0.4" * days for i in range(rows)]
    return "\n".join(lines)


def test_table_of_days_is_read_as_one_of_few_columns_is():
    area = read("Rain by day" + "," * 3_655 + "\n" + wide("station,lat,lon"))
    assert places(area)[:2] == [("S0", 36.0, 1.0), ("S1", 36.1, 1.1)]


def test_table_of_days_without_coordinates_is_refused_in_a_sentence():
    with pytest.raises(InvalidAreaError, match=r"no columns of longitude.*line 1 has station, y_"):
        read(wide("station,y_coord_,x_koord_"))


def test_header_is_looked_for_in_a_bounded_number_of_values():
    lines = [(i, [str(i)] * 1_000) for i in range(100)]
    found = list(_first(lines))
    assert MOST_VALUES <= sum(len(values) for _, values in found) <= MOST_VALUES + 1_000
    assert list(_first([(1, ["x"] * 2 * MOST_VALUES), *lines])) == [(1, ["x"] * 2 * MOST_VALUES)]
    titles = [(i, ["a title", *[""] * 1_000]) for i in range(99)]
    assert len(list(_first([*titles, *lines]))) == 100  # what is empty costs nothing


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"lon_field": "nope"}, "no one column 'nope'; there are Nom, Longitude, Latitude$"),
        (
            {"lon_field": "Longitude", "lat_field": "longitude"},
            "one column, Longitude, cannot be longitude and latitude both; name two of Nom, Longit",
        ),
        ({"lat_field": "Longitude"}, "one column, Longitude, cannot be longitude and latitude"),
    ],
)
def test_wrong_choice_of_columns_is_told_with_those_that_there_are(
    choices: dict[str, str], said: str
):
    with pytest.raises(InvalidAreaError, match=said):
        read("Nom,Longitude,Latitude\nA,36,1\n", **choices)


@pytest.mark.parametrize("rows", [1, 2])
def test_coordinate_of_two_columns_of_a_name_is_refused_in_a_workbook_too(rows: int):
    header: list[object] = ["name", "Lat", "Lon", "Lat", "Lon"]
    book = workbook({"S": [header, *[["A", 1, 36, 2, 37]] * rows]})
    with pytest.raises(InvalidAreaError, match=r"hold the latitude: Lat, Lat \(2\); name them"):
        read_upload("a.xlsx", book)
    text = "name,Lat,Lon,Lat,Lon\n" + "A,1,36,2,37\n" * rows
    with pytest.raises(InvalidAreaError, match="hold the latitude: Lat, Lat; name them"):
        read(text)


@pytest.mark.parametrize("beside", [1, 1.5, "x"])
def test_truth_in_a_workbook_is_no_coordinate(beside: object):
    rows: Rows = [["name", "lon", "lat"], ["A", 36, True], ["B", 36, beside]]
    with pytest.raises(InvalidAreaError, match=r"row 2: 'T(RUE|rue)' is no coordinate"):
        read_upload("a.xlsx", workbook({"S": rows}))
    counted: Rows = [["name", "lon", "lat", "works"], ["A", 36.5, 1.5, True], ["B", 37, 2, False]]
    assert places(read_upload("a.xlsx", workbook({"S": counted})))[0] == ("A", 36.5, 1.5)


def test_column_of_wkb_holds_shapes():
    assert places(read(f"name,wkb\nA,{POINT.wkb_hex}\n")) == [("A", POINT.x, POINT.y)]
