"""Writes a report as PDF, on A4, with pictures as lines and letters; by ReportLab."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Image,
    KeepTogether,
    ListFlowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from csserv.language import tr
from csserv.views.parts.theme import LIGHT
from csserv.views.plain.drawing import Box, Drawing, Look, Path, Shape, Words, colour_of, look_of
from csserv.views.report.content import Block, Bullets, Numbers, Picture, Report, Section, Text
from csserv.views.report.pdf_fonts import Fonts, fonts_of
from csserv.views.report.template import ReportTemplate

#: what ReportLab leaves free within the margins [points]
PADDING = 6

#: margins of a page, and the largest logo [points]
MARGIN, FOOT = 15 * mm, 18 * mm
LOGO = (60 * mm, 18 * mm)

#: rows of a table, with its heading, that stand below the heading of their section
FIRST_ROWS = 3


def to_pdf(report: Report, template: ReportTemplate) -> bytes:
    """Write a report."""
    fonts = fonts_of(template.font, report.language)
    runs_left = report.language.direction == "rtl"
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN - PADDING,
        rightMargin=MARGIN - PADDING,
        topMargin=MARGIN,
        bottomMargin=FOOT,
        title=report.title if runs_left else fonts.text(report.title),
        author=report.institute if runs_left else fonts.text(report.institute or "csserv"),
        subject=report.about if runs_left else fonts.text(report.about),
        lang=report.language.code,
        invariant=True,
    )
    writer = PdfWriter(fonts, template.accent, document.width - 2 * PADDING, runs_left)
    foot = partial(_draw_foot, fonts, report.foot, runs_left)
    document.build(
        [*writer.head(report), *writer.body(report)], onFirstPage=foot, onLaterPages=foot
    )
    return file.getvalue()


class PdfWriter:
    """Turns the parts of a report into what ReportLab lays out.

    Parameters
    ----------
    width : of the text [points]
    runs_left : whether it is written from right to left
    """

    def __init__(self, fonts: Fonts, accent: str, width: float, runs_left: bool = False) -> None:
        self._fonts, self._accent, self._width = fonts, HexColor(accent), width
        self._runs_left = runs_left
        ink, soft = HexColor(LIGHT.text), HexColor(LIGHT.band)
        plain = {"fontName": fonts.plain, "fontSize": 10, "leading": 14, "textColor": ink}
        plain |= {"alignment": TA_RIGHT} if runs_left else {}
        bold = plain | {"fontName": fonts.bold}
        self._text = ParagraphStyle("text", **plain, spaceAfter=5)
        self._soft = ParagraphStyle("soft", self._text, textColor=soft)
        self._title = ParagraphStyle(
            "title", **bold | {"fontSize": 15, "leading": 19}, spaceAfter=4
        )
        self._heading = ParagraphStyle(
            "heading",
            **bold | {"fontSize": 12, "textColor": self._accent},
            spaceBefore=9,
            spaceAfter=4,
            keepWithNext=True,
        )
        self._cell = ParagraphStyle("cell", **plain | {"fontSize": 9, "leading": 11})

    def head(self, report: Report) -> Iterator[Flowable]:
        """Write whose report it is, and the answer."""
        if report.logo or report.institute:
            yield self._letterhead(report)
            yield Spacer(1, 8)
        if report.above:
            yield self._paragraph(report.above, self._soft)
        yield self._paragraph(report.title, self._title)
        yield self._paragraph(report.about, self._soft)
        if report.before:
            yield self._paragraph(report.before)

    def body(self, report: Report) -> Iterator[Flowable]:
        """Write the sections."""
        for section in report.sections:
            yield from self._section(section)
        if report.after:
            yield self._paragraph(report.after)

    def _section(self, section: Section) -> Iterator[Flowable]:
        heading = self._paragraph(section.heading, self._heading)
        blocks = [self._block(one) for one in section.blocks]
        if isinstance(section.blocks[0], Picture):
            yield KeepTogether([heading, *blocks])
        else:
            yield CondPageBreak(self._beginning([heading, *blocks]))
            yield heading
            yield from blocks

    def _beginning(self, flowables: list[Flowable]) -> float:
        """Return how high a section is with the first rows of its table; 0 where it has none."""
        tables = [place for place, one in enumerate(flowables) if isinstance(one, Table)]
        if not tables:  # a list of notes does not know its height before it is drawn
            return 0.0
        height = 0.0
        for one in flowables[: tables[0] + 1]:
            _, own = one.wrap(self._width, A4[1])
            height += float(own + one.getSpaceBefore() + one.getSpaceAfter())
        return height - float(sum(flowables[tables[0]]._rowHeights[FIRST_ROWS:]))

    def _block(self, block: Block) -> Flowable:
        match block:
            case Text(text):
                return self._paragraph(text)
            case Bullets(lines):
                each = [self._paragraph(line, width=self._width - 12) for line in lines]
                side = ("rightIndent", "rtl") if self._runs_left else ("leftIndent", "ltr")
                look = {"leftIndent": 0, side[0]: 12, "bulletDir": side[1]}
                return ListFlowable(each, bulletType="bullet", start="•", **look)
            case Picture(drawing):
                return DrawingFlowable(drawing, self._width, self._fonts)
            case Numbers():
                return self._table(block)

    def _table(self, block: Numbers) -> Table:
        """Write a table; its heading stands on each page."""
        head = [block.first, *block.rows.titles]
        rows = [[label, *texts] for _, label, texts in block.rows.rows]
        numbers = (self._width - 150) / max(len(head) - 1, 1)
        widths = [self._width - numbers * (len(head) - 1), *[numbers] * (len(head) - 1)]
        cells = [[self._cell_of(text, widths[0]) for text in row] for row in (head, *rows)]
        if self._runs_left:
            cells, widths = [row[::-1] for row in cells], widths[::-1]
        table = Table(cells, widths, repeatRows=1)
        style: list[tuple[Any, ...]] = [
            ("FONT", (0, 0), (-1, -1), self._fonts.plain, 9),
            ("FONT", (0, 0), (-1, 0), self._fonts.bold, 9),
            ("TEXTCOLOR", (0, 0), (-1, -1), HexColor(LIGHT.text)),
            *self._sides(),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, self._accent),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, HexColor(LIGHT.grid)),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
        table.setStyle(TableStyle(style))
        table.spaceAfter = 5
        return table

    def _sides(self) -> list[tuple[Any, ...]]:
        """Set names on the side where reading begins, and numbers on the other one."""
        if self._runs_left:
            sides = [("ALIGN", (0, 0), (-2, -1), "LEFT"), ("ALIGN", (-1, 0), (-1, -1), "RIGHT")]
            return [*sides, ("RIGHTPADDING", (-1, 0), (-1, -1), 0)]
        return [("ALIGN", (1, 0), (-1, -1), "RIGHT"), ("LEFTPADDING", (0, 0), (0, -1), 0)]

    def _cell_of(self, text: str, width: float) -> Any:
        """Write a long text as a paragraph, which takes several lines; a short one as it is."""
        if len(text) > 24:
            return self._paragraph(text, self._cell, width - 2 * PADDING)
        return self._fonts.text(text)

    def _letterhead(self, report: Report) -> Table:
        cells: list[Any] = []
        widths: list[float] = []
        if report.logo:
            picture = Image(str(report.logo), *LOGO, kind="proportional")
            cells.append(picture)
            widths.append(picture.drawWidth + 10)
        bold = ParagraphStyle("institute", self._text, fontName=self._fonts.bold, spaceAfter=0)
        cells.append(self._paragraph(report.institute, bold))
        widths.append(self._width - sum(widths))
        if self._runs_left:
            cells, widths = cells[::-1], widths[::-1]
        table = Table([cells], widths)
        table.setStyle(
            TableStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                    ("LINEBELOW", (0, 0), (-1, -1), 1.2, self._accent),
                    ("LEFTPADDING", (0, 0), (0, -1), 0),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
                ]
            )
        )
        return table

    def _paragraph(
        self, text: str, style: ParagraphStyle | None = None, width: float | None = None
    ) -> Paragraph:
        style = style or self._text
        lines = self._lines(text, style, width or self._width) if self._runs_left else [text]
        return Paragraph("<br/>".join(escape(self._fonts.text(line)) for line in lines), style)

    def _lines(self, text: str, style: ParagraphStyle, width: float) -> list[str]:
        """Cut a text into lines in the order of reading, in which it is not drawn."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._fonts.width(longer, style.fontName, style.fontSize) < width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines


