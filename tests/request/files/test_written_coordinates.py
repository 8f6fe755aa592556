"""Coordinates are read as people, programs and spreadsheets write them, or refused in words."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.request.files import FileChoices, read_upload
from csserv.request.files.tables.degrees import degrees, read_degrees


def read(text: str, name: str = "a.csv", **choices: str) -> Area:
    return read_upload(name, text.encode(), choices=FileChoices(**choices))


def pairs(area: Area) -> list[tuple[float, float]]:
    return [(round(one.geometry.x, 4), round(one.geometry.y, 4)) for one in area.zones]


def said(area: Area) -> str:
    return "; ".join(note.text for note in area.notes)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *[(text, -1.28) for text in ("1.28° S", "1.28 degrees South", "1.28 (S)", "1,28 deg sur")],
        *[(text, -1.3) for text in ("01-18-00S", "0118S", "011800S", "1 deg 18 min 0 sec S")],
        *[(text, -1.3) for text in ("01.18.00S", "1°18' LS")],
        ("03649E", 36.816666667),
        ("036-49-12 E", 36.82),
        ("0107.5N", 1.125),
        ('="1.5"', 1.5),
        ("'1.5", 1.5),
        ("\u200e1.5\u00a0", 1.5),
        ("36Â°49'E", 36.816666667),
        ("36ø49'E", 36.816666667),
        ("3.65E+01", 36.5),
        ("- 1.5", -1.5),
        ("N 1.5 S", None),
        ("649E", None),
        ("0649E", None),
        ("36.821.946", None),
        ("1.2.2024", None),
    ],
)
def test_coordinate_is_what_it_says_or_none(text: str, wanted: float | None):
    assert degrees(text) is None if wanted is None else degrees(text) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("header", "row", "wanted"),
    [
        ("name,Lat,N/S,Lon,E/W", "A,1.5,S,36.5,W", (-36.5, -1.5)),
        ("name,Lat,,Lon,", "A,1.5,S,36.5,W", (-36.5, -1.5)),
        ("name,ns,ew,lat,lon", "A,S,W,1.5,36.5", (-36.5, -1.5)),
        ("name,lat,lat_dir,lon,lon_dir", "A,1.5,South,36.5,West", (-36.5, -1.5)),
        ("f,GPSLatitude,GPSLatitudeRef,GPSLongitude,GPSLongitudeRef", "A,1 30 0,S,36 30 0,W", None),
        ("name,lat,N/S,lon,E/O", "A,1.5,S,36.5,O", (-36.5, -1.5)),
        ("name,lat,N/S,lon,W/O", "A,1.5,S,36.5,O", (36.5, -1.5)),
        ("region,lat,lon", "S,1.5,36.5", (36.5, 1.5)),
        ("name,lat,lon,wind direction", "A,1.5,36.5,S", (36.5, 1.5)),
    ],
)
def test_letters_in_a_column_of_their_own_tell_the_side(
    header: str, row: str, wanted: tuple[float, float] | None
):
    assert pairs(read(f"{header}\n{row}\n")) == [wanted or (-36.5, -1.5)]


@pytest.mark.parametrize(
    ("header", "row", "wanted"),
    [
        ("Latitude (+N/-S),Longitude (+E/-W)", "-1.5,36.5", (36.5, -1.5)),
        ("Lat (S-),Lon (W-)", "-1.5,36.5", (36.5, -1.5)),
        ("Latitude (N/S),Longitude (E/W)", "1.5 S,36.5 E", (36.5, -1.5)),
        ("Lat (S),Lon (W)", "-1.5,36.5", (-36.5, -1.5)),
        ("Lat (S),Lon (W)", "1.5 N,36.5", (-36.5, 1.5)),
        ("LatN,LonW", "1.5,36.5", (-36.5, 1.5)),
    ],
)
def test_side_in_a_header_is_that_of_numbers_without_their_own(
    header: str, row: str, wanted: tuple[float, float]
):
    assert pairs(read(f"{header}\n{row}\n")) == [wanted]


def test_header_of_the_south_over_numbers_of_both_signs_is_refused():
    with pytest.raises(InvalidAreaError, match=r"all latitudes are south.*some are above zero"):
        read("Lat (S),Lon\n1.5,36.5\n-2,36\n")


def test_letters_that_are_used_are_told():
    area = read("name,Lat,N/S,Lon,E/W\nA,1.5,S,36.5,W\n")
    assert "columns Lon and Lat, with the letters of E/W and N/S" in said(area)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n,Lat,NS,Lon,EW\nA,1,S,36,E\nB,2,,37,E\n", "line 3: 2 has no letter N or S, as others"),
        ("n,Lat,N/S,Lon,dir\nA,1,S,36,O\n", "O in the column dir may mean west or east"),
        ("n,lat,lon\nA,1,36 O\n", "O may mean west or east: write W or E"),
        ("n,lat,lon\nA,36.8 E,1.28 S\n", "'1.28 S' is a latitude, in the column of longitudes"),
        ("n;lat;lon\nA;1.292.066;36.8\n", "took it for a number with thousands"),
        ("n,lat,lon\nA,117S,36\n", "minutes and degrees are not apart"),
        ('n,easting,northing\nA,"257,345.6","9,857,000.1"\n', r"say their .* system \(crs\)"),
        (
            "n,lat,lon\nA,-9999,36\nB,1,36\nC,,36\n",
            "line 2: latitude -9999 is beyond the pole.*4",
        ),
        ("n,lat,lon\nA,01.17S.31,36.49E.12\n", "line 2: '36.49E.12' is no coordinate"),
        ('n,coords\nA,"Lat: -1.28, Lon: 36.8"\n', "line 1 has n, coords: where these"),
        ("n,lat,lon\nA,120,3\n", "are longitude and latitude swapped"),
    ],
)
def test_what_may_be_elsewhere_is_refused_with_what_to_do(text: str, words: str):
    with pytest.raises(InvalidAreaError, match=words):
        read(text)


def test_metres_may_have_marks_of_thousands_once_their_system_is_said():
    text = 'n,easting,northing\nA,"257,345.6","9,857,000.1"\nB,257 345.6,9857000.1\n'
    area = read(text, crs="EPSG:32737")
    assert pairs(area) == [(36.8193, -1.2928)] * 2


def test_lines_are_counted_with_blank_ones_and_breaks_in_quotes():
    text = 'sep=,\nname,lat,lon\n\n"A\nb",1,36\n\nB,abc,37\nC,1,zzz\n'
    with pytest.raises(InvalidAreaError, match=r"line 7: 'abc' is no.*so are others, of line 8"):
        read(text)
    with pytest.raises(InvalidAreaError, match="line 2: 'x' is no"):
        read("name,lat,lon\rA,1,x\rB,2,36\r")


@pytest.mark.parametrize(
    "code", ["-9999", "-999.9", "-99.99", "999", "NaN", "#N/A", "—", "unknown"]
)
def test_codes_for_no_place_are_left_out(code: str):
    area = read(f"name,lat,lon\nA,{code},{code}\nB,1,36\nTotal,,\n")
    assert [zone.name for zone in area.zones] == ["B"]
    assert "2 features without a shape are left out" in said(area)


def test_places_at_zero_are_told():
    area = read("name,lat,lon\nA,0,0\nB,1,36\n")
    assert "1 place lies at 0°, 0°, which mostly stands for an unknown coordinate: line 2" in said(
        area
    )


@pytest.mark.parametrize(
    ("header", "value", "wanted"),
    [
        ('"Lat, Long"', '"1.5, 36.5"', (36.5, 1.5)),
        ("lonlat", "36.5 1.5", (36.5, 1.5)),
        ("Coordinates", "1°30'S 36°30'W", (-36.5, -1.5)),
        ("Coordinates", "0130S 03630E", (36.5, -1.5)),
        ("Coordinates", '"(120.5, 1.5)"', (120.5, 1.5)),
        ("location", "1.5 36.5 1700 5", (36.5, 1.5)),  # of ODK: height and accuracy follow
    ],
)
def test_both_coordinates_may_stand_in_one_column(
    header: str, value: str, wanted: tuple[float, float]
):
    area = read(f"name,{header}\nA,{value}\n")
    assert pairs(area) == [wanted]
    assert " the l" in said(area)
    assert "itude first, are of the column " in said(area)


def test_two_numbers_of_which_nobody_knows_the_order_are_refused():
    with pytest.raises(InvalidAreaError, match="nothing says which is the latitude; call the col"):
        read('name,Coordinates\nA,"1.5, 36.5"\n')


@pytest.mark.parametrize(
    "text",
    [
        "ID    Name          Lat    Lon\n1     Addis Ababa   9.0    38.7\n",
        '"Name" "Lat" "Lon"\n"Addis Ababa" 9.0 38.7\n',
        '"Name,Lat,Lon"\n"Addis Ababa,9.0,38.7"\n',
    ],
)
def test_columns_may_be_aligned_or_lines_quoted(text: str):
    area = read(text, "a.txt")
    assert [(zone.name, *pairs(area)[0]) for zone in area.zones] == [("Addis Ababa", 38.7, 9.0)]


def test_aligned_columns_that_cannot_be_told_apart_are_refused():
    with pytest.raises(InvalidAreaError, match=r"line 2: columns are aligned by blanks.*CSV"):
        read("Name Lat Lon\nAddis Ababa 9.0 38.7\n", "a.txt")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_of_two_bytes_a_letter_is_read(encoding: str):
    raw = "name\tlat\tlon\nSégou\t1\t36\n".encode(encoding)
    assert read_upload("a.csv", raw).zones[0].name == "Ségou"


def times(kind: str, *values: float) -> bytes:
    """Make a workbook of a station whose coordinates have the format of a time."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["name", "lat", "lon"])
        sheet.write(1, 0, "A")
        for column, value in enumerate(values, 1):
            sheet.write_number(1, column, value, book.add_format({"num_format": kind}))
    return out.getvalue()


