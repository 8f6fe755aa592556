"""The base of handlers that send files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tornado.web import StaticFileHandler

from csserv.http.handler import Handler
from csserv.outputs.formats.series_files import SERIES_FORMATS

MEDIA = {".json": "application/json", ".zip": "application/zip"}
MEDIA |= {form.ending: form.media for form in SERIES_FORMATS.values()}


class FileSender(Handler, StaticFileHandler):
    """A handler that can send a file in chunks, with Range, ETag and If-Modified-Since."""

    def initialize(self, *shared: Any, **own: Any) -> None:
        """Take the arguments of a handler; the folder is known when a file is sent."""
        super().initialize(*shared, **own)
        self.root, self.default_filename = "", None

    async def send(self, file: Path, name: str = "") -> None:
        """Send a file, to be saved under its own name or another one."""
        self.root = str(file.parent)
        self._name = name or file.name
        include = self.request.method != "HEAD"
        await StaticFileHandler.get(self, file.name, include_body=include)

    def set_extra_headers(self, path: str) -> None:
        """Set the name under which the file is saved."""
        self.set_header("Content-Disposition", f'attachment; filename="{self._name}"')

    def get_content_type(self) -> str:
        """Return the media type of the file."""
        return MEDIA.get(Path(self._name).suffix, "application/octet-stream")

    def compute_etag(self) -> str | None:
        """Return an ETag of time and size of the file; hashing gigabytes would take too long."""
        if not self.root:
            return None
        stat = Path(str(self.absolute_path)).stat()
        return f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
