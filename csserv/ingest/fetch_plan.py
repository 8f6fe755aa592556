"""Plans a fetch: which steps are lacking, changed, or there in a better stream by now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from csserv.errors import InvalidRequestError
from csserv.ingest.families.family_table import FAMILIES
from csserv.ingest.products.moments import DAY, steps_in
from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import RemoteFile
from csserv.ingest.stored.fetched_archive import Archive
from csserv.ingest.stored.ledger import Arrival
from csserv.ingest.stored.looks import years_to_look
from csserv.ingest.stored.wanted import Wanted
from csserv.ingest.web.answers import NotThereError
from csserv.ingest.web.asking import Web
from csserv.request import Period


@dataclass(frozen=True)
class Due:
    """A file that is to be fetched, of one step or of several.

    Attributes
    ----------
    steps : starts of those that are wanted of it
    files : where it may be, the best first
    replaces : how many of the steps are in the archive already
    """

    steps: tuple[datetime, ...]
    files: tuple[RemoteFile, ...]
    replaces: int = 0

    @property
    def start(self) -> datetime:
        """The first step."""
        return self.steps[0]


@dataclass(frozen=True)
class FetchPlan:
    """What a fetch is to do.

    Attributes
    ----------
    due : files to fetch, in order
    kept : how many steps are there and stay
    gaps : starts of steps that the provider does not have, though it has later ones
    is_whole : whether the provider was looked at for all days that are wanted
    """

    archive: Archive
    wanted: Wanted
    period: Period
    due: tuple[Due, ...]
    kept: int
    gaps: tuple[datetime, ...]
    is_whole: bool

    @property
    def steps(self) -> int:
        """How many steps are to come."""
        return sum(len(one.steps) for one in self.due)

    @property
    def replaces(self) -> int:
        """How many steps are there, and are replaced."""
        return sum(one.replaces for one in self.due)


def plan_fetch(
    archive: Archive, wanted: Wanted, web: Web, last: date | None = None, recheck: bool = False
) -> FetchPlan:
    """Ask the provider what it has, and compare it with the archive.

    Parameters
    ----------
    last : last day; today if not given
    recheck : whether to look at all days; else, once all were, at years that lack steps, at the
        newest days, and at all of them after a while

    Raises
    ------
    InvalidRequestError : the days are not those of the product
    FetchError : the provider cannot be asked
    """
    product = archive.product
    end = min(last or date.max, product.until or date.max, datetime.now(UTC).date())
    if end < wanted.first:
        ended = f"to {product.until}" if product.until else "on"
        raise InvalidRequestError(
            f"{product.name} has the days from {product.since} {ended}, and none of them is asked "
            f"for; {wanted.first} to {end} are none"
        )
    there = archive.steps()
    known = archive.arrivals(there)
    whole, before = Period(wanted.first, end), archive.last_look
    is_whole = recheck or before.is_due(datetime.now(UTC).date(), wanted.first)
    parts = [whole] if is_whole else years_to_look(whole, _lacking(product, wanted, whole, known))
    family = FAMILIES[product.family]
    due, gaps = [], [one for one in before.gaps if one not in there]
    for part in parts:
        try:
            listed = family.list_files(web, product, part)
        except NotThereError:
            if is_whole:
                raise
            listed = []
        offered = _by_span([one for one in listed if one.stream in wanted.streams], product)
        look = _Comparison(product, part, there, known)
        due += [one for files in offered if (one := look.due(files))]
        gaps = [one for one in gaps if not part.start <= one.date() <= part.end]
        gaps += _gaps(look, offered) if family.tells_gaps else ()
    coming = {start for one in due for start in one.steps}
    kept = sum(1 for one in there if one not in coming)
    return FetchPlan(archive, wanted, whole, tuple(due), kept, tuple(sorted(gaps)), is_whole)


def _lacking(
    product: Product, wanted: Wanted, period: Period, known: Mapping[datetime, Arrival]
) -> Iterator[datetime]:
    """Yield the steps that are not there, or not in the best stream that is taken."""
    best = product.rank(wanted.streams[0])
    for start in steps_in(product, period):
        if not ((one := known.get(start)) and product.rank(one.stream) <= best):
            yield start


def _by_span(listed: Sequence[RemoteFile], product: Product) -> list[list[RemoteFile]]:
    """Group files by the time that they hold, the best stream first; groups in order of time."""
    found = defaultdict[tuple[datetime, datetime], list[RemoteFile]](list)
    for one in sorted(listed, key=lambda one: product.rank(one.stream)):
        found[one.start, one.end].append(one)
    return [found[span] for span in sorted(found)]


@dataclass(frozen=True)
class _Comparison:
    """Compares what is offered with what is there."""

    product: Product
    period: Period
    there: Container[datetime]
    known: Mapping[datetime, Arrival]

    def due(self, files: list[RemoteFile]) -> Due | None:
        """Return what is to be fetched of the files of one span; None for nothing."""
        wanted = dict[datetime, list[RemoteFile]]()
        for start in self.steps_of(files[0]):
            if better := self._better(files, start):
                wanted[start] = better
        if not wanted:
            return None
        worth = [one for one in files if any(one in better for better in wanted.values())]
        replaced = sum(1 for start in wanted if start in self.there)
        return Due(tuple(wanted), tuple(worth), replaced)

    def steps_of(self, file: RemoteFile) -> list[datetime]:
        """List the steps that a file may hold, as far as they are asked for."""
        if file.end == self.product.step.end(file.start):
            return [file.start]
        within = Period(
            max(file.start.date(), self.period.start),
            min(file.end.date() - DAY, self.period.end),
        )
        return list(steps_in(self.product, within))

    def _better(self, files: list[RemoteFile], start: datetime) -> list[RemoteFile]:
        """Return those files of a step that are better than what is there."""
        known = self.known.get(start)
        if known is None:
            # what is there is of other hands, and stays
            return [] if start in self.there else [f for f in files if not self._is_seen(f)]
        own = self.product.rank(known.stream)
        return [
            one
            for one in files
            if self.product.rank(one.stream) < own
            or (self.product.rank(one.stream) == own and _is_another(one, known))
        ]

    def _is_seen(self, file: RemoteFile) -> bool:
        """Whether a file of many steps came as it is now, so that what it lacks is not in it."""
        if file.end == self.product.step.end(file.start) or not file.stamp:
            return False
        return any(
            one.address == file.address and one.stamp == file.stamp for one in self.known.values()
        )


def _is_another(file: RemoteFile, known: Arrival) -> bool:
    """Whether the listing says that a file has changed since it came."""
    return bool(file.stamp and known.stamp and file.stamp != known.stamp)


def _gaps(look: _Comparison, offered: list[list[RemoteFile]]) -> tuple[datetime, ...]:
    """Find the steps that are lacking before the last one that is offered."""
    held = {start for files in offered for start in look.steps_of(files[0])}
    if not held:
        return ()
    every = steps_in(look.product, look.period)
    return tuple(one for one in every if min(held) <= one <= max(held) and one not in held)
