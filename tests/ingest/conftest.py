"""A stand-in for providers, and archives that are fetched from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from csserv.catalog import Catalog
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.ingest.fetch import Fetched
from csserv.ingest.open_fetch import Asked, Fetching
from csserv.ingest.products.product_table import Product, Products
from csserv.ingest.replay.made_files import made_values
from csserv.ingest.replay.replay_server import Replay, serve_replay
from csserv.ingest.stored.box import Box, whole
from csserv.ingest.stored.fetched_archive import Archive
from csserv.ingest.web.pace import Pace
from csserv.request import Period

#: tries and pauses of tests
QUICK = Pace(tries=3, pause=0.01, longest=0.02, patience=5.0, timeout=(5.0, 5.0))

#: a part of the made-up grid: 20 rows and 24 columns of a quarter degree
BOX = Box(34.0, -2.0, 40.0, 3.0)


@dataclass
class Stand:
    """The stand-in, and a data folder."""

    replay: Replay
    folder: Path
    table: Products = field(default_factory=Products.read)

    @property
    def products(self) -> Products:
        """The table, with addresses of the stand-in."""
        return Products.read(self.replay.address)

    @property
    def catalog(self) -> Catalog:
        """The catalog of the data folder."""
        return Catalog.read(self.folder)

    def publish(
        self, name: str, days: str, stream: str = "final", skip: tuple[date, ...] = ()
    ) -> list[str]:
        """Put up the files of a period; returns their paths."""
        return self.replay.shelf.publish(self.table[name], stream, Period.parse(days), skip)

    def fetching(
        self,
        name: str,
        first: str = "",
        last: str = "",
        product: Product | None = None,
        **asked: Any,
    ) -> Fetching:
        """Open a fetch.

        Parameters
        ----------
        product : in place of the row of the table
        """
        begin = Period.parse(first).start if first else None
        end = Period.parse(last).end if last else None
        how = Asked(begin, end, **({"box": BOX} | asked))
        product = product or self.products[name]
        return Fetching(self.catalog, product, how, pace=QUICK)

    def fetch(self, name: str, first: str = "", last: str = "", **asked: Any) -> Fetched:
        """Fetch, and say what came."""
        fetching = self.fetching(name, first, last, **asked)
        return fetching.run(fetching.plan())

    def archive(self, name: str) -> Archive:
        """The archive of a product."""
        return Archive.of(self.catalog[name], self.products[name])

    def numbers(self, name: str) -> dict[datetime, NDArray[np.float64]]:
        """Read the numbers of each step of an archive."""
        found = {}
        archive = self.archive(name)
        for path, header in archive.files():
            assert not isinstance(header.grid, CurvedGrid)
            steps = range(len(header.times))
            values = archive.entry.granule(path).read(steps, whole(header.grid))
            for time, one in zip(header.times, values, strict=True):
                found[datetime(time.year, time.month, time.day, time.hour, time.minute)] = one
        return found

    def made(self, start: datetime, stream: str = "final") -> NDArray[np.float32]:
        """The made-up numbers of a step, cut to the box."""
        grid = self.replay.shelf.grid
        row, column = round((grid.north - BOX.north) / 0.25), round((BOX.west - grid.west) / 0.25)
        return made_values(grid, start, stream)[row : row + 20, column : column + 24]

    def check(self, name: str, streams: dict[datetime, str]) -> None:
        """See that an archive has these steps, each with the numbers of its stream."""
        there = self.numbers(name)
        assert sorted(there) == sorted(streams)
        for start, stream in streams.items():
            np.testing.assert_array_equal(there[start], self.made(start, stream))


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with serve_replay() as replay:
        yield Stand(replay, tmp_path / "data")


def of_product(name: str) -> Product:
    """A row of the table."""
    return Products.read()[name]
