"""A report says what the page of a result says, on a few pages, whatever it is written as."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pypdfium2
import pytest
import shapely
from PIL import Image

from csserv import Area, Zone
from csserv.errors import InvalidRequestError, SettingsError
from csserv.language import END, ISOLATE, Language, speaking
from csserv.notes import Note
from csserv.outputs import Result
from csserv.views.plain.drawing import Box, Drawing, Words, look_of
from csserv.views.plain.drawing import Path as Line
from csserv.views.plain.number_rows import NumberRows
from csserv.views.plain.plain_page import Chosen
from csserv.views.report.content import Numbers, Picture, Report, Section, Text, make_report
from csserv.views.report.map_classes import map_classes
from csserv.views.report.pdf_report import to_pdf
from csserv.views.report.report_formats import REPORT_FORMATS, write_report
from csserv.views.report.template import read_template, write_template
from csserv.views.report.zone_drawing import zone_drawing
from csserv.views.zones.shades import DIVERGING
from tests.outputs.compared import series_of, write_result
from tests.views.plain.test_plain_page import in_memory, rain, task_of

#: two zones side by side, and a lake in the first
LAKE = shapely.box(30.5, 0.5, 31, 1)
AREA = Area(
    (
        Zone("w", "West", shapely.box(30, 0, 32, 2).difference(LAKE)),
        Zone("e", "East", shapely.box(32, 0, 34, 2)),
    ),
    "two zones",
)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    found = write_result(tmp_path_factory.mktemp("report"), series_of(rain(), range(2024, 2026)))
    return Result(found.folder, AREA)


def reported(result: Result, template: Path | None = None, **chosen: Any) -> Report:
    return make_report(task_of(), result, read_template(template), Chosen(**chosen))


def written(result: Result, form: str, template: Path | None = None) -> bytes:
    return write_report(task_of(), result, form, template, Chosen())


def pages_of(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_bounded().replace("\r\n", " ") for page in document]


def texts_of(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for cell in table._cells]
    return " ".join([*(one.text for one in document.paragraphs), *cells])


def test_each_format_has_the_answer_the_tables_the_method_and_how_to_cite(result: Result):
    said = result.in_words(zone="West")
    texts = {
        "pdf": " ".join(pages_of(written(result, "pdf"))),
        "docx": texts_of(written(result, "docx")),
        "html": written(result, "html").decode(),
    }
    assert texts.keys() == REPORT_FORMATS.keys()
    citation = result.citation().text[:40]
    for form, text in texts.items():
        for wanted in (
            said.split(";")[0],
            "East",
            "% of normal",
            "By zone",
            "How to cite",
            citation,
        ):
            assert wanted in text, (form, wanted)
    assert "<script" not in texts["html"]
    assert "http://" not in texts["html"].replace("http://www.w3.org", "")


def test_parts_come_in_order_and_the_answer_can_be_of_another_zone(result: Result):
    report = reported(result, series=1)
    assert report.title.startswith("East, 2025-12-01: ")
    names = [one.name for one in report.sections]
    assert names == ["chart", "map", "table", "steps", "method", "citation"]  # there are no notes
    with pytest.raises(InvalidRequestError, match="no series 5; it has 0 to 1"):
        reported(result, series=5)
    with pytest.raises(InvalidRequestError, match="no reports as 'odt'; there are pdf, docx, html"):
        written(result, "odt")


@pytest.mark.parametrize("code", ["en", "fr", "ar"])
def test_notes_are_in_each_format_and_language(result: Result, code: str):
    notes = [
        Note("synthetic", "synthetic data, not observations: made from random numbers"),
        Note("period", "asked to 2026-12-31, data to 2025-12-31"),
    ]
    found = in_memory(result.json | {"notes": [one.to_dict() for one in notes]})
    with speaking(Language.of(code)):
        word = str(notes[1]).split()[0]
        pdf = pages_of(written(found, "pdf"))
        others = [texts_of(written(found, "docx")), written(found, "html").decode()]
    assert 1 <= len(pdf) <= 3
    assert all(word in text for text in (others if code == "ar" else [" ".join(pdf), *others]))


def test_each_format_has_the_notes(result: Result):
    notes = [{"code": "period", "text": text} for text in ("as of 2009", "the last month is cut")]
    noted = in_memory(result.json | {"notes": notes})
    texts = (
        " ".join(pages_of(written(noted, "pdf"))),
        texts_of(written(noted, "docx")),
        written(noted, "html").decode(),
    )
    for text in texts:
        for wanted in ("What must be known", "as of 2009", "the last month is cut"):
            assert wanted in text


def test_a_heading_is_never_the_last_line_of_a_page(result: Result):
    notes = [{"code": "period", "text": "what must be known"}]
    report = reported(in_memory(result.json | {"notes": notes}))
    texts = tuple(one for one in report.sections if one.name in ("method", "notes", "citation"))
    for lines in range(30, 40):  # with more and more before it, it moves to the next page
        title = "that is long and longer and longer than the line of a page " * lines
        content = to_pdf(replace(report, title=title, sections=texts), read_template())
        for page in pages_of(content):  # its foot comes first
            assert not page.endswith(tuple(one.heading for one in texts))


def test_pdf_is_a4_and_nothing_reaches_beyond_its_margins(result: Result):
    plain = result.json
    long = "Ward of the very long name that goes on and on beside the river, north of the hills"
    many = [
        plain["series"][n % 2] | {"zone": {"id": str(n), "name": f"{long} {n}"}} for n in range(300)
    ]
    content = written(in_memory(plain | {"series": many}), "pdf")
    document = pypdfium2.PdfDocument(content)
    assert 1 <= len(document) <= 3
    assert "270 more zones are in the files" in " ".join(pages_of(content))
    for page in document:
        assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.1)
        ink = np.asarray(page.render(scale=1).to_pil().convert("L")) < 200
        down, across = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        assert 30 < across.min() < across.max() < 595 - 30
        assert 25 < down.min() < down.max() < 842 - 20


@pytest.mark.parametrize("lines", range(30, 34))
def test_no_heading_of_a_table_stands_alone_at_the_foot_of_a_page(result: Result, lines: int):
    rows = NumberRows(("Value",), tuple((False, f"row {n}", ("1",)) for n in range(12)), 0)
    text = Section("method", "Method", (Text("A line."),) * lines)
    table = Section("table", "By zone", (Text("The highest first."), Numbers("Zone", rows)))
    report = replace(reported(result), about="", sections=(text, table))
    pages = pages_of(to_pdf(report, read_template(None)))
    (with_heading,) = [page for page in pages if "By zone" in page]
    assert "row 1 " in with_heading


def test_notes_are_listed_in_each_format(result: Result):
    notes = [{"code": "zones", "text": "2 zones lie by the sea"}]
    noted = in_memory(result.json | {"notes": notes})
    assert "2 zones lie by the sea" in " ".join(pages_of(written(noted, "pdf")))
    assert "2 zones lie by the sea" in texts_of(written(noted, "docx"))
    assert "2 zones lie by the sea" in written(noted, "html").decode()


def test_same_result_is_the_same_pdf(result: Result):
    assert written(result, "pdf") == written(result, "pdf")


def test_letters_that_no_font_has_do_no_harm(result: Result):
    plain = result.json
    named = [one | {"zone": {"id": "1", "name": "Đồng كينيا <b>"}} for one in plain["series"][:1]]
    content = written(in_memory(plain | {"series": named}), "pdf")
    assert "?ong ????? <b>, 2025-12-01" in pages_of(content)[0]
    assert "Đồng كينيا &lt;b&gt;" in written(in_memory(plain | {"series": named}), "html").decode()


def png(path: Path) -> None:
    """Write a picture of one green pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\0\xff\0"))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b""))


