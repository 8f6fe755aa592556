"""The tables of a catalog: read together, and again when one of them changes."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock

from csserv.catalog.row_fields import Row
from csserv.catalog.signature import Signature
from csserv.catalog.toml_table import read_table
from csserv.errors import SettingsError, SilentFileError
from csserv.machine.patience import SOON, Patience, Touch

logger = logging.getLogger(__name__)

#: how often files are looked at [s]
GLANCE = 0.5

#: a table that does not answer is not looked at for so long [s]
REST = 10.0

#: a file that was changed so lately may be half written [s]
WRITING = 0.1


class Tables:
    """Tables of datasets, whose files may change while they are in use.

    Parameters
    ----------
    always, perhaps : files that must be there, and those that need not be, in this order; later
        rows win
    patience : how long to wait for a file
    """

    def __init__(
        self, always: Path, perhaps: Path, own: Path | None, patience: Patience | None = None
    ) -> None:
        self._patience = patience or Patience()
        self._files: Sequence[Path] = [always, perhaps, *([own] if own else [])]
        self._perhaps = perhaps
        self._lock = Lock()
        self._seen: list[Signature | None] = []
        self._looked = 0.0
        #: names of the rows that are of the first file
        self.built_in: set[str] = set()

    def read(self) -> dict[str, Row]:
        """Read all rows, by the names of the datasets.

        Who takes the number of another dataset takes it away from that one.

        Raises
        ------
        SettingsError : a file is missing, is no TOML, or a row has a wrong or missing name
        SilentFileError : a file does not answer
        """
        self._looked, self._seen = time.monotonic(), self._look()
        rows: dict[str, Row] = {}
        own_names: set[str] = set()
        numbered: dict[int, str] = {}
        for path in self._files:
            fresh = self._patience.call(self, partial(self._rows_of, path), most=SOON)
            rows |= fresh
            own_names |= set() if path == self._files[0] else set(fresh)
            numbered |= {row["number"]: name for name, row in fresh.items() if "number" in row}
        for name, row in rows.items():
            if numbered.get(row.get("number", -1), name) != name:
                del row["number"]
        self.built_in = rows.keys() - own_names
        return rows

    def _rows_of(self, path: Path, touch: Touch) -> dict[str, Row]:
        touch(path)
        return {} if path == self._perhaps and not path.exists() else read_table(path)

    def news(self, at_once: bool = False) -> dict[str, Row] | None:
        """Read all rows again if a file has changed; None where none has, or where one is wrong.

        Parameters
        ----------
        at_once : look now, though somebody has just done so
        """
        if not at_once and time.monotonic() - self._looked < GLANCE:
            return None
        if not self._lock.acquire(timeout=SOON if at_once else 0):
            return None  # another looks, at a disk that may be slow
        try:
            self._looked = time.monotonic()
            try:
                found = self._look()
                if found == self._seen or (not at_once and _is_being_written(found)):
                    return None
                return self.read()
            except SilentFileError as error:
                self._looked += REST
                logger.warning("%s; the datasets stay as they were", error)
                return None
            except SettingsError as error:
                self._seen = found
                logger.warning("%s; the datasets stay as they were", error)
                return None
        finally:
            self._lock.release()

    def _look(self) -> list[Signature | None]:
        return self._patience.call(self, self._signed, most=SOON)

    def _signed(self, touch: Touch) -> list[Signature | None]:
        found: list[Signature | None] = []
        for path in self._files:
            touch(path)
            signed = None
            with suppress(OSError):
                signed = Signature.of(path.stat())
            found.append(signed)
        return found


def _is_being_written(found: Sequence[Signature | None]) -> bool:
    now = time.time()
    return any(one is not None and abs(now - one.mtime_ns / 1e9) < WRITING for one in found)
