"""How TinyDB stores the log: one lock, atomic writes, and a journal where the file is large."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from csserv.errors import DamagedLogError, TaskLogError
from csserv.outputs.durable import replace_file
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.on_disk.changing import Documents
from csserv.tasks.log.on_disk.held_file import HeldFile, stamp
from csserv.tasks.log.on_disk.journal import Journal, journal_line
from csserv.tasks.log.on_disk.mark import Mark
from csserv.tasks.log.on_disk.sealed import DamageError, Stored, Tables, seal, unseal
from csserv.tasks.log.on_disk.set_aside import move_aside, set_aside
from csserv.tasks.log.on_disk.tables_in_memory import TablesInMemory
from csserv.tasks.log.on_disk.traces import traces

logger = logging.getLogger(__name__)

EMPTY = Stored({}, b"", is_sealed=True)

#: a file up to this size is rewritten at each change, about 16 tasks [bytes]; of 128 kB, that took
#: twice as long as a line of a journal, and all who read it had to read all of it
REWRITE_LIMIT = 16 * 1024

#: how often, while there is no log, it is asked whether there once was one: at each poll of a
#: runner, that would be half of what an idle one does [s]
TRACES_INTERVAL = 1.0


class JournalStorage(Storage):
    """Stores the tables in a JSON file that plain ``TinyDB(path)`` can read.

    Readers take no lock: each sees the last complete state. Writers work inside
    :meth:`transaction`, which holds the lock from reading to writing. A small file is replaced
    as a whole; the changes of a larger one go to a journal beside it, which :meth:`checkpoint`
    merges into the file. When a transaction ends, its changes are on disk.

    What cannot be read is no empty log: reads and writes are refused until it can, and a copy of
    a damaged file is set aside.

    Parameters
    ----------
    check : says of a record what is wrong with it, if anything; asked about those without checksum
    """

    def __init__(self, path: Path, check: Callable[[dict[str, Any]], str] | None = None) -> None:
        self._path = path
        self._check = check or (lambda record: "")
        self._lock = FileLock(path.with_suffix(".lock"))
        self._journal = Journal(path.with_suffix(".journal"))
        self._file = HeldFile(path)
        self._sum = b""  # of the file, as it was read or written
        self._memory = TablesInMemory()
        self._depth = 0
        self._seen: Mark | None = None  # the state in memory, if it is one of the disk
        self._checked = -TRACES_INTERVAL  # when it was last found that nothing is missing
        self._refused: tuple[object, str] | None = None  # damage, and what is said of it
        self.revision = 0  #: rises whenever a change of the tables is noticed
        #: asked while the lock is held, before a change: raises an error if it may not be made
        self.guard: Callable[[], None] | None = None

    def read(self) -> dict[str, Documents] | None:
        """Return the tables as they are on disk, with the changes of an open transaction."""
        with self._lock.threads:
            if not self._depth:
                self._refresh()
            return self._memory.tables or None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Prevent other threads of this process from changing what is read."""
        with self._lock.threads:
            yield

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace all tables; only TinyDB's ``drop_tables`` calls this."""
        with self.transaction():
            self._memory.tables = {name: dict(table) for name, table in data.items()}
            self._commit_whole()

    def change(self, table: str) -> MutableMapping[int, dict[str, Any]]:
        """Return the documents of a table, to change them inside a transaction."""
        return self._memory.documents(table)

    def next_id(self, table: str) -> int:
        """Return an id that no document of a table has; inside a transaction."""
        return self._memory.next_id(table)

    @contextmanager
    def transaction(self, waits: bool = True) -> Iterator[None]:
        """Hold the lock; write once at the end, or not at all if an exception passes.

        Parameters
        ----------
        waits : if false, the changes are there for all processes when this ends, and after a power
            cut they may not be; inside of another transaction, that one decides

        Raises
        ------
        TaskLogError : the disk is full, or cannot be written to; nothing is changed
        """
        with ExitStack() as held:
            with self._told():
                held.enter_context(self._lock)
            if self._depth:
                yield
                return
            if self.guard is not None:
                self.guard()
            self._checked = -TRACES_INTERVAL  # nothing is written over on an older answer
            self._refresh()
            self._depth = 1
            try:
                yield
                self._commit(waits)
            except BaseException:
                if self._memory.is_touched:  # else memory is as it was
                    self._forget()
                raise
            finally:
                self._memory.settle()
                self._depth = 0

    def checkpoint(self) -> None:
        """Merge the journal, if there is one, into the file."""
        with self.transaction():
            if self._journal.size:
                self._commit_whole()

    def checkpoint_if_free(self) -> None:
        """Do the same, unless somebody holds the lock."""
        # a log that is being deleted must not wait: its own thread may be in a transaction of
        # another log of the same file
        if self._lock.is_free():
            self.checkpoint()

    def close(self) -> None:
        """Close all files."""
        self._forget()
        self._lock.close()

    def rebuild(self, tables: Tables) -> None:
        """Replace all tables, whatever is on disk; only `csserv repair` calls this."""
        with self._told(), self._lock:
            for path in (self._path, self._journal.path):
                if os.path.lexists(path) and not path.is_file():
                    move_aside(path.parent, path)
            self._forget()
            self._memory.tables = tables
            self._commit_whole()

    def _commit(self, waits: bool) -> None:
        change = self._memory.touched()
        if not change:
            return
        line = journal_line(change)
        small = self._file.size <= REWRITE_LIMIT
        if small or self._journal.size + len(line) > self._file.size // 4:
            self._commit_whole(line)
            return
        try:
            with self._told():
                self._journal.append(line, waits)
        except DamageError as damage:  # since the lock was taken
            self._write_from_memory(damage)
            return
        if waits:
            self._remember()
        else:  # nobody may rely on it
            self._seen = Mark(self._sum, self._journal.size)
        self.revision += 1

    def _commit_whole(self, line: bytes = b"") -> None:
        """Replace the file, and remove the journal.

        Parameters
        ----------
        line : what has changed. A journal has it, too, before the file does: whoever reads both
            before the journal is removed, or after a power cut undid that, applies it to a file
            that has these changes already, which does nothing; an older line would take them back
        """

        def note() -> None:
            if line and self._journal.size:
                with suppress(DamageError):  # it is removed as it is
                    self._journal.append(line)

        text, total = seal(self._memory.tables)
        with self._told():
            replace_file(self._path, text, when_written=note)
            self._sum = total
            self._journal.remove()
            self._file.hold(self._file.open())
        self._remember()
        self.revision += 1

    def _remember(self) -> None:
        """Mark what was written as acknowledged; requires the lock."""
        self._seen = Mark(self._sum, self._journal.size)
        self._seen.write(self._lock)

    @contextmanager
    def _told(self, act: str = "write") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = error.strerror or error
            raise TaskLogError(f"cannot {act} {error.filename or self._path}: {why}") from error
        except MemoryError as error:
            raise TaskLogError(f"cannot {act} {self._path}: no memory is left") from error

    def _refresh(self) -> None:
        """Read what has changed on disk.

        Raises
        ------
        DamagedLogError : a file is damaged
        TaskLogError : a file cannot be read now
        """
        if self._refused and self._refused[0] == self._stamp():
            raise DamagedLogError(self._refused[1])
        self._refused = None
        try:
            self._follow()
        except (OSError, MemoryError) as error:  # not by `_told`: this is done at each poll
            with self._told("read"):
                raise error
        except DamageError:  # or a line that is being written
            with self._told(), self._lock:
                self._look_again()

    def _look_again(self) -> None:
        """Read while nobody writes, or put a damaged file right from memory; else refuse."""
        seen = self._seen
        try:
            with self._told("read"):
                self._follow(suspects=True)
        except DamageError as damage:
            known = self._caught_up(seen) if seen and seen == self._seen else None
            if known and known.covers(Mark.read(self._lock)):
                self._write_from_memory(damage)
                return
            self._forget()
            self._refuse(damage)

    def _caught_up(self, seen: Mark) -> Mark:
        """Apply what the journal has beyond a state in memory, also what may be undone yet."""
        opened = self._journal.openings
        try:
            changes = self._journal.read_new()
        except (DamageError, OSError):
            return seen
        if self._journal.openings != opened:  # it is of another file
            return seen
        for change in changes:
            self._memory.apply(change)
        return Mark(seen.sum, self._journal.size)

    def _write_from_memory(self, damage: DamageError) -> None:
        """Replace a damaged file: all that was acknowledged is in memory."""
        home = self._path.parent
        if set_aside(home, damage.path, settled=True) is None:
            move_aside(home, damage.path)
        logger.warning("%s; it was written anew from memory", damage)
        self._commit_whole()

    def _refuse(self, damage: DamageError) -> None:
        copy = set_aside(self._path.parent, damage.path)
        kept = f" (a copy is {copy.parent.name}/{copy.name})" if copy else ""
        said = (
            f"the task log is damaged: {damage.path} {damage.reason}{kept}; nothing is read or "
            "written until it is repaired: stop csserv, then run: csserv repair"
        )
        self._refused = self._stamp(), said
        raise DamagedLogError(said)

    def _stamp(self) -> object:
        """Return what changes when a file changes."""
        return stamp(self._path), stamp(self._journal.path), self._lock.noted(64)

    def _follow(self, suspects: bool = False) -> None:
        while True:
            opened = self._journal.openings
            if is_new := self._file.is_changed():
                self._load()
            changes = self._journal.read_new()
            is_new = is_new or self._journal.openings != opened
            if is_new and changes:
                self._seen = None  # what is applied may be older than what is in memory
            for change in changes:
                self._memory.apply(change)
                self.revision += 1
            if self._file.is_changed():  # the journal may be of the new file
                continue
            if suspects or is_new or self._journal.is_torn or self._may_be_gone():
                self._check_acknowledged()
                self._checked = time.monotonic()
            if changes or self._seen is None:
                self._seen = Mark(self._sum, self._journal.size)
            return

    def _may_be_gone(self) -> bool:
        return not self._sum and time.monotonic() - self._checked > TRACES_INTERVAL

    def _check_acknowledged(self) -> None:
        """Check that nothing is missing that was once acknowledged."""
        mark = Mark.read(self._lock)
        if mark and mark.sum == self._sum and mark.journal > self._journal.size:
            raise DamageError(self._journal.path, "has lost lines")
        if not self._sum:
            self._check_traces("empty" if self._file.is_held else "gone")

    def _check_traces(self, state: str) -> None:
        """Check that there never was a log where there is none, or an empty one."""
        is_marked = Mark.read(self._lock) is not None or self._journal.size > 0
        if found := traces(self._path, is_marked):
            raise DamageError(self._path, f"is {state}, though {found}")

    def _load(self) -> None:
        """Read the file; what is in memory stays if that fails."""
        opened = self._file.open()
        try:
            raw = os.pread(opened[0], opened[1].st_size, 0) if opened else b""
            stored = unseal(raw, self._path) if raw else EMPTY
            if not stored.tables:
                stored = EMPTY
                self._check_traces("empty" if opened else "gone")
            if not stored.is_sealed:
                self._check_records(stored.tables)
        except BaseException:
            if opened:
                os.close(opened[0])
            raise
        self._forget()
        self._file.hold(opened)
        self._memory.tables, self._sum = stored.tables, stored.sum
        self.revision += 1

    def _check_records(self, tables: Tables) -> None:
        for record in tables.get("_default", {}).values():
            if wrong := self._check(record):
                raise DamageError(self._path, f"is JSON, but no task log ({wrong})")

    def _forget(self) -> None:
        """Drop the tables in memory, so that they are read again."""
        self._file.hold(None)
        self._memory.forget()
        self._sum, self._seen = b"", None
        self._journal.rewind()
