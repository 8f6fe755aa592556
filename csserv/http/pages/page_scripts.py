"""The scripts and style sheets of the dashboard's libraries, sent compressed: a third of the bytes.

Bokeh's own server sends them as they lie on the disk: 4.4 MB before a page shows anything.
"""

from __future__ import annotations

import asyncio
import hashlib
from functools import lru_cache
from pathlib import Path

from tornado.web import HTTPError, StaticFileHandler

from csserv.http.compression import LEAST, compress_file, takes_gzip
from csserv.http.server_context import ServerContext
from csserv.machine.written_whole import written_whole

#: endings of files that become smaller
TEXTS = (".css", ".js", ".json", ".map", ".mjs", ".svg")

#: how long a browser may use its copy of a file whose address names its version [s]
KEEP = 10 * 365 * 86400


class PageScripts(StaticFileHandler):
    """Sends files of bokeh, or of an extension of it; anybody may ask, as for Bokeh's own server.

    Parameters
    ----------
    context : says where compressed copies are kept
    of_extension : whether the first word of an address names an extension
    """

    def initialize(self, context: ServerContext, of_extension: bool = False) -> None:  # type: ignore[override]
        """Take the folder of bokeh's own files; of extensions, the address names it."""
        self._context, self._of_extension = context, of_extension
        self._is_packed = False
        super().initialize(path=_own_folder())

    async def get(self, path: str, include_body: bool = True) -> None:
        """Send a file."""
        if self._of_extension:
            name, _, path = path.partition("/")
            self.root = _extension_folder(name)
        if takes_gzip(self.request.headers) and path.endswith(TEXTS):
            plain = Path(self.get_absolute_path(self.root, self.parse_url_path(path)))
            await asyncio.to_thread(self._pack, plain)
        await super().get(path, include_body)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """Return the path of what is sent: of a compressed copy, if there is one."""
        found = super().validate_absolute_path(root, absolute_path)
        copy = found and self._copy_of(Path(found))
        self._is_packed = bool(copy and takes_gzip(self.request.headers) and copy.is_file())
        return str(copy) if self._is_packed else found

    def get_content_size(self) -> int:
        """Return the size of what is sent; Tornado has looked at the file that was asked for."""
        return Path(self.absolute_path or "").stat().st_size

    def set_extra_headers(self, path: str) -> None:
        """Say how it is compressed."""
        self.add_header("Vary", "Accept-Encoding")
        if self._is_packed:
            self.set_header("Content-Encoding", "gzip")

    def get_cache_time(self, path: str, modified: object, mime_type: str) -> int:
        """Let browsers keep what has a version in its address."""
        return KEEP if self.request.query else 0

    def _copy_of(self, plain: Path) -> Path:
        """Return where the compressed copy of a file is, or would be."""
        found = plain.stat()
        name = hashlib.sha256(f"{plain} {found.st_size} {found.st_mtime_ns}".encode()).hexdigest()
        return self._context.settings.cache / "scripts" / name[:32] / plain.name

    def _pack(self, plain: Path) -> None:
        """Make a compressed copy, unless there is one, or it cannot be."""
        try:
            inside = plain.resolve().is_relative_to(Path(self.root).resolve())
            if not inside or plain.stat().st_size < LEAST or self._copy_of(plain).is_file():
                return
            copy = self._copy_of(plain)
            copy.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(copy, synced=False) as draft:
                compress_file(plain, draft)
        except OSError:  # there is no such file, or no room: it is sent as it is, or not
            return


def routes(context: ServerContext) -> list[tuple[str, type[StaticFileHandler], dict[str, object]]]:
    """Return the routes, which go before those of Bokeh's server."""
    return [
        (
            r"/static/extensions/(.*)",
            PageScripts,
            {"context": context, "of_extension": True},
        ),
        (r"/static/(.*)", PageScripts, {"context": context}),
    ]


@lru_cache(maxsize=1)
def _own_folder() -> str:
    from bokeh.settings import settings  # loaded already where there are pages

    return str(settings.bokehjs_path())


def _extension_folder(name: str) -> str:
    from bokeh.embed.bundle import extension_dirs

    if name not in extension_dirs:
        raise HTTPError(404)
    return str(extension_dirs[name])
