"""Pages of other sites: what they may make a browser ask of a server on the same machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from csserv import Settings
from csserv.access import Role
from csserv.http.browser_auth import BrowserAuth
from csserv.http.foreign_sites import ForeignSiteError
from tests.http.climateserv.legacy import USUAL
from tests.http.conftest import BOX, Server, start

FRIEND = "https://rain.example.org"

ASKED = {"dataset": "rain", "operation": "mean", "area": BOX, "period": "2019-01"}

#: headers by which browsers tell that a page of another site asks
FOREIGN = {
    "another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "a picture or script of its page": {"Sec-Fetch-Site": "cross-site"},
    "another port of this machine": {"Sec-Fetch-Site": "same-site"},
    "a browser that says less": {"Origin": "https://evil.example"},
    "a page without a site": {"Origin": "null"},
    "a link": {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    },
}


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that trusts callers on this machine, and one other site."""
    yield from start(tmp_path_factory.mktemp("local"), origins=f"{FRIEND}, *")


@pytest.mark.slow
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_page_of_another_site_neither_reads_nor_submits(local: Server, kind: str) -> None:
    before = len(local.ask("GET", "/tasks").json()["tasks"])
    headers = FOREIGN[kind]
    read = local.ask("GET", "/tasks", headers=headers)
    assert (read.status_code, "CSSERV_ORIGINS" in read.json()["detail"]) == (403, True)
    assert "Access-Control-Allow-Origin" not in read.headers
    assert local.ask("POST", "/tasks", json=ASKED, headers=headers).status_code == 403
    for method in ("submitDataRequest", "getParameterTypes"):
        asked = requests.get(
            f"{local.url}/api/{method}/", params=USUAL, headers=headers, timeout=60
        )
        assert (asked.status_code, "Access-Control-Allow-Origin" in asked.headers) == (403, False)
    assert len(local.ask("GET", "/tasks").json()["tasks"]) == before


@pytest.mark.slow
def test_a_site_of_the_settings_reads_and_submits(local: Server) -> None:
    headers = {"Origin": FRIEND, "Sec-Fetch-Site": "cross-site"}
    read = local.ask("GET", "/tasks", headers=headers)
    assert (read.status_code, read.headers["Access-Control-Allow-Origin"]) == (200, FRIEND)
    assert read.headers["Vary"] == "Origin"
    made = local.ask("POST", "/tasks", json=ASKED, headers=headers)
    assert made.status_code == 202
    local.until_ended(made.json()["id"])
    for path in ("/layers/country", f"/tasks/{made.json()['id']}/result"):  # compressed, too
        long = local.ask("GET", path, headers=headers)
        assert long.headers["Vary"].replace(" ", "") == "Origin,Accept-Encoding"
    wanted = headers | {"Access-Control-Request-Method": "POST"}
    preflight = local.ask("OPTIONS", "/tasks", headers=wanted)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == FRIEND
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    missing = local.ask("GET", "/nothing", headers=headers)
    assert missing.headers["Access-Control-Allow-Origin"] == FRIEND


@pytest.mark.slow
def test_own_pages_and_programs_are_served(local: Server) -> None:
    for headers in (
        {},
        {"Origin": local.url, "Sec-Fetch-Site": "same-origin"},
        {"Origin": local.url},
        {"Sec-Fetch-Site": "none"},
        {"Referer": "https://climateserv.servirglobal.net/"},
    ):
        assert local.ask("GET", "/tasks", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "is_served"),
    [
        (FOREIGN["a link"], True),
        (FOREIGN["another site"], False),
        (FOREIGN["a link"] | {"Sec-Fetch-Dest": "iframe"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
    ],
)
def test_a_link_opens_a_page_but_no_frame_does(
    tmp_path: Path, headers: dict[str, str], is_served: bool
) -> None:
    auth = BrowserAuth(Settings(home=tmp_path))
    asked = RequestStartLine("GET", "/app", "HTTP/1.1")
    given = HTTPHeaders(headers | {"Host": "localhost:5006"})
    request = HTTPServerRequest(start_line=asked, headers=given)
    request.remote_ip = "127.0.0.1"
    if is_served:
        assert auth.identify(request).role is Role.ADMIN
    else:
        with pytest.raises(ForeignSiteError):
            auth.identify(request)
