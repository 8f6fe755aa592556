"""The formats of reports, and what writes each; libraries are loaded when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from csserv.errors import InvalidRequestError
from csserv.outputs.result import Result
from csserv.tasks.log.task import Task
from csserv.views.plain.plain_page import Chosen
from csserv.views.report.content import Report, make_report
from csserv.views.report.template import ReportTemplate, read_template

#: how to have what writes a format
INSTALL = "pip install 'csserv[report]'"


@dataclass(frozen=True)
class ReportFormat:
    """A format of reports.

    Attributes
    ----------
    media : its media type
    title : its name for people
    library : that writes it; empty for none
    """

    media: str
    title: str
    library: str
    write: Callable[[Report, ReportTemplate], bytes]


def _html(report: Report, template: ReportTemplate) -> bytes:
    from csserv.views.report.html_report import to_html

    return to_html(report, template)


def _pdf(report: Report, template: ReportTemplate) -> bytes:
    try:
        from csserv.views.report.pdf_report import to_pdf
    except ImportError:
        raise _lacking("PDF", "ReportLab") from None
    return to_pdf(report, template)


def _docx(report: Report, template: ReportTemplate) -> bytes:
    try:
        from csserv.views.report.word_report import to_docx
    except ImportError:
        raise _lacking("Word", "python-docx") from None
    return to_docx(report, template)


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

#: ending of a file, without the dot → format
REPORT_FORMATS = {
    "pdf": ReportFormat("application/pdf", "PDF", "reportlab", _pdf),
    "docx": ReportFormat(_WORD, "Word", "docx", _docx),
    "html": ReportFormat("text/html; charset=utf-8", "HTML", "", _html),
}


def available_formats() -> dict[str, str]:
    """Return ending → name of the formats that can be written here."""
    return {
        ending: one.title
        for ending, one in REPORT_FORMATS.items()
        if not one.library or find_spec(one.library)
    }


def write_report(
    task: Task, result: Result, form: str, folder: Path | None, chosen: Chosen
) -> bytes:
    """Write the report of a result.

    Parameters
    ----------
    form : a key of ``REPORT_FORMATS``
    folder : of the template; ours if None
    chosen : the operation and the series that it is of

    Raises
    ------
    InvalidRequestError : no such format, operation or series, or what writes the format is not
        installed; says what there is
    SettingsError : the template is wrong
    """
    if form not in REPORT_FORMATS:
        raise InvalidRequestError(
            f"no reports as {form[:20]!r}; there are {', '.join(REPORT_FORMATS)}"
        )
    template = read_template(folder)
    return REPORT_FORMATS[form].write(make_report(task, result, template, chosen), template)


def _lacking(kind: str, library: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"to write {kind}, install {library}: {INSTALL}; HTML needs nothing, and browsers print it"
    )
