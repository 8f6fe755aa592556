"""Opens a fetch of one product: its archive, what is wanted of it, and the way to its provider."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from csserv.catalog import Catalog
from csserv.errors import InvalidRequestError
from csserv.ingest.families.family_table import FAMILIES
from csserv.ingest.fetch import Fetched, Told, run_fetch
from csserv.ingest.fetch_plan import FetchPlan, plan_fetch
from csserv.ingest.products.logins import LOGINS, headers_of
from csserv.ingest.products.product_table import Product, Products
from csserv.ingest.stored.box import Box
from csserv.ingest.stored.fetched_archive import HIDDEN, Archive
from csserv.ingest.stored.wanted import Wanted, first_wanted, read_wanted, write_wanted
from csserv.ingest.web.asking import Web
from csserv.ingest.web.pace import Pace
from csserv.ingest.web.resting import Resting
from csserv.ingest.web.turns import Turns
from csserv.request import Period


@dataclass(frozen=True)
class Asked:
    """What a caller asks for; None or empty keeps what was asked before.

    Attributes
    ----------
    first, last : days; ``last`` counts for this fetch only
    recheck : whether to look at all days anew
    """

    first: date | None = None
    last: date | None = None
    box: Box | None = None
    streams: tuple[str, ...] = ()
    recheck: bool = False


def asked_for(
    first: str | None,
    last: str | None,
    box: Sequence[float] | None,
    streams: Sequence[str],
    recheck: bool = False,
) -> Asked:
    """Read what a caller asks for.

    Parameters
    ----------
    first, last : days, months or years as texts

    Raises
    ------
    InvalidRequestError : no days, or no box
    """
    begin = Period.parse(first).start if first else None
    end = Period.parse(last).end if last else None
    if begin and begin > datetime.now(UTC).date():
        raise InvalidRequestError(f"{first} lies in the future; nobody has data of it")
    if begin and end and end < begin:
        raise InvalidRequestError(f"from {first} to {last} there are no days")
    return Asked(begin, end, Box.of(box) if box else None, tuple(streams), recheck)


class Fetching:
    """A fetch of one product, from its plan to its end.

    Parameters
    ----------
    stop : set to end it
    """

    def __init__(
        self,
        catalog: Catalog,
        product: Product,
        asked: Asked = Asked(),  # frozen
        stop: threading.Event | None = None,
        pace: Pace | None = None,
    ) -> None:
        product.check_fit()
        self.product, self._asked = product, asked
        self.archive = Archive.of(catalog[product.name], product)
        self.wanted = self._find_wanted()
        login, shared = LOGINS[product.login], self.archive.entry.data / HIDDEN
        self._web = Web(
            stop=stop or threading.Event(),
            pace=pace or Pace(),
            headers=headers_of(product.login),
            machines=(product.machine, *login.machines),
            login=login.advice,
            sent_to_login=login.elsewhere,
            turns=Turns(product.pause, shared / f"turns-{product.host}"),
            ban=product.ban * 3600.0,
            resting=Resting(shared / "resting.json"),
        )

    @property
    def lock(self) -> Path:
        """Path of the lock that keeps two fetches of one archive apart."""
        return self.archive.hidden / "lock"

    @property
    def is_begun(self) -> bool:
        """Whether something was fetched before, or tried to."""
        return self._path.exists()

    def plan(self) -> FetchPlan:
        """Ask the provider what it has.

        Raises
        ------
        FetchError : it cannot be asked
        """
        return plan_fetch(
            self.archive, self.wanted, self._web, self._asked.last, self._asked.recheck
        )

    def size(self, plan: FetchPlan) -> int | None:
        """Estimate how much there is to download [bytes], by one of the files; None if unknown."""
        if plan.due and not FAMILIES[self.product.family].has_files:
            return None
        for due in plan.due[:1]:
            one = self._web.size(due.files[0].address)
            return None if one is None else one * len(plan.due)
        return 0

    def run(self, plan: FetchPlan, told: Told = lambda _: None) -> Fetched:
        """Fetch what the plan says, and keep in mind what is wanted."""
        write_wanted(self._path, self.wanted)
        return run_fetch(plan, self._web, told)

    @property
    def _path(self) -> Path:
        return self.archive.hidden / "wanted.json"

    def _find_wanted(self) -> Wanted:
        asked = self._asked
        for stream in asked.streams:
            self.product.check_stream(stream)
        before = read_wanted(self._path)
        # nothing has come of a box that lies elsewhere, or of a provider that was away
        if before and (not asked.box or asked.box == before.box or self.archive.entry.is_here):
            return before.changed(self.product, asked.first, asked.box, asked.streams)
        return first_wanted(self.product, asked.first, asked.box, asked.streams)


def product_named(products: Products, catalog: Catalog, given: str) -> Product:
    """Find a product by any name that the catalog knows it by: its own, an older one, a number.

    Raises
    ------
    UnknownDatasetError : no such product; names the nearest
    """
    name = catalog[given].name if given not in products.rows and given in catalog else given
    return products[name]


def fetched_before(catalog: Catalog, products: Products) -> list[str]:
    """List the products that were fetched into this data folder, by their names."""
    found = []
    for name, product in products.items():
        if name in catalog:
            entry = catalog[name]
            archive = Archive(entry, product)
            if (archive.hidden / "wanted.json").exists():
                found.append(name)
    return found
