"""Folds the files of steps into one a year or month, once these are full.

New steps are files of their own, so that a day more does not rewrite a year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.rewrite.recipe import Recipe
from csserv.catalog.rewrite.rewrite import rewrite
from csserv.catalog.rewrite.scratch import ChunkShape
from csserv.ingest.products.moments import steps_in
from csserv.ingest.stored.damaged_files import move_damaged
from csserv.ingest.stored.fetched_archive import Archive, starts_of
from csserv.ingest.stored.ledger import Arrival
from csserv.ingest.stored.splitting import split_steps
from csserv.machine.written_whole import sync
from csserv.outputs.durable import sweep_drafts
from csserv.request import Period

#: a step that the provider lacks so long after its month is not waited for
GIVEN_UP = timedelta(days=60)

#: products with fewer steps a month are folded by the year only
MANY = 10

#: most uncompressed bytes of a folded year; of larger ones the months stay
LARGEST = 4 * 2**30

#: told what happens now; may raise to end it
Say = Callable[[str], object]
OnPart = Callable[[], object]


class Folding:
    """The folding of one archive.

    Parameters
    ----------
    best : name of the best stream that is taken, which counts as final
    gaps : steps that the provider does not have
    """

    def __init__(self, archive: Archive, best: str, gaps: Iterable[datetime]) -> None:
        self._archive, self._best, self._gaps = archive, best, set(gaps)
        self._remove_left()
        move_damaged(archive)

    def place(self, start: datetime) -> Path:
        """Return where the file of a step is to be written: hidden, if a folded one takes it."""
        own = self._archive.step_path(start)
        return self._pending / own.name if self._holder(start) else own

    def run(self, say: Say) -> None:
        """Put hidden steps into their folded files, then fold all months and years that are full.

        Parameters
        ----------
        say : called with what happens

        Raises
        ------
        GranuleError : files cannot be merged
        """
        for holder, starts in self._waiting().items():
            doing = partial(say, f"putting {len(starts)} steps into {holder.name}")
            doing()
            self._renew(holder, starts, doing)
        for span, files in self._full().items():
            self._fold(span, files, say)

    def _fold(self, span: str, files: list[tuple[Path, Header]], say: Say) -> None:
        doing = partial(say, f"folding {span}")
        doing()
        target, paths = self._archive.path(span), [path for path, _ in files]
        self._merge(target, paths, doing)
        _remove([path for path in paths if path != target])

    @property
    def _pending(self) -> Path:
        """The folder of steps that wait to be put into a folded file."""
        return self._archive.hidden / "steps"

    @property
    def _apart(self) -> Path:
        """The folder of steps that a folded file is taken apart into."""
        return self._archive.hidden / "apart"

    def _holder(self, start: datetime) -> Path | None:
        """Return the folded file that a step belongs into, if there is one."""
        paths = self._archive.folded_paths(start)
        return next((path for path in paths if path.exists()), None)

    def _waiting(self) -> dict[Path, list[datetime]]:
        found = defaultdict[Path, list[datetime]](list)
        for path in sorted(self._pending.glob("[!.]*")):
            for start in starts_of(self._archive.entry.granule(path).header()):
                holder = self._holder(start) or self._archive.step_path(start)
                found[holder].append(start)
        return found

    def _renew(self, holder: Path, starts: list[datetime], on_part: OnPart) -> None:
        """Make a folded file anew, with some of its steps replaced or added."""
        new = {start: self._pending / self._archive.step_path(start).name for start in starts}
        if holder.exists():
            old = split_steps(self._archive, holder, self._apart, leave=new.keys())
            every = dict(sorted((old | new).items()))
            self._merge(holder, list(every.values()), on_part)
            _remove(old.values())
        _remove(new.values())

    def _full(self) -> dict[str, list[tuple[Path, Header]]]:
        """Find the years and months that are full and not folded: span → files."""
        files = list(self._archive.files())
        known = self._archive.arrivals()
        own = [
            (path, header)
            for path, header in files
            if all(self._is_settled(known.get(start)) for start in starts_of(header))
        ]
        found = dict[str, list[tuple[Path, Header]]]()
        for year in sorted({header.first[0] for _, header in own}):
            of_year = [one for one in own if one[1].first[0] == year]
            if self._is_full(_year(year), of_year) and _raw(of_year) <= LARGEST:
                found[f"{year}"] = of_year
                continue
            for month in range(1, 13) if self._has_many else ():
                of_month = [one for one in of_year if one[1].first[1] == month]
                if self._is_full(_month(year, month), of_month):
                    found[f"{year}{month:02}"] = of_month
        return {span: one for span, one in found.items() if len(one) > 1}

    def _is_settled(self, known: Arrival | None) -> bool:
        """Whether a step is of the best stream that is taken, or of a better one."""
        rank = self._archive.product.rank
        return known is not None and rank(known.stream) <= rank(self._best)

    def _is_full(self, period: Period, files: list[tuple[Path, Header]]) -> bool:
        """Whether a period is over, and all its steps are there that will ever be."""
        if not files or period.end >= self._today:
            return False
        due = set(steps_in(self._archive.product, period))
        lacking = due - {start for _, header in files for start in starts_of(header)}
        given_up = self._today - period.end > GIVEN_UP
        if not due:  # only the provider knows when its steps begin
            return given_up
        return not lacking or (given_up and lacking <= self._gaps)

    def _merge(self, target: Path, paths: list[Path], on_part: OnPart) -> None:
        entry = self._archive.entry
        granules = [Granule(path, entry.variable, entry.corrections) for path in paths]
        headers = [one.header() for one in granules]
        layout = headers[0].layout
        steps = sum(len(one.times) for one in headers)
        chunk = ChunkShape.of(steps, layout.rows, layout.columns)

        def tell(_: float) -> None:
            """Hear of a part that is done."""
            on_part()

        rewrite(granules, target, chunk, Recipe(), tell)
        sync(target.parent)

    def _remove_left(self) -> None:
        """Remove what a fetch that was killed has left: replaced files and drafts."""
        _remove(self._archive.entry.superseded())
        folder = self._archive.folder
        sweep_drafts(folder)
        for hidden in (self._archive.hidden, self._pending):
            _remove(hidden.glob(".*.draft"))
        _remove(self._apart.glob("*"))
        _remove(self._apart.glob(".*"))

    @cached_property
    def _today(self) -> date:
        return datetime.now(UTC).date()

    @property
    def _has_many(self) -> bool:
        step = self._archive.product.step
        return not step.parts and step.length * MANY <= timedelta(days=30)


def _raw(files: list[tuple[Path, Header]]) -> int:
    """Return the size of files without compression [bytes]."""
    return sum(
        len(header.times)
        * header.layout.rows
        * header.layout.columns
        * header.layout.packing.native.itemsize
        for _, header in files
    )


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))


def _month(year: int, month: int) -> Period:
    return Period.parse(f"{year}-{month:02}")


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
