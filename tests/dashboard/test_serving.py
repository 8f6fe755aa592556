"""``csserv serve`` and ``csserv up``: what they refuse, what they bring up, and what they end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
import requests
from click.testing import CliRunner

from csserv import Settings
from csserv.access import Role, Users
from csserv.cli import main
from csserv.settings import as_variables
from tests.processes import CSSERV, environment, eventually, free_port, has_ended

ROOT = Path(__file__).parent.parent.parent


class Provider(BaseHTTPRequestHandler):
    """An OAuth provider that knows one person, and asks nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/user":
            self._say({"email": self.server.person})
            return
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.send_response(302)
        back = f"{asked['redirect_uri']}/?code=right&state={asked['state']}"
        self.send_header("Location", back)
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert parse_qs(body.decode())["code"] == ["right"]
        self._say({"access_token": "opaque", "token_type": "bearer"})

    def _say(self, plain: object) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(plain).encode())

    def log_message(self, *words: object) -> None:
        """Keep quiet."""


@pytest.fixture
def provider() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.person = "oona@example.org"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_cannot_be_served_is_told_in_a_line(settings: Settings, tmp_path: Path):
    empty = settings.model_copy(update={"data": tmp_path / "empty"})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for own, words, said in (
            (settings, ["serve", "--port", port], f"cannot listen on 127.0.0.1:{port}"),
            (settings, ["up", "--port", port], f"cannot listen on 127.0.0.1:{port}"),
            (settings, ["serve", "--login", "oauth"], "needs PANEL_OAUTH_PROVIDER"),
            (empty, ["up"], "csserv up --sample"),
        ):
            found = CliRunner(env=as_variables(own)).invoke(main, words)
            assert (found.exit_code, said in found.stderr) == (1, True), found.stderr
            assert len(found.stderr.splitlines()) == 1
    wrong = CliRunner().invoke(main, ["serve", "--origin", "https://rain.example.org/"])
    assert (wrong.exit_code, "write rain.example.org" in wrong.stderr) == (2, True)


@pytest.mark.slow
def test_up_lets_in_whom_the_provider_knows_and_ends_all_that_it_started(
    settings: Settings, provider: ThreadingHTTPServer, tmp_path: Path
):
    Users(settings.home).add("oona@example.org", Role.READER, None)
    port = free_port()
    there = f"http://127.0.0.1:{provider.server_port}"
    log = tmp_path / "up.log"
    variables = environment(settings.model_dump(mode="json", exclude_none=True)) | {
        "PYTHONPATH": str(ROOT),
        "PANEL_OAUTH_PROVIDER": "generic",
        "PANEL_OAUTH_KEY": "key",
        "PANEL_OAUTH_SECRET": "secret",
        "PANEL_OAUTH_AUTHORIZE_URL": f"{there}/authorize",
        "PANEL_OAUTH_TOKEN_URL": f"{there}/token",
        "PANEL_OAUTH_USER_URL": f"{there}/user",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*CSSERV, "up", "--port", str(port), "--login", "oauth"],
            env=variables,
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: f"csserv serves {url}/" in log.read_text(), 120, log.read_text())
        assert requests.get(f"{url}/api/v1/tasks", timeout=60).status_code == 401
        with requests.Session() as browser:
            page = browser.get(f"{url}/", timeout=60)
            assert (page.status_code, urlsplit(page.url).path) == (200, "/app")
            assert "Log in" not in page.text
            assert browser.get(f"{url}/api/v1/tasks", timeout=60).status_code == 200
            out = browser.post(f"{url}/sign-out", timeout=60)
            assert "You have logged out" in out.text
            assert browser.get(f"{url}/api/v1/tasks", timeout=60).status_code == 401
        provider.person = "stranger@example.org"
        with requests.Session() as browser:
            assert browser.get(f"{url}/app", timeout=60).status_code == 200  # says so
            assert browser.get(f"{url}/api/v1/tasks", timeout=60).status_code == 401
        # who was let in by nobody reads so in the own language
        refused = requests.get(f"{url}/login?error=access_denied", timeout=60)
        assert 'url=sign-in?failed=access_denied"' in refused.text
        for code, said in (("access_denied", "Le fournisseur"), ("<b>x", "Reconnectez-vous")):
            query = {"failed": code, "lang": "fr"}
            page = requests.get(f"{url}/sign-in", query, timeout=60)
            assert said in page.text
            assert "<b>" not in page.text
        eventually((settings.home / "scheduler").exists, 120, "no runner works")
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
    finally:
        os.kill(process.pid, signal.SIGINT)
        process.wait(60)
    eventually(lambda: all(map(has_ended, children)), what="something outlives it")
    assert process.returncode == 0
    assert "Traceback" not in log.read_text()
