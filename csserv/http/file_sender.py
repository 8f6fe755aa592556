"""The base of handlers that send files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tornado.web import HTTPError, StaticFileHandler

from csserv.http import conditions
from csserv.http.compression import LEAST, takes_gzip
from csserv.http.handler import Handler
from csserv.outputs.formats.series_files import SERIES_FORMATS
from csserv.problem import Problem

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
        self._check_conditions(file)
        include = self.request.method != "HEAD"
        await StaticFileHandler.get(self, file.name, include_body=include)
        if self.get_status() == 416:
            self.clear_header("Content-Disposition")
            asked = self.request.headers["Range"][:80]
            size = file.stat().st_size
            said = f"the range {asked!r} lies outside the file, which has {size:,} bytes"
            self.send_problem(Problem(416, said))

    async def send_packed(self, file: Path, packed: Callable[[], Path], name: str) -> None:
        """Send a file, or a compressed copy to who takes that; ranges are those of the file.

        Parameters
        ----------
        packed : makes the copy, or finds it
        """
        self.add_header("Vary", "Accept-Encoding")
        small = file.stat().st_size < LEAST
        if small or "Range" in self.request.headers or not takes_gzip(self.request.headers):
            await self.send(file, name)
            return
        copy = await self.context.run_read(packed)
        self.set_header("Content-Encoding", "gzip")
        await self.send(copy, name)

    def _check_conditions(self, file: Path) -> None:
        """Refuse a request for another version of the file, and send no range of another one.

        Raises
        ------
        HTTPError : the file is another one by now (412)
        """
        self.absolute_path = str(file)
        etag = str(self.compute_etag())
        modified = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        if conditions.fails(self.request.headers, etag, modified):
            raise HTTPError(412, f"{file.name} is not the version that was asked for: it is {etag}")
        if not conditions.range_holds(self.request.headers, etag, modified):
            self.request.headers.pop("Range", None)

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
