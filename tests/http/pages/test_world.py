"""The outlines of countries, and the places in them, that pages fetch."""

from __future__ import annotations

import gzip

import orjson
import requests

from csserv.views.maps.places.named_zones import named_countries
from csserv.views.maps.places.place_layers import packed_places
from tests.http.conftest import Server


def test_they_are_those_that_are_drawn_packed_or_not_and_are_kept_by_browsers(server: Server):
    places = orjson.loads(gzip.decompress(packed_places()))
    for name, want in (("world.json", named_countries()), ("places.json", places)):
        for coding in ("gzip", "identity"):
            asked = {"Accept-Encoding": coding}
            answer = requests.get(f"{server.url}/{name}", headers=asked, timeout=60)
            assert answer.json() == want
            assert answer.headers.get("Content-Encoding", "identity") == coding
            assert "max-age" in answer.headers["Cache-Control"]
            again = {"If-None-Match": answer.headers["Etag"], **asked}
            known = requests.get(f"{server.url}/{name}", headers=again, timeout=60)
            assert (known.status_code, known.content) == (304, b"")
