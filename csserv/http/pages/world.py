"""The outlines of countries and the places in them, which pages fetch for their maps."""

from __future__ import annotations

import gzip
from functools import lru_cache

import orjson

from csserv.http.compression import takes_gzip
from csserv.http.pages.login import PublicPage
from csserv.views.maps.places.named_zones import named_countries
from csserv.views.maps.places.place_layers import packed_places

#: how long browsers may use their copy, which another version of csserv may change [s]
KEEP = 86400


class KeptJson(PublicPage):
    """Sends JSON, compressed where the browser takes that; anybody may ask, and keeps it a day."""

    def get(self) -> None:
        """Send the document."""
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", f"public, max-age={KEEP}")
        packed = takes_gzip(self.request.headers)
        if packed:
            self.set_header("Content-Encoding", "gzip")
        self.add_header("Vary", "Accept-Encoding")
        self.finish(self.packed() if packed else gzip.decompress(self.packed()))

    head = get

    def packed(self) -> bytes:
        """Return the document, packed by gzip."""
        raise NotImplementedError


class WorldOutlines(KeptJson):
    """Sends the columns that bokeh draws the outlines from, and where names of countries stand."""

    address = "/world.json"

    def packed(self) -> bytes:
        """Return the outlines."""
        return _outlines()


class WorldPlaces(KeptJson):
    """Sends lakes, rivers and towns."""

    address = "/places.json"

    def packed(self) -> bytes:
        """Return the file as it is."""
        return packed_places()


@lru_cache(maxsize=1)
def _outlines() -> bytes:
    return gzip.compress(orjson.dumps(named_countries()), mtime=0)
