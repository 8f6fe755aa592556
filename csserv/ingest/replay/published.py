"""The files that a stand-in provider has: by their paths, made when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from csserv.ingest.products.moments import possible_starts
from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import moment_in_name
from csserv.ingest.replay.made_files import MadeGrid, make_file
from csserv.request import Period


@dataclass(frozen=True)
class PublishedFile:
    """A file of a provider.

    Attributes
    ----------
    modified : when it appeared
    """

    path: str
    product: Product
    stream: str
    starts: tuple[datetime, ...]
    modified: datetime

    def content(self, grid: MadeGrid) -> bytes:
        """Return its bytes, always the same."""
        return _content(self, grid)

    def __hash__(self) -> int:
        return hash((self.path, self.starts))


@dataclass
class Shelf:
    """All files of the stand-in, by path; each machine's in a folder of its name."""

    grid: MadeGrid = field(default_factory=MadeGrid)
    files: dict[str, PublishedFile] = field(default_factory=dict)

    def publish(
        self, product: Product, stream: str, period: Period, skip: Iterable[date] = ()
    ) -> list[str]:
        """Put up the files of a period, as the provider names them.

        Parameters
        ----------
        skip : days of which there is nothing

        Returns
        -------
        paths of the files
        """
        left, by_path = set(skip), dict[str, list[datetime]]()
        template = product.streams[stream]
        root = self.root(product)
        for start in possible_starts(product, period):
            if start.date() not in left:
                moment = moment_in_name(product, start)
                name = template.example(moment)
                by_path.setdefault(f"{root}{template.folder(moment)}{name}", []).append(start)
        for path, starts in by_path.items():
            shown = starts[-1] + timedelta(days=3 if stream != "final" else 40)
            self.files[path] = PublishedFile(path, product, stream, tuple(starts), shown)
        return list(by_path)

    def root(self, product: Product) -> str:
        """Return the path that the streams of a product lie below."""
        parts = urlsplit(product.base)
        return f"/{parts.netloc}{parts.path}"

    def listing(self, folder: str) -> list[tuple[str, PublishedFile | None]] | None:
        """List a folder: names of files and of folders; None if it is not there."""
        found = dict[str, PublishedFile | None]()
        for path, one in self.files.items():
            if path.startswith(folder):
                name, slash, _ = path[len(folder) :].partition("/")
                found[name + slash] = None if slash else one
        return sorted(found.items()) if found else None


@lru_cache(maxsize=256)
def _content(file: PublishedFile, grid: MadeGrid) -> bytes:
    return make_file(file.product, file.stream, list(file.starts), grid)
