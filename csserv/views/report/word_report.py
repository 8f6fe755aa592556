"""Writes a report as a document for Word and LibreOffice, by python-docx."""

from __future__ import annotations

import io
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt, RGBColor

from csserv.language import Language, current_language
from csserv.views.plain.drawing import Drawing
from csserv.views.plain.png_picture import to_png
from csserv.views.report.content import Block, Bullets, Numbers, Picture, Report, Text
from csserv.views.report.template import ReportTemplate

#: width and height of A4, and its margins [mm]
WIDTH, HEIGHT, MARGIN = 210, 297, 15

#: pixels of a picture for each of its drawing
FINE = 2.5


def to_docx(report: Report, template: ReportTemplate) -> bytes:
    """Write a report; headings, tables and alternative texts are those of the program."""
    document = Document()
    _lay_out(document, template.accent)
    _set_language(document, report.language)
    _write_head(document, report)
    for section in report.sections:
        document.add_heading(section.heading, level=2)
        for block in section.blocks:
            _write_block(document, block)
    if report.after:
        document.add_paragraph(report.after)
    foot = document.sections[0].footer.paragraphs[0]
    foot.text = " · ".join(filter(None, (report.institute, report.foot)))
    for run in foot.runs:
        run.font.size = Pt(8)
    said = document.core_properties
    said.title, said.author, said.subject = report.title, report.institute or "csserv", report.about
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _lay_out(document: Any, accent: str) -> None:
    """Set A4, and the looks of text and headings."""
    page = document.sections[0]
    page.page_width, page.page_height = Mm(WIDTH), Mm(HEIGHT)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(page, side, Mm(MARGIN))
    document.styles["Normal"].font.size = Pt(10)
    colour = RGBColor.from_string(accent.removeprefix("#").upper())
    for name, size in (("Heading 1", 16), ("Heading 2", 12)):
        font = document.styles[name].font
        font.size, font.color.rgb = Pt(size), colour


def _set_language(document: Any, language: Language) -> None:
    """Say the language, and write from right to left where it is written so."""
    normal = document.styles["Normal"].element
    letters = normal.get_or_add_rPr()
    said = letters.makeelement(_tag("lang"), {_tag("val"): language.code})
    if language.direction == "rtl":
        said.set(_tag("bidi"), language.code)
        paragraph = normal.get_or_add_pPr()
        paragraph.append(paragraph.makeelement(_tag("bidi"), {}))
        letters.append(letters.makeelement(_tag("rtl"), {}))
    letters.append(said)


def _write_head(document: Any, report: Report) -> None:
    if report.logo:
        width, height = report.logo.size
        document.add_picture(io.BytesIO(report.logo.png), Mm(width), Mm(height))
    if report.institute:
        document.add_paragraph().add_run(report.institute).bold = True
    if report.above:
        document.add_paragraph(report.above)
    document.add_heading(report.title, level=1)
    document.add_paragraph(report.about)
    if report.before:
        document.add_paragraph(report.before)


def _write_block(document: Any, block: Block) -> None:
    match block:
        case Text(text):
            document.add_paragraph(text)
        case Bullets(lines):
            for line in lines:
                document.add_paragraph(line, style="List Bullet")
        case Picture(drawing):
            _write_picture(document, drawing)
        case Numbers():
            _write_table(document, block)


def _write_picture(document: Any, drawing: Drawing) -> None:
    size = round(FINE * drawing.width), round(FINE * drawing.height)
    picture = io.BytesIO(to_png(drawing, *size))
    shown = document.add_picture(picture, width=Mm(WIDTH - 2 * MARGIN))
    shown._inline.docPr.set("descr", drawing.title)


def _write_table(document: Any, block: Numbers) -> None:
    """Write a table, whose heading stands on each page."""
    head = [block.first, *block.rows.titles]
    rows = [head, *([label, *texts] for _, label, texts in block.rows.rows)]
    table = document.add_table(len(rows), len(head), style="Light Shading")
    cells = table._cells  # each look-up of a cell walks through all of them
    for number, text in enumerate(text for row in rows for text in row):
        paragraph = cells[number].paragraphs[0]
        paragraph.text = text
        if number % len(head):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for run in paragraph.runs:
            run.font.size = Pt(9)
    if current_language().direction == "rtl":
        looks = table._tbl.tblPr
        looks.insert(1, looks.makeelement(_tag("bidiVisual"), {}))
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(header.makeelement(_tag("tblHeader"), {_tag("val"): "true"}))


def _tag(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"
