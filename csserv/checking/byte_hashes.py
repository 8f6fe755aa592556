"""The bytes of the files that a result was computed from, kept as hashes beside its JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from csserv.outputs import Result
from csserv.outputs.durable import replace_file

#: called after each file: how many are read, and how many there are
OnFile = Callable[[int, int], None]


def compare_bytes(
    result: Result, files: Iterable[Path], folder: Path, on_file: OnFile = lambda done, total: None
) -> Iterator[str]:
    """Read files as a whole; say which hold other bytes than when this was asked first.

    The first time, their SHA-256 are written beside the JSON, to ``<id>.sha256``, in the form of
    ``sha256sum``, which can check them too, from the folder of the data.

    Parameters
    ----------
    folder : of the data; files are named from there

    Yields
    ------
    text : a file that differs, has gone or come; or where the hashes are kept from now on
    """
    every = list(dict.fromkeys(files))
    now = {}
    for number, path in enumerate(every, 1):
        now[path.relative_to(folder).as_posix()] = _file_hash(path)
        on_file(number, len(every))
    kept = result.path.with_suffix(".sha256")
    if not kept.exists():
        lines = "".join(f"{digest}  {name}\n" for name, digest in now.items())
        replace_file(kept, lines.encode())
        yield f"the SHA-256 of {len(now):,} files are kept in {kept} from now on"
        return
    then = dict(_read(kept))
    for name in dict.fromkeys([*then, *now]):
        if name not in now:
            yield f"{name} is gone"
        elif name not in then:
            yield f"{name} is new"
        elif then[name] != now[name]:
            yield f"{name} holds other bytes"


def _file_hash(path: Path) -> str:
    """Return the SHA-256 of all bytes of a file, as ``sha256sum`` prints it."""
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        yield name, digest
