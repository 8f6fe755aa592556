"""The web server of the stand-in: index pages, files, parts of files, and troubles on request."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from csserv.errors import SettingsError
from csserv.ingest.replay.published import PublishedFile, Shelf


@dataclass
class Replay:
    """The stand-in while it serves.

    Attributes
    ----------
    shelf : its files
    troubles : path → what it does the next times it is asked for that, one after the other
    asked : method and path of each request
    sent : path → bytes of files that were sent
    parts : what answers below a path, in place of folders: the beginning of the path → it
    """

    shelf: Shelf = field(default_factory=Shelf)
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    parts: dict[str, Part] = field(default_factory=dict)
    address: str = ""

    def part_of(self, path: str) -> Part | None:
        """Return what answers at a path, if folders do not."""
        return next((one for begin, one in self.parts.items() if path.startswith(begin)), None)

    def trouble_of(self, path: str) -> Trouble | None:
        """Take the next trouble of a path."""
        waiting = self.troubles.get(path)
        return waiting.pop(0) if waiting else None


#: does something else than to answer as usual; says whether that was all
Trouble = Callable[["ReplayHandler", "PublishedFile | None"], bool]

#: answers at a path
Part = Callable[["ReplayHandler", str], None]


@contextmanager
def serve_replay(replay: Replay | None = None, port: int = 0) -> Iterator[Replay]:
    """Serve a stand-in on this machine until the context ends.

    Parameters
    ----------
    port : to listen on; a free one if 0

    Raises
    ------
    SettingsError : the port is taken
    """
    found = replay or Replay()
    try:
        server = _Server(("127.0.0.1", port), ReplayHandler)
    except OSError as error:
        why = error.strerror or error
        raise SettingsError(f"port {port} cannot be listened on: {why}; take another") from None
    server.replay = found
    found.address = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    replay: Replay

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, but not that a caller has gone."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class ReplayHandler(BaseHTTPRequestHandler):
    """Answers as the servers of providers do."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        """Say what is there."""
        self._answer(with_body=False)

    def do_GET(self) -> None:
        """Send a page or a file."""
        self._answer(with_body=True)

    def do_POST(self) -> None:
        """Take a job."""
        self._answer(with_body=True)

    def do_DELETE(self) -> None:
        """Call a job off."""
        self._answer(with_body=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep the terminal clean."""

    def _answer(self, with_body: bool) -> None:
        replay = self.server.replay
        path = unquote(urlsplit(self.path).path)
        replay.asked.append((self.command, path))
        file = replay.shelf.files.get(path)
        trouble = replay.trouble_of(path)
        if trouble and trouble(self, file):
            return
        if file:
            self.send_file(file, with_body)
        elif part := replay.part_of(path):
            part(self, path)
        elif path.endswith("/") and (listed := replay.shelf.listing(path)):
            self.send_page(_index(path, listed), with_body=with_body)
        else:
            self.send_page("<html><title>404 Not Found</title></html>", 404, with_body=with_body)

    def send_page(
        self,
        text: str,
        code: int = 200,
        headers: dict[str, str] | None = None,
        *,
        with_body: bool = True,
    ) -> None:
        """Send a web page."""
        body = text.encode()
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def send_json(self, content: object, code: int = 200) -> None:
        """Send an answer of a program."""
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_file(
        self, file: PublishedFile, with_body: bool = True, cut: int = 0, pause: float = 0.0
    ) -> None:
        """Send a file, or the part of it that was asked for.

        Parameters
        ----------
        cut : so many bytes of the end are not sent, though they were announced
        pause : between two kilobytes [s]
        """
        content = file.content(self.server.replay.shelf.grid)
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        start = self._start(etag, len(content))
        if start is None:
            self.send_page("", 416, {"Content-Range": f"bytes */{len(content)}"})
            return
        self.send_response(206 if start else 200)
        if start:
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", etag)
        self.send_header("Last-Modified", format_datetime(file.modified))
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if with_body:
            self._send(content[start : len(content) - cut], pause)
        if cut:
            self.close_connection = True

    def _send(self, content: bytes, pause: float) -> None:
        size = 1024 if pause else len(content)
        for place in range(0, len(content), size or 1):
            part = content[place : place + size]
            self.wfile.write(part)
            self.server.replay.sent[unquote(urlsplit(self.path).path)] += len(part)
            time.sleep(pause)

    def _start(self, etag: str, length: int) -> int | None:
        """Say from which byte on is asked for; None if the file has none there."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not found or self.headers.get("If-Range", etag) != etag:
            return 0
        return int(found[1]) if int(found[1]) < length else None


def _index(path: str, listed: list[tuple[str, PublishedFile | None]]) -> str:
    """Write the page of a folder as Apache does."""
    parent = quote(path.rsplit("/", 2)[0])
    rows = [
        '<a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a>',
        f'<a href="?C=S;O=A">Size</a><hr><a href="{parent}/">Parent Directory</a> -',
    ]
    for name, file in listed:
        told = f"{file.modified:%Y-%m-%d %H:%M}  17K" if file else " -  "
        rows.append(f'<a href="{quote(name)}">{name[:23]}</a> {told}')
    body = "\n".join(rows)
    return f"<html><head><title>Index of {path}</title></head><body><pre>{body}</pre></body></html>"
