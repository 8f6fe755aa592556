"""Scripts of the dashboard's libraries are sent as they are, compressed for who takes that."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import panel  # noqa: F401  # registers its extension
import pytest
from bokeh.embed.bundle import extension_dirs
from bokeh.settings import settings as bokeh_settings
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from csserv import Settings
from csserv.http.pages import page_scripts
from csserv.http.server_context import ServerContext

SCRIPT = Path(bokeh_settings.bokehjs_path()) / "js/bokeh.min.js"


def ask(folder: Path, path: str, accepts: str = "gzip", **more: Any) -> HTTPResponse:
    """Ask a server of nothing but these files; errors are answers, too."""

    async def run() -> HTTPResponse:
        context = ServerContext(Settings(home=folder / "home", data=folder))
        server = HTTPServer(Application(page_scripts.routes(context)))
        socket, port = bind_unused_port()
        server.add_sockets([socket])
        address = f"http://127.0.0.1:{port}{path}"
        headers = {"Accept-Encoding": accepts} | more.pop("headers", {})
        try:
            return await AsyncHTTPClient().fetch(
                address, headers=headers, decompress_response=False, raise_error=False, **more
            )
        finally:
            server.stop()
            await server.close_all_connections()
            context.close()

    return _run(run())


def _run(asked: Coroutine[Any, Any, HTTPResponse]) -> HTTPResponse:
    return asyncio.run(asked)


def test_who_takes_gzip_gets_a_third_of_the_bytes_and_the_same_script(tmp_path: Path):
    packed = ask(tmp_path, "/static/js/bokeh.min.js?v=1")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["Content-Type"].endswith("javascript")
    assert "max-age" in packed.headers["Cache-Control"]
    assert len(packed.body) < SCRIPT.stat().st_size / 3
    assert gzip.decompress(packed.body) == SCRIPT.read_bytes()
    again = ask(
        tmp_path, "/static/js/bokeh.min.js", headers={"If-None-Match": packed.headers["Etag"]}
    )
    assert again.code == 304


def test_others_get_it_as_it_is(tmp_path: Path):
    plain = ask(tmp_path, "/static/js/bokeh.min.js", accepts="identity")
    assert "Content-Encoding" not in plain.headers
    assert plain.body == SCRIPT.read_bytes()


def test_files_of_an_extension_are_found_by_its_name(tmp_path: Path):
    found = ask(tmp_path, "/static/extensions/panel/panel.min.js")
    own = Path(extension_dirs["panel"]) / "panel.min.js"
    assert gzip.decompress(found.body) == own.read_bytes()


def test_a_head_says_the_same_and_sends_nothing(tmp_path: Path):
    found = ask(tmp_path, "/static/js/bokeh.min.js", method="HEAD")
    assert (found.code, found.headers["Content-Encoding"], found.body) == (200, "gzip", b"")


def test_a_home_that_cannot_be_written_sends_them_as_they_are(tmp_path: Path):
    (tmp_path / "home").write_text("in the way")
    found = ask(tmp_path, "/static/js/bokeh.min.js")
    assert (found.code, found.body) == (200, SCRIPT.read_bytes())


@pytest.mark.parametrize(
    "path",
    [
        "/static/js/no_such.js",
        "/static/extensions/no_such/panel.min.js",
        "/static/extensions/panel",
        "/static/../settings.py",
        "/static/js/%2e%2e/%2e%2e/%2e%2e/%2e%2e/server/server.py",
        "/static/extensions/panel/..%2f..%2fconfig.py",
    ],
)
def test_nothing_else_is_sent(tmp_path: Path, path: str):
    assert ask(tmp_path, path).code in (403, 404)
