"""What goes wrong at providers and on the way, for the stand-in to do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from email.message import Message

from csserv.ingest.replay.published import PublishedFile
from csserv.ingest.replay.replay_server import ReplayHandler, Trouble


def refused(code: int, headers: Mapping[str, str] | None = None, text: str = "no") -> Trouble:
    """Answer with a number."""

    def act(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        handler.send_page(f"<html>{text}</html>", code, dict(headers or {}))
        return True

    return act


def answered(
    body: bytes,
    headers: Mapping[str, str] | None = None,
    code: int = 200,
    announced: int | None = None,
) -> Trouble:
    """Answer with these bytes; of another length than is announced, the connection ends."""

    def act(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        handler.send_response(code)
        for name, value in {"Content-Type": "application/octet-stream", **(headers or {})}.items():
            handler.send_header(name, value)
        if "Transfer-Encoding" not in (headers or {}):
            length = len(body) if announced is None else announced
            handler.send_header("Content-Length", str(length))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = announced is not None or "Transfer-Encoding" in (headers or {})
        return True

    return act


def sent_to(address: str) -> Trouble:
    """Redirect."""

    def act(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        handler.send_page("", 302, {"Location": address})
        return True

    return act


def cut(count: int) -> Trouble:
    """Leave out the last bytes that were announced."""

    def act(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        assert file
        handler.send_file(file, cut=count)
        return True

    return act


def dripped(pause: float) -> Trouble:
    """Send slowly, for ever so long."""

    def act(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        assert file
        handler.send_file(file, pause=pause)
        return True

    return act


def reset(handler: ReplayHandler, file: PublishedFile | None) -> bool:
    """Break the connection without a word."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    handler.connection.close()
    handler.close_connection = True
    return True


def silent(until: threading.Event) -> Trouble:
    """Say nothing until somebody has given up."""

    def act(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        until.wait(60)
        handler.close_connection = True
        return True

    return act


def heard(into: list[Message]) -> Trouble:
    """Note the headers of a request, and answer as usual."""

    def act(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        into.append(handler.headers)
        return False

    return act


def chunked(body: bytes) -> bytes:
    """Write bytes as a body of parts, each with its length."""
    parts = [body[place : place + 999] for place in range(0, len(body), 999)]
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in [*parts, b""])
