"""Fetches what a plan says: downloads several files at once, and puts step by step in place."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from csserv.errors import DiskFullError, FetchCancelledError, FetchError
from csserv.ingest.families.family_table import FAMILIES
from csserv.ingest.fetch_plan import Due, FetchPlan
from csserv.ingest.products.remote_file import RemoteFile
from csserv.ingest.stored.archive_grid import ArchiveGrid
from csserv.ingest.stored.field import DATED, Field, read_field
from csserv.ingest.stored.folding import Folding
from csserv.ingest.stored.ledger import Arrival
from csserv.ingest.stored.looks import LastLook, write_look
from csserv.ingest.stored.step_file import write_step
from csserv.ingest.web.answers import ComeBackError, NotThereError
from csserv.ingest.web.asking import LISTEN, Web
from csserv.ingest.web.download import Downloaded, download
from csserv.ingest.web.hands import Hands
from csserv.ingest.web.unpacking import unpacked

#: so many steps in a row fail before the provider is left alone
FAILURES = 5


@dataclass(frozen=True)
class Failure:
    """A step that could not be fetched, and why."""

    start: datetime
    why: str


@dataclass
class Fetched:
    """What a fetch has done so far.

    Attributes
    ----------
    size : bytes that came
    absent : steps of which no file was there (yet)
    skipped : files that were not asked for any more, as too many before them had failed
    """

    steps: int = 0
    replaced: int = 0
    size: int = 0
    absent: list[datetime] = made_by(default_factory=list)
    failures: list[Failure] = made_by(default_factory=list)
    skipped: int = 0


@dataclass(frozen=True)
class Progress:
    """How far a fetch is: files done of all, bytes so far, and what happens now."""

    done: int
    every: int
    size: int
    doing: str


Told = Callable[[Progress], object]

T = TypeVar("T")


def run_fetch(plan: FetchPlan, web: Web, told: Told = lambda _: None) -> Fetched:
    """Fetch all steps of a plan.

    When it is stopped, or killed, start it again: what has come is kept. A step that fails does not
    keep the others.

    Raises
    ------
    FetchCancelledError : it was stopped
    DiskFullError : no room
    EmptySelectionError : the box lies outside the data
    """
    run = _Run(plan, web, told)
    try:
        run.all()
    except OSError as error:
        where = plan.archive.folder
        raise DiskFullError(f"cannot write into {where}: {error.strerror or error}") from None
    finally:
        run.close()
    return run.done


class _Run:
    """A fetch while it goes on."""

    def __init__(self, plan: FetchPlan, web: Web, told: Told) -> None:
        self._plan, self._web, self._told = plan, web, told
        self._archive, self._product = plan.archive, plan.archive.product
        self._family = FAMILIES[self._product.family]
        self._folding = Folding(plan.archive, plan.wanted.streams[0], plan.gaps)
        self._hands = Hands[tuple[RemoteFile, Downloaded]](self._product.parallel)
        self._grid = ArchiveGrid(plan.archive)
        self._in_row, self._files, self._is_done = 0, 0, False
        self.done = Fetched()

    def all(self) -> None:
        """Fetch year after year, and fold each."""
        self._archive.mend_ledger()
        self._remove_undue()
        self._fold()
        year: int | None = None
        for due, arriving in self._arriving():
            if year not in (None, due.start.year):
                self._fold()
            year = due.start.year
            if not self._take(due, arriving):
                break
        self.done.skipped = len(self._plan.due) - self._files
        self._fold()
        self._is_done = self._in_row < FAILURES
        if self._plan.is_whole and not (self.done.failures or self.done.skipped):
            self._keep_look()

    def _keep_look(self) -> None:
        """Keep in mind that all was looked at, so that the next look can be a short one."""
        plan = self._plan
        look = LastLook(datetime.now(UTC).date(), plan.wanted.first, plan.gaps)
        write_look(self._archive.look_file, look)

    def close(self) -> None:
        """Wait a little for the downloads that still run: each ends as soon as it hears of it."""
        if not self._is_done:
            self._web.end()
        self._hands.close(timeout=None if self._is_done else self._family.leave)

    def _remove_undue(self) -> None:
        """Remove downloads of an earlier fetch that nobody goes on with."""
        wanted = {self._target(due, file).name for due in self._plan.due for file in due.files}
        for path in self._downloads.glob("*"):
            if path.name.removesuffix(".json").removesuffix(".part") not in wanted:
                path.unlink(missing_ok=True)

    def _arriving(self) -> Iterator[tuple[Due, Future[tuple[RemoteFile, Downloaded]]]]:
        """Start downloads a little ahead of what is taken, so that few lie about."""
        ahead = deque[tuple[Due, Future[tuple[RemoteFile, Downloaded]]]]()
        for due in self._plan.due:
            ahead.append((due, self._hands.do(partial(self._download, due))))
            if len(ahead) > 2 * self._product.parallel:
                yield ahead.popleft()
        while ahead:
            yield ahead.popleft()

    def _download(self, due: Due) -> tuple[RemoteFile, Downloaded]:
        """Download the best file of a step that is there."""
        absent: NotThereError | None = None
        for file in due.files:
            try:
                address = self._family.prepare(
                    self._web, self._product, file, due.steps, self._plan.wanted.box
                )
                return file, download(self._web, address, self._target(due, file))
            except NotThereError as error:
                absent = error
        raise absent or NotThereError("no file")

    def _target(self, due: Due, file: RemoteFile) -> Path:
        """Name a download by its step, so that its time can be told from its name."""
        ending = "".join(PurePosixPath(file.name).suffixes[-2:])
        known = [one for one in (".tif.gz", ".nc.gz") if ending.lower().endswith(one)]
        ending = known[0] if known else PurePosixPath(file.name).suffix
        return self._downloads / f"{due.start:{DATED}}.{file.stream}{ending}"

    @property
    def _downloads(self) -> Path:
        return self._archive.hidden / "downloads"

    def _take(self, due: Due, arriving: Future[tuple[RemoteFile, Downloaded]]) -> bool:
        """Put what has come in place; returns whether to go on."""
        self._say(f"{due.start:%Y-%m-%d}")
        try:
            file, came = self._wait(arriving)
            self._store(due, file, came)
        except NotThereError:
            self.done.absent += due.steps
        except (FetchCancelledError, DiskFullError):
            raise
        except FetchError as error:
            self.done.failures.append(Failure(due.start, str(error)))
            self._in_row += FAILURES if isinstance(error, ComeBackError) else 1
        else:
            self._in_row = 0
            self.done.replaced += due.replaces
            self.done.size += came.size
        self._files += 1
        self._say(f"{due.start:%Y-%m-%d}")
        return self._in_row < FAILURES

    def _wait(self, arriving: Future[T]) -> T:
        """Wait for a download; a stop is heard meanwhile."""
        while True:
            try:
                return arriving.result(timeout=LISTEN)
            except TimeoutError:
                self._web.check_stop()

    def _store(self, due: Due, file: RemoteFile, came: Downloaded) -> None:
        """Put the steps of a file into the archive."""
        plain = came.path
        try:
            plain = unpacked(came.path, self._product.form, file.name)
            for start in due.steps:
                try:
                    field = read_field(plain, self._product, start, self._plan.wanted.box)
                    self._grid.check(field)
                except NotThereError:
                    if len(due.steps) == 1:
                        raise FetchError("it does not hold the time that it is called by") from None
                    self.done.absent.append(start)
                else:
                    self._keep(start, field, file, came)
        except FetchError as error:
            raise FetchError(f"{came.address}: {error}") from None
        finally:
            for one in {came.path, plain}:
                one.unlink(missing_ok=True)

    def _keep(self, start: datetime, field: Field, file: RemoteFile, came: Downloaded) -> None:
        """Keep a step: its numbers first, then its line in the ledger."""
        arrival = Arrival(
            start=start,
            stream=file.stream,
            address=came.address,
            stamp=file.stamp,
            etag=came.etag,
            modified=came.modified,
            size=came.size,
            sha256=came.sha256,
            retrieved=datetime.now(UTC),
        )
        place, said = self._folding.place(start), self._archive.description
        write_step(place, field, self._product.step, arrival, said)
        self._archive.ledger.add(arrival)
        self.done.steps += 1

    def _fold(self) -> None:
        self._folding.run(self._say)

    def _say(self, doing: str) -> None:
        self._web.check_stop()
        self._told(Progress(self._files, len(self._plan.due), self.done.size, doing))
