"""The folder of layers of one's own: they are added and removed whole, while others read them."""

from __future__ import annotations

import fcntl
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from csserv.catalog.layers import FeatureLayer, Layers
from csserv.catalog.layers.layer_facts import NO_FACTS, LayerFacts, check_day
from csserv.catalog.own_layers.layer_file import read_facts, write_layer
from csserv.catalog.own_layers.own_layer import OwnLayer
from csserv.catalog.signature import Signature
from csserv.errors import (
    GranuleError,
    InvalidAreaError,
    InvalidRequestError,
    LayerConflictError,
    SettingsError,
    SilentFileError,
    UnknownLayerError,
)
from csserv.machine.patience import SOON, Patience, Touch
from csserv.request import Area
from csserv.request.plain_text import one_line

logger = logging.getLogger(__name__)

#: name of the folder in the data folder, and ending of its files
FOLDER, ENDING = "layers", ".layer"

#: how often the folder is looked at [s]
GLANCE = 0.5

#: a folder that does not answer is not looked at for so long [s]
REST = 10.0

NAME = re.compile(r"[a-z][a-z0-9_-]{1,39}")

#: commands of ``csserv layers``
COMMANDS = ("add", "remove", "show")


def open_layers(own: LayerFolder) -> Layers:
    """Return the bundled layers and those of a folder, whose later changes are seen."""
    return Layers(Layers.bundled().values(), own)


class LayerFolder:
    """Layers of one's own, by name.

    Parameters
    ----------
    data : the data folder; the layers are in ``layers`` there
    patience : how long to wait for a file
    """

    def __init__(self, data: Path, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._folder = data / FOLDER
        self._lock = Lock()
        self._looked = -GLANCE
        self._looks = 0
        self._seen: dict[str, Signature] = {}
        self._known: dict[str, FeatureLayer] = {}
        #: name → why its file cannot be read, as it was last looked at
        self.broken: dict[str, str] = {}

    def __call__(self, at_once: bool = False) -> Mapping[str, FeatureLayer]:
        """Return all layers, by name; those whose files have changed are opened anew.

        Parameters
        ----------
        at_once : look now, though somebody has just done so
        """
        if at_once or time.monotonic() - self._looked >= GLANCE:
            self._look_now(SOON if at_once or not self._looks else 0)
        return self._known

    def _look_now(self, wait: float) -> None:
        """Look, unless another does so, at a disk that may be slow."""
        if not self._lock.acquire(timeout=wait):
            return
        try:
            self._looked = time.monotonic()
            self._looks += 1
            self._patience.call(self, self._look, most=SOON)
        except SilentFileError as error:
            self._looked += REST
            logger.warning("%s; the layers stay as they were", error)
        finally:
            self._lock.release()

    def add(
        self,
        name: str,
        area: Area,
        facts: LayerFacts = NO_FACTS,
        title: str = "",
        replace: bool = False,
    ) -> OwnLayer:
        """Add a layer of the zones of an area; when this returns, it is on disk.

        Parameters
        ----------
        name : small letters, digits, _ and -
        facts : ``as_of`` is a day, a month or a year
        replace : take the place of a layer of this name

        Raises
        ------
        InvalidRequestError : a name that cannot be, or one that is taken
        SettingsError : the folder cannot be written
        """
        check_name(name)
        check_day(facts.as_of)
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        plain: dict[str, Any] = {"title": one_line(title) or name, "added": today}
        plain |= asdict(facts) | {"remarks": list(map(str, area.notes))}
        plain["told"] = [note.text for note in area.notes if note.code == "layers"]
        with self._writing():
            if self._path(name).exists() and not replace:
                raise LayerConflictError(
                    f"there is a layer {name}; replace it (--replace; over HTTP, replace=true), or "
                    "remove it first"
                )
            draft = self._path(name).with_suffix(f".{os.getpid()}.draft")
            try:
                write_layer(draft, plain, area.zones)
                draft.replace(self._path(name))
            finally:
                draft.unlink(missing_ok=True)
        self(at_once=True)
        return _opened(self._path(name))

    def remove(self, name: str) -> None:
        """Remove a layer; results that were made of its zones keep these.

        Raises
        ------
        UnknownLayerError : there is none of that name here
        LayerConflictError : it comes with csserv
        """
        if name in Layers.bundled():
            raise LayerConflictError(f"{name} comes with csserv, and stays")
        if not NAME.fullmatch(name) or not self._path(name).exists():
            raise UnknownLayerError(name, self(at_once=True) or ("(none is added)",))
        with self._writing(), suppress(FileNotFoundError):
            self._path(name).unlink()
        self(at_once=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Wait until nobody else changes the folder, and remove what a process that died left."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                for draft in self._folder.glob("*.draft"):
                    draft.unlink()
                yield
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise SettingsError(
                f"cannot write the layers in {self._folder}: {error.strerror}"
            ) from None

    def _look(self, touch: Touch) -> None:
        touch(self._folder)
        found: dict[str, Signature] = {}
        with suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            for entry in entries:
                name = entry.name.removesuffix(ENDING)
                if name != entry.name and NAME.fullmatch(name):
                    with suppress(FileNotFoundError):
                        found[name] = Signature.of(entry.stat())
        if found == self._seen:
            return
        same = {one for one in found if found[one] == self._seen.get(one)}
        known = {name: self._known[name] for name in same & set(self._known)}
        broken = {name: why for name, why in self.broken.items() if name in same}
        for name in found.keys() - same:
            touch(self._path(name))
            try:
                known[name] = _opened(self._path(name))
            except FileNotFoundError:  # removed just now
                continue
            except GranuleError as error:
                logger.warning("%s; it is left out", error)
                broken[name] = str(error)
        self.broken = broken
        self._seen, self._known = found, dict(sorted(known.items()))

    def _path(self, name: str) -> Path:
        return (self._folder / f"{name}{ENDING}").absolute()


def _opened(path: Path) -> OwnLayer:
    signature, plain = Signature.of(path.stat()), read_facts(path)
    facts = LayerFacts(*(str(plain.get(name, "")) for name in ("source", "licence", "as_of")))
    title, count = str(plain.get("title", path.stem)), int(plain.get("features", 0))
    remarks, told = (tuple(map(str, plain.get(name, ()))) for name in ("remarks", "told"))
    return OwnLayer(path.stem, title, path, count, remarks, told, signature, facts=facts)


def check_name(name: str) -> None:
    """Check the name of a new layer.

    Raises
    ------
    InvalidRequestError : it has letters that it may not have
    LayerConflictError : it is the name of something else
    """
    if not NAME.fullmatch(name):
        raise InvalidRequestError(
            f"{name[:60]!r} is no name of a layer; write 2 to 40 small letters, digits, _ and -, "
            "such as kenya_counties"
        )
    bundled = Layers.bundled()
    if name in bundled or name in COMMANDS:
        raise LayerConflictError(f"{name} is taken; choose another name, such as {name}_2")
    with suppress(InvalidAreaError):
        place = bundled.find(name)
        raise LayerConflictError(
            f"{name} is the name of {place.title}, which would be found no more; choose another "
            f"name, such as {name}_districts"
        )