def test_degrees_that_a_workbook_took_for_times_are_those_that_were_typed():
    area = read_upload("a.xlsx", times("[h]:mm:ss", -3.12 / 24, 36.82 / 24))
    assert pairs(area) == [(36.82, -3.12)]
    assert "coordinates such as 36:49:12 are read as degrees, minutes and seconds" in said(area)
    assert pairs(read_upload("a.xlsx", times("hh:mm:ss", 3.12 / 24, 12.82 / 24))) == [(12.82, 3.12)]
    minutes = times("mm:ss.0", (3 * 60 + 7.2) / 86400, (36 * 60 + 49.2) / 86400)
    assert pairs(read_upload("a.xlsx", minutes)) == [(36.82, 3.12)]


def test_letter_that_a_workbook_shows_behind_a_number_counts():
    content = times('0.00"°S"', 1.28, 36.82)
    with pytest.raises(InvalidAreaError, match=r"'36.82 S' is a latitude, in the column of long"):
        read_upload("a.xlsx", content)


def test_a_long_text_is_no_coordinate():
    assert read_degrees("1," * 300) == (None, "")


@pytest.mark.parametrize("text", ["3.6e1", "3.6E+01", "0.36e2", "360e-1"])
def test_number_may_have_an_exponent(text: str):
    assert degrees(text) == 36


@pytest.mark.parametrize("text", ["77°06'O", "77°06'12\" O", "77.1° O", "O 77.1"])
@pytest.mark.parametrize("header", ["Latitud;Longitud", "Breite;Länge"])
def test_west_or_east_is_asked_for_behind_minutes_too(header: str, text: str):
    with pytest.raises(InvalidAreaError, match="O may mean west or east: write W or E"):
        read_upload("a.csv", f"name;{header}\nA;1°17'S;{text}\n".encode())


@pytest.mark.parametrize("lat", ["90.0000001", "99.99", "-999"])
def test_latitude_beyond_the_pole_is_told_as_it_is(lat: str):
    with pytest.raises(InvalidAreaError, match=f"latitude {lat} is beyond the pole"):
        read_upload("a.csv", f"name,lon,lat\nA,36,{lat}\n".encode())
