"""What the archive of a dataset has already: which steps, in which files, of which stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

from csserv.catalog.entry import CatalogEntry
from csserv.catalog.read.header import Header
from csserv.catalog.read.origins import superseded
from csserv.catalog.read.times.stamps import calendar_of
from csserv.catalog.row_fields import OR
from csserv.errors import SettingsError
from csserv.ingest.products.product_table import Product
from csserv.ingest.stored.ledger import Arrival, Ledger
from csserv.ingest.stored.looks import LastLook, read_look
from csserv.ingest.stored.origin_variables import read_arrivals
from csserv.ingest.stored.step_file import Description

#: hidden folder in a dataset's folder: ledger, what is wanted, downloads
HIDDEN = ".fetch"


@dataclass(frozen=True)
class Archive:
    """The files of a dataset that is fetched."""

    entry: CatalogEntry
    product: Product

    @classmethod
    def of(cls, entry: CatalogEntry, product: Product) -> Archive:
        """Take a dataset's files as an archive that is fetched.

        Raises
        ------
        SettingsError : the row of the catalog is not csserv's own, so that other data would be
            mixed with those of the provider
        """
        if not entry.built_in:
            raise SettingsError(
                f"the catalog describes {entry.name} by a row of your own ({entry.title!r}), so "
                "files of the provider do not belong there; fetch into another data folder "
                "(CSSERV_DATA), or take the row out of the table"
            )
        return cls(entry, product)

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return _folder_of(self.entry)

    @property
    def hidden(self) -> Path:
        """The folder of what only fetching needs."""
        return self.folder / HIDDEN / self.product.name

    @property
    def ledger(self) -> Ledger:
        """Where each step came from."""
        return ledger_of(self.entry)

    @property
    def look_file(self) -> Path:
        """Where the last look at the provider is kept."""
        return self.hidden / "look.json"

    @property
    def last_look(self) -> LastLook:
        """The last look at all that the provider has."""
        return read_look(self.look_file)

    def path(self, span: str) -> Path:
        """Return the path of a file, so that the catalog finds it.

        Parameters
        ----------
        span : what it holds, such as 20240305
        """
        pattern = _pattern_of(self.entry).name
        first, star, rest = pattern.partition("*")
        dot = "." if star and rest and not rest.startswith(".") else ""
        return self.folder / f"{first}{span}{dot}{rest.replace('*', '')}"

    def step_path(self, start: datetime) -> Path:
        """Return the path of the file of one step."""
        short = self.product.step.is_short
        return self.path(f"{start:%Y%m%dT%H%M}" if short else f"{start:%Y%m%d}")

    def folded_paths(self, start: datetime) -> list[Path]:
        """Return the paths of the folded files that a step may be in: of its year, of its month."""
        return [self.path(f"{start:%Y}"), self.path(f"{start:%Y%m}")]

    def files(self) -> Iterator[tuple[Path, Header]]:
        """Yield the readable files, without those that others replace, in the order of time.

        Those of other hands by a calendar with days that there are not hold no step of a provider.
        """
        found = self.entry.headers.look(self.entry.data, self.entry.files, self.entry.granule)
        readable = {path: one for path, one in found.items() if isinstance(one, Header)}
        older = superseded({path: header.origins for path, header in readable.items()})
        kept = (
            (path, header)
            for path, header in readable.items()
            if path not in older and calendar_of({header.calendar, "standard"})
        )
        yield from sorted(kept, key=lambda one: one[1].stamps.moments[0])

    def steps(self) -> dict[datetime, Path]:
        """Return the file of each step that is there."""
        found = dict[datetime, Path]()
        for path, header in self.files():
            found |= dict.fromkeys(starts_of(header), path)
        return found

    def arrivals(self, steps: Mapping[datetime, Path] | None = None) -> dict[datetime, Arrival]:
        """Return where the steps that are there came from; those of other hands are left out.

        A step whose line in the ledger is lacking, as of a fetch that was killed before it wrote
        it, is known by its file.

        Parameters
        ----------
        steps : what :meth:`steps` returns, where that is known already
        """
        there = self.steps() if steps is None else steps
        known = {start: one for start, one in self.ledger.latest().items() if start in there}
        own = (
            path
            for start, path in there.items()
            if start not in known and self._is_own(path, start)
        )
        for path in set(own):
            known = read_arrivals(path) | known
        return {start: one for start, one in known.items() if start in there}

    def _is_own(self, path: Path, start: datetime) -> bool:
        """Whether a file has the name that fetching would give it: of others, none is opened."""
        return path == self.step_path(start) or path in self.folded_paths(start)

    def mend_ledger(self) -> None:
        """Write the lines that the ledger lacks of steps that are there."""
        listed = self.ledger.latest()
        for start, one in sorted(self.arrivals().items()):
            if start not in listed:
                self.ledger.add(one)

    @cached_property
    def description(self) -> Description:
        """What its files say of themselves."""
        entry = self.entry
        return Description(entry.variable, entry.title, entry.source, entry.licence, entry.citation)


def starts_of(header: Header) -> list[datetime]:
    """Return the starts of the steps of a file of an archive."""
    return [datetime(t.year, t.month, t.day, t.hour, t.minute) for t in header.times]


def ledger_of(entry: CatalogEntry) -> Ledger:
    """Return the ledger of a dataset; an empty one if it is not fetched."""
    return Ledger(_folder_of(entry) / HIDDEN / entry.name / "ledger.jsonl")


def _folder_of(entry: CatalogEntry) -> Path:
    return entry.data / _pattern_of(entry).parent


def _pattern_of(entry: CatalogEntry) -> PurePosixPath:
    """Return the pattern that fetched files are called by: of several, the last one."""
    return PurePosixPath(entry.files.rpartition(OR)[2])