def test_an_institute_has_its_own_logo_words_and_order(result: Result, tmp_path: Path):
    own = tmp_path / "own"
    assert [one.name for one in write_template(own)] == ["report.toml", "report.html"]
    assert write_template(own) == []  # what is there stays
    assert reported(result, own) == reported(result)
    png(own / "logo.png")
    (own / "report.toml").write_text(
        'institute = "Met & Sons"\nlogo = "logo.png"\naccent = "#aa0000"\nmost_zones = 1\n'
        'sections = ["table", "chart"]\n[words]\ntable = "Our wards"\nfoot = "Ask us: {task}"\n'
    )
    report = reported(result, own)
    assert [one.heading for one in report.sections] == ["Our wards", "Over time"]
    numbers = report.sections[0].blocks[1]
    assert isinstance(numbers, Numbers)
    assert (len(numbers.rows.rows), numbers.rows.left_out) == (1, 1)
    page = pages_of(written(result, "pdf", own))[0]
    assert "Met & Sons" in page
    assert f"Ask us: {task_of().id}" in page
    html = written(result, "html", own).decode()
    assert 'src="data:image/png;base64,' in html
    assert "Met &amp; Sons" in html
    document = docx.Document(io.BytesIO(written(result, "docx", own)))
    assert len(document.inline_shapes) == 2  # the logo and the chart
    (own / "report.html").write_text("{{ report.institute }} alone")
    assert written(result, "html", own) == b"Met &amp; Sons alone"
    (own / "report.html").write_text("{{ report.instituet }}")
    with pytest.raises(SettingsError, match="has no attribute 'instituet'"):
        written(result, "html", own)


