"""The search of granules of the stand-in: pages of the files that it has, as NASA's CMR answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from csserv.ingest.replay.published import PublishedFile
from csserv.ingest.replay.replay_server import Replay, ReplayHandler

#: what a link says that it leads to
DATA = "http://esipfed.org/ns/fedsearch/1.1/data#"
OPENDAP = "http://esipfed.org/ns/fedsearch/1.1/service#"
S3 = "http://esipfed.org/ns/fedsearch/1.1/s3#"

#: where the search is
PATH = "/cmr.earthdata.nasa.gov/search/granules.json"


@dataclass(frozen=True)
class CmrSearch:
    """Answers searches by collection, time and page; other words are not known to it."""

    replay: Replay

    def __call__(self, handler: ReplayHandler, path: str) -> None:
        """Answer one."""
        asked = {name: one[0] for name, one in parse_qs(urlsplit(handler.path).query).items()}
        size, number = int(asked["page_size"]), int(asked["page_num"])
        found = self._found(asked)
        page = found[(number - 1) * size : number * size]
        handler.send_json({"feed": {"entry": [self._entry(one) for one in page]}})

    def _found(self, asked: dict[str, str]) -> list[PublishedFile]:
        """Find the files of a collection of which a step overlaps the time."""
        first, last = (_moment(text) for text in asked["temporal"].split(","))
        collection = {name: asked.get(name) for name in ("short_name", "version")}
        files = [
            one
            for one in self.replay.shelf.files.values()
            if one.product.further.get("collection") == collection
            and one.starts[0] <= last
            and one.product.step.end(one.starts[-1]) > first - timedelta(seconds=1)
        ]
        return sorted(files, key=lambda one: (one.starts, one.path))

    def _entry(self, file: PublishedFile) -> dict[str, object]:
        address = self.replay.address.rstrip("/") + file.path
        return {
            "title": file.path.rpartition("/")[2],
            "updated": f"{file.modified:%Y-%m-%dT%H:%M:%S.000Z}",
            "time_start": f"{file.starts[0]:%Y-%m-%dT%H:%M:%S.000Z}",
            "links": [
                {"rel": S3, "href": f"s3://bucket{file.path}"},
                {"rel": OPENDAP, "href": f"{address}.html"},
                {"rel": DATA, "href": address, "hreflang": "en-US"},
                {"rel": DATA, "href": "https://other.example.org/", "inherited": True},
            ],
        }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))
