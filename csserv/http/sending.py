"""Handlers that send files in pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tornado.web import StaticFileHandler

from csserv.http.handler import Handler
from csserv.outputs.series_files import SERIES_FORMATS

MEDIA = {".json": "application/json", ".zip": "application/zip"}
MEDIA |= {form.ending: form.media for form in SERIES_FORMATS.values()}


class Sender(Handler, StaticFileHandler):
    """Can send a file; Range, ETag and If-Modified-Since are honoured."""

    def initialize(self, *shared: Any, **own: Any) -> None:
        """Take over what handlers share; the folder is known when a file is sent."""
        super().initialize(*shared, **own)
        self.root, self.default_filename = "", None

    async def send(self, file: Path, name: str = "") -> None:
        """Send a file under its name, or another one."""
        self.root = str(file.parent)
        self._name = name or file.name
        include = self.request.method != "HEAD"
        await StaticFileHandler.get(self, file.name, include_body=include)

    def set_extra_headers(self, path: str) -> None:
        """Give the file its name."""
        self.set_header("Content-Disposition", f'attachment; filename="{self._name}"')

    def get_content_type(self) -> str:
        """Tell what the file is."""
        return MEDIA.get(Path(self._name).suffix, "application/octet-stream")

    def compute_etag(self) -> str | None:
        """Tell one state of a file from another; hashing gigabytes would take too long."""
        if not self.root:
            return None
        stat = Path(str(self.absolute_path)).stat()
        return f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