@pytest.mark.parametrize(
    ("name", "picture", "mm"),
    [
        ("huge.png", Image.new("RGB", (5000, 5000), "red"), (18, 18)),
        ("wide.png", Image.new("RGBA", (4000, 100), (0, 0, 255, 90)), (60, 1.5)),
        ("printed.jpg", Image.new("CMYK", (300, 300)), (18, 18)),
    ],
)
def test_any_logo_fits_its_room(
    result: Result, tmp_path: Path, name: str, picture: Image.Image, mm: tuple[float, float]
):
    picture.save(tmp_path / name)
    (tmp_path / "report.toml").write_text(f"logo = '{name}'")
    document = docx.Document(io.BytesIO(written(result, "docx", tmp_path)))
    shown = document.inline_shapes[0]
    assert (shown.width.mm, shown.height.mm) == pytest.approx(mm, abs=0.1)
    assert len(written(result, "html", tmp_path)) < 200_000
    assert pages_of(written(result, "pdf", tmp_path))


def test_what_cannot_be_read_of_a_template_is_said(result: Result, tmp_path: Path):
    (tmp_path / "report.toml").write_text("logo = 'logo.png'")
    png(tmp_path / "logo.png")
    for content in (b"no picture", (tmp_path / "logo.png").read_bytes()[:40]):
        (tmp_path / "logo.png").write_bytes(content)
        for form in REPORT_FORMATS:
            with pytest.raises(SettingsError, match=r"logo.png cannot be read as a picture: "):
                written(result, form, tmp_path)
    (tmp_path / "report.toml").write_text("")
    (tmp_path / "report.html").write_bytes("é".encode("latin1"))
    with pytest.raises(SettingsError, match=r"report.html: 'utf-8' codec can't decode"):
        written(result, "html", tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sections = ['charts']", "no section 'charts'; there are chart, map"),
        ("acent = '#fff000'", "acent is not known; did you mean accent"),
        ("accent = 'red'", "write it as #0b4f71"),
        ("most_zones = '3'", "it must be a whole number"),
        ("most_steps = 0", "allowed 1 to 1000"),
        ("logo = 'none.png'", "there is no file none.png"),
        ("logo = 'logo.svg'", "is none of .png, .jpg"),
        ("[words]\nfooter = ''", "footer is not known; did you mean foot"),
        ("= 3", "is no TOML"),
    ],
)
def test_what_is_wrong_in_a_template_is_said(tmp_path: Path, text: str, said: str):
    (tmp_path / "report.toml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        read_template(tmp_path)


def test_a_folder_without_a_template_says_how_to_have_one(tmp_path: Path):
    with pytest.raises(SettingsError, match="csserv report --new-template"):
        read_template(tmp_path / "none")


def plain_of(numbers: list[float | None], name: str = "percent_of_normal") -> dict[str, Any]:
    series = [{"value": [1.0], "against": {name: [one]}} for one in numbers]
    said = {
        "request": {"operation": "mean", "dataset": "rain"},
        "variable": {"long_name": "mean of rainfall"},
    }
    return {"series": series, "units": "mm"} | said


def test_zones_are_classed_by_per_cent_of_normal_as_on_the_page():
    classes = map_classes(plain_of([10.0, 50.0, 100.0, 149.9, 150.0, None]), 0)
    rain = DIVERGING["rain"]
    looks = [classes.look(zone) for zone in range(6)]
    assert looks == [rain[0], rain[1], rain[3], rain[5], rain[6], "unknown"]
    assert classes.legend[0] == (rain[6], "150 and more")
    assert classes.legend[-2:] == [(rain[0], "under 50"), ("unknown", "no data")]
    warm = plain_of([-2.0, 0.0, 2.0], "anomaly") | {"units": "degC", "variable": {}}
    colours = DIVERGING["warmth"]
    looks = [map_classes(warm, 0).look(zone) for zone in range(3)]
    assert looks == [colours[1], colours[3], colours[5]]


def test_values_are_classed_where_nothing_is_normal():
    plain = plain_of([None] * 3)
    plain["series"] = [{"value": [one]} for one in (0.0, 100.0, None)]
    classes = map_classes(plain, 0)
    assert classes.title == "Value [mm]"
    looks = [classes.look(zone) for zone in range(3)]
    assert looks == [classes.shades.colours[0], classes.shades.colours[-1], "unknown"]
    plain["series"] = [{"value": [3.0]}] * 2
    assert len(map_classes(plain, 0).legend) == 1
    nothing = {"series": [{"value": [None]}] * 2, "units": "mm"}
    assert map_classes(plain | nothing, 0).legend == [("unknown", "no data")]


def map_of(result: Result) -> Drawing:
    (picture,) = next(one for one in reported(result).sections if one.name == "map").blocks
    assert isinstance(picture, Picture)
    return picture.drawing


def test_map_has_each_zone_in_its_colour_its_name_and_its_place(result: Result):
    drawing = map_of(result)
    assert drawing.title.startswith("Map: two zones, 2025-12-01: % of normal")
    zones = [one for one in drawing.shapes if isinstance(one, Line) and one.look.startswith("#")]
    west, east = (np.array(one.points) for one in zones)
    assert west[:, 0].max() == pytest.approx(east[:, 0].min())
    assert west[:, 1].min() == pytest.approx(east[:, 1].min())
    assert np.ptp(west[:, 0]) == pytest.approx(np.ptp(west[:, 1]), rel=0.01)  # at the equator
    words = [one.text for one in drawing.shapes if isinstance(one, Words)]
    assert {"West", "East"} <= set(words)
    for shape in drawing.shapes:
        assert look_of(shape.look)
        places = shape.points if isinstance(shape, Line) else [(shape.x, shape.y)]
        assert all(
            -1 <= x <= drawing.width + 1 and -1 <= y <= drawing.height + 1 for x, y in places
        )


def test_a_point_is_a_mark_on_the_map():
    area = Area.from_point(36.8, -1.3)
    classes = replace(map_classes(plain_of([80.0]), 0))
    drawing = zone_drawing(area, classes, ("here", "source"), 720, 400)
    (mark,) = [one for one in drawing.shapes if isinstance(one, Box) and one.note]
    assert mark.look == DIVERGING["rain"][2]
    assert (mark.x + 5, mark.y + 5) == pytest.approx((281, 205), abs=12)


def test_without_shapes_or_with_one_zone_there_is_no_map(result: Result, tmp_path: Path):
    bare = in_memory(result.json)
    one = in_memory(result.json | {"series": result.json["series"][:1]})
    assert "map" not in [part.name for part in reported(one).sections]
    assert "table" not in [part.name for part in reported(one).sections]
    gone = Result(Path("/nowhere"))
    asked = {"request": bare.json["request"] | {"area_sha256": "0" * 64}}
    vars(gone)["json"] = bare.json | asked
    assert "map" not in [part.name for part in reported(gone).sections]


def test_a_report_speaks_french_whatever_it_is_written_as(result: Result):
    with speaking(Language.of("fr")):
        texts = {
            "pdf": " ".join(pages_of(written(result, "pdf"))),
            "docx": texts_of(written(result, "docx")),
            "html": written(result, "html").decode(),
        }
    for form, text in texts.items():
        for wanted in ("% de la normale", "Par zone", "Comment citer", "décembre 2025"):
            assert wanted in text, (form, wanted)
        for wrong in ("By zone", "normal ", "averaged over"):
            assert wrong not in text, (form, wrong)
    assert '<html lang="fr" dir="ltr">' in texts["html"]


def test_an_arabic_report_runs_from_right_to_left(result: Result):
    with speaking(Language.of("ar")):
        assert f"{ISOLATE}{task_of().id}{END}" in reported(result).foot  # else cut at a hyphen
        content = {form: written(result, form) for form in REPORT_FORMATS}
    assert '<html lang="ar" dir="rtl">' in content["html"].decode()
    document = docx.Document(io.BytesIO(content["docx"]))
    assert document.styles["Normal"].element.xpath("w:pPr/w:bidi")
    assert document.tables[0]._tbl.xpath("w:tblPr/w:bidiVisual")
    page = pypdfium2.PdfDocument(content["pdf"])[0]
    drawn = page.get_textpage().get_text_bounded()
    assert "المعدل" in drawn  # pdfium reads joined letters, drawn from the left, as a word again
    assert "?" not in drawn
    ink = np.asarray(page.render(scale=1).to_pil().convert("L")) < 200
    heading = np.flatnonzero(ink[40:90].any(axis=0))
    assert 595 - heading.max() < 60 < heading.min()  # it begins on the right, within the margin


def test_words_of_a_template_of_ones_own_stay_in_every_language(result: Result, tmp_path: Path):
    (tmp_path / "report.toml").write_text('[words]\ncitation = "Cite us so"\n')
    with speaking(Language.of("es")):
        text = written(result, "html", tmp_path).decode()
    assert "Cite us so" in text
    assert "Por zona" in text