class DrawingFlowable(Flowable):
    """A drawing, as wide as the text."""

    def __init__(self, drawing: Drawing, width: float, fonts: Fonts) -> None:
        super().__init__()
        self._drawing, self._fonts = drawing, fonts
        self._scale = width / drawing.width
        self.width, self.height = width, drawing.height * self._scale

    def wrap(self, *room: float) -> tuple[float, float]:
        """Return how large it is [points]."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw it; in PDF, up is more."""
        self.canv.scale(self._scale, self._scale)
        for shape in self._drawing.shapes:
            self._draw_shape(shape, look_of(shape.look))

    def _draw_shape(self, shape: Shape, look: Look) -> None:
        canvas, height = self.canv, self._drawing.height
        canvas.saveState()
        _set_look(canvas, look)
        match shape:
            case Box(_, x, y, width, high):
                canvas.rect(x, height - y - high, width, high, stroke=0, fill=1)
            case Path(_, points, closed):
                path = canvas.beginPath()
                for number, (x, y) in enumerate(points):
                    (path.lineTo if number else path.moveTo)(x, height - y)
                if closed:
                    path.close()
                canvas.drawPath(path, stroke=int(bool(look.line)), fill=int(closed))
            case Words(_, x, y, text, anchor):
                canvas.setFont(self._fonts.bold if look.bold else self._fonts.plain, look.size)
                draw = {"middle": canvas.drawCentredString, "end": canvas.drawRightString}
                draw.get(anchor, canvas.drawString)(x, height - y, self._fonts.text(text))
        canvas.restoreState()


def _set_look(canvas: Any, look: Look) -> None:
    if look.fill:
        canvas.setFillColor(HexColor(colour_of(look.fill, LIGHT)))
    if look.line:
        canvas.setStrokeColor(HexColor(colour_of(look.line, LIGHT)))
        canvas.setLineWidth(look.width)
        canvas.setLineJoin(1)
    if look.dashes:
        canvas.setDash(*look.dashes)
    if look.opacity < 1:
        canvas.setFillAlpha(look.opacity)
        canvas.setStrokeAlpha(look.opacity)


def _draw_foot(fonts: Fonts, text: str, runs_left: bool, canvas: Any, document: Any) -> None:
    ends = [text[:110], tr("page {number}", number=document.page)]
    left, right = map(fonts.text, ends[::-1] if runs_left else ends)
    canvas.saveState()
    canvas.setFont(fonts.plain, 8)
    canvas.setFillColor(HexColor(LIGHT.band))
    canvas.drawString(MARGIN, 10 * mm, left)
    canvas.drawRightString(A4[0] - MARGIN, 10 * mm, right)
    canvas.restoreState()
