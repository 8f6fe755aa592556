"""The outlines of countries, which pages fetch for their maps."""

from __future__ import annotations

import gzip
from functools import lru_cache

import orjson

from csserv.http.compression import takes_gzip
from csserv.http.pages.login import PublicPage
from csserv.views.maps.outlines import world_columns

#: how long browsers may use their copy, which another version of csserv may change [s]
KEEP = 86400


class WorldOutlines(PublicPage):
    """Sends the outlines, compressed where the browser takes that; anybody may ask."""

    address = "/world.json"

    def get(self) -> None:
        """Send the columns that bokeh draws the outlines from."""
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", f"public, max-age={KEEP}")
        packed = takes_gzip(self.request.headers)
        if packed:
            self.set_header("Content-Encoding", "gzip")
        self.add_header("Vary", "Accept-Encoding")
        self.finish(_packed() if packed else gzip.decompress(_packed()))

    head = get


@lru_cache(maxsize=1)
def _packed() -> bytes:
    return gzip.compress(orjson.dumps(world_columns()), mtime=0)
