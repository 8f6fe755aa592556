"""The outlines of countries that pages fetch."""

from __future__ import annotations

import requests

from csserv.views.maps.outlines import world_columns
from tests.http.conftest import Server


def test_outlines_are_those_that_are_drawn_packed_or_not_and_are_kept_by_browsers(server: Server):
    for coding in ("gzip", "identity"):
        asked = {"Accept-Encoding": coding}
        answer = requests.get(f"{server.url}/world.json", headers=asked, timeout=60)
        assert answer.json() == world_columns()
        assert answer.headers.get("Content-Encoding", "identity") == coding
        assert "max-age" in answer.headers["Cache-Control"]
        again = {"If-None-Match": answer.headers["Etag"], **asked}
        known = requests.get(f"{server.url}/world.json", headers=again, timeout=60)
        assert (known.status_code, known.content) == (304, b"")
