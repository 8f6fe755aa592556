"""The outlines of the world's countries, which pages draw below what they show."""

from __future__ import annotations

import gzip
from functools import lru_cache

import orjson

from csserv.http.pages.login import Door
from csserv.views.maps.outlines import world_columns

#: so long a browser may use what it has; it is of another version of csserv after that [s]
KEEP = 86400


class WorldOutlines(Door):
    """Sends them packed, to everybody: they are no secret."""

    def get(self) -> None:
        """Send the columns that bokeh draws them from."""
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", f"public, max-age={KEEP}")
        packed = "gzip" in self.request.headers.get("Accept-Encoding", "")
        if packed:
            self.set_header("Content-Encoding", "gzip")
        self.set_header("Vary", "Accept-Encoding")
        self.finish(_packed() if packed else gzip.decompress(_packed()))


@lru_cache(maxsize=1)
def _packed() -> bytes:
    return gzip.compress(orjson.dumps(world_columns()), mtime=0)
