"""Writes a report as one HTML file, which prints on A4."""

from __future__ import annotations

import base64

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from csserv.errors import SettingsError
from csserv.views.plain.plain_page import page_style
from csserv.views.plain.svg_text import to_svg
from csserv.views.report.content import Report
from csserv.views.report.template import ReportTemplate


def to_html(report: Report, template: ReportTemplate) -> bytes:
    """Write a report; its logo and pictures are in the file.

    Raises
    ------
    SettingsError : the template of one's own is wrong; says where
    """
    environment = Environment(
        loader=FileSystemLoader(template.html.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    try:
        written = environment.get_template(template.html.name).render(
            report=report,
            style=page_style(),
            accent=template.accent,
            logo=_data_address(report.logo.png) if report.logo else "",
            svg=to_svg,
            kind_of=lambda block: type(block).__name__,
        )
    except (TemplateError, UnicodeDecodeError) as error:
        raise SettingsError(f"{template.html}: {error}") from None
    return written.encode()


def _data_address(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
