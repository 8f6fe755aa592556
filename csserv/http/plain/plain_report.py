"""A result as a report to hand out: ``/r/TASK/report.pdf``, as a Word document, as HTML."""

from __future__ import annotations

from typing import Any

from csserv.http.handler import Handler
from csserv.http.native.streams import checked_id
from csserv.http.plain.plain_handler import PlainPage
from csserv.http.server_context import ServerContext
from csserv.views.report.report_formats import REPORT_FORMATS, write_report


class PlainReport(PlainPage):
    """The report of a task, by the template of this server."""

    address = "/r/{id}/report.{ending}"

    async def get(self, **path: str) -> None:
        """Send the report as a file."""
        ending = path["ending"]
        content, stem = await self.read_spoken(self._content, checked_id(path["id"]), ending)
        self._set_headers(REPORT_FORMATS[ending].media, "private, no-cache")
        self.set_header("Content-Disposition", f'attachment; filename="{stem}.{ending}"')
        self.finish(content)

    head = get

    def _content(self, task_id: str, ending: str) -> tuple[bytes, str]:
        service, template = self.context.service, self.context.settings.report_template
        task = service.task(task_id)
        result = service.result(task, wait=False)
        return write_report(task, result, ending, template, self.chosen), task.request.file_stem


def routes(context: ServerContext) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """Return the route of the reports; it comes before those of the page's other files."""
    endings = "|".join(REPORT_FORMATS)
    return [(rf"/r/(?P<id>[^/]+)/report\.(?P<ending>{endings})", PlainReport, {"context": context})]
