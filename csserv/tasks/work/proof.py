"""The first call that a worker gets for a dataset: it shows that it can do what others can."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from math import prod
from pathlib import Path

import numpy as np

from csserv.catalog.read.chunk_layout import Place
from csserv.catalog.read.source import Source
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, StaleGranuleError, UnfitWorkerError
from csserv.outputs.own_code import OWN_CODE
from csserv.outputs.provenance import versions
from csserv.tasks.work.reporting import note_file

#: a larger chunk is not unpacked to see whether a file can be read [bytes]
LARGE = 8 * 2**20

#: packages that carry calls to workers
CARRYING = ("dask", "distributed", "msgpack")


@cache  # to read it of three packages takes 3 ms, and each plan of an attempt has it
def compared_versions() -> Mapping[str, str]:
    """Return name → version of what must be the same in the runner and its workers."""
    return versions() | {name: version(name) for name in CARRYING}


@dataclass(frozen=True)
class Proof:
    """What the runner knows, and a worker must find the same.

    Attributes
    ----------
    source : steps of one file of the dataset; None where nothing is read
    work : folder that the worker must be able to write to
    """

    source: Source | None
    work: Path
    code: str = OWN_CODE
    versions: Mapping[str, str] = field(default_factory=compared_versions)


def prove(proof: Proof) -> None:
    """Compare code and versions with the runner's, write to the work folder, read a real value.

    Raises
    ------
    UnfitWorkerError : code or versions differ, or the work folder cannot be used
    StaleGranuleError : the file is not there, or another one is
    GranuleError : the file cannot be read
    """
    if proof.code != OWN_CODE:
        raise UnfitWorkerError("runs other code of csserv than the runner")
    own = compared_versions()
    if differ := [
        f"{name} {own.get(name, 'none')} (the runner {wanted})"
        for name, wanted in proof.versions.items()
        if own.get(name) != wanted
    ]:
        raise UnfitWorkerError(f"has {', '.join(differ)}")
    _check_work(proof.work)
    if proof.source:
        read_value(proof.source)


def read_value(source: Source) -> None:
    """Read a chunk of the first step of a source, or the first bytes of the file if it is large."""
    layout = source.layout
    note_file(source.path.name)
    with source.open() as reader:
        if prod(layout.chunk) * np.dtype(layout.packing.dtype).itemsize <= LARGE:
            reader.read(_first_chunk(source))
            return
    with source.path.open("rb") as file:
        file.read(4096)


def check_unchanged(source: Source) -> None:
    """Check, without a library, that a file is there as it was planned, and that it opens.

    Raises
    ------
    StaleGranuleError : it is gone, or has changed
    GranuleError : it cannot be read
    """
    name = source.path.name
    try:
        with source.path.open("rb") as file:
            file.read(1)
            found = Signature.of(os.fstat(file.fileno()))
    except FileNotFoundError:
        raise StaleGranuleError(f"{name} is gone") from None
    except OSError as error:
        raise GranuleError(f"cannot read {name}: {error.strerror}") from None
    if found.content != source.signature.content:
        raise StaleGranuleError(f"{name} has changed since the request was planned")


def _first_chunk(source: Source) -> Place:
    """Return the number of a chunk, along time, rows and columns, that the source knows of."""
    if source.index is None:
        return source.steps.start // source.layout.chunk[0], 0, 0
    origin = source.index.origin
    time, row, column = (origin[p] if p >= 0 else 0 for p in source.layout.order)
    return time, row, column


def _check_work(work: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=work):
            return
    except FileNotFoundError:
        raise UnfitWorkerError(f"does not see the folder {work.parent}") from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):  # no fault of this worker
            return
        why = error.strerror or str(error)
        raise UnfitWorkerError(f"cannot write to the folder {work.parent}: {why}") from None
