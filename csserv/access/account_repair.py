"""Tokens and users after damage: what is whole of their files, and the files written anew of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from csserv.access import ended_logins, favourites, tokens, users
from csserv.access.records import Row, checked_name, rows_of, sum_of, write_rows
from csserv.errors import CsservError, SettingsError
from csserv.tasks.log.on_disk.set_aside import ACCOUNTS, pending, read_regular, set_aside, settle
from csserv.tasks.log.repair.alone import alone

#: what a record is called, and what makes one of its JSON
Kind = tuple[str, Callable[[Mapping[str, Any]], Any]]

#: file of a home → its records
FILES: dict[str, Kind] = {
    "tokens.json": ("token", tokens.read_record),
    "users.json": ("user", users.read_record),
    "ended_logins.json": ("login", ended_logins.read_record),
}

#: a record, or what is left of one: it holds no other object
_PIECE = re.compile(rb"\{[^{}]*\}")

_NAME = re.compile(rb'"name"\s*:\s*"([^"\n]{1,100})')

_SUMS = re.compile(rb'"sums"\s*:\s*\[([^\]]*)')


@dataclass(frozen=True)
class AccountRepair:
    """What a repair does with one file.

    Attributes
    ----------
    said : what was found and what is done about it, a sentence each
    missing : what cannot be found, a sentence each
    rows : records of the file as it will be; None where it stays as it is
    """

    path: Path
    kind: str
    said: tuple[str, ...]
    missing: tuple[str, ...] = ()
    rows: tuple[Row, ...] | None = field(default=None, repr=False)


def plan_accounts(home: Path) -> list[AccountRepair]:
    """Look at the files of tokens and users, and say what a repair would do; nothing is changed.

    Raises
    ------
    SettingsError : a file cannot be read now
    """
    return [plan for name, kind in _files(home).items() if (plan := _plan(home, name, kind))]


def repair_accounts(home: Path) -> list[AccountRepair]:
    """Plan a repair and carry it out; safe to be killed at any moment, and to do twice.

    Raises
    ------
    TaskLogError : a runner or a server works in the home
    SettingsError : a file cannot be read or written now
    """
    with alone(home):
        plans = plan_accounts(home)
        for plan in plans:
            _carry_out(home, plan)
    return plans


def _carry_out(home: Path, plan: AccountRepair) -> None:
    try:
        if plan.rows is not None:
            if plan.path.exists() and set_aside(home, plan.path, room=ACCOUNTS) is None:
                raise SettingsError(f"no copy of {plan.path} can be written; nothing was changed")
            write_rows(plan.path, plan.kind, plan.rows)
        settle(home, _copies(home, plan.path.name))
    except OSError as error:
        raise SettingsError(f"cannot write {plan.path}: {error.strerror}") from None


def _files(home: Path) -> dict[str, Kind]:
    """Return the files with their records, and those of favourites that there are."""
    there = sorted((home / favourites.FOLDER).glob("*.json"))
    own = {f"{favourites.FOLDER}/{path.name}": path for path in there}
    return FILES | dict.fromkeys(own, ("favourite", favourites.read_record))


def _plan(home: Path, name: str, records: Kind) -> AccountRepair | None:
    path, copies = home / name, _copies(home, Path(name).name)
    kind, read = records
    raw = _raw(path)
    if raw is not None and not _damage(raw, kind, read):
        # what a copy has beyond it may have been revoked since
        said = (f"{name} is whole: its damaged copies are put away",) if copies else ()
        return AccountRepair(path, kind, said) if said else None
    if raw is None and not copies:
        return None
    source = path if raw is not None else copies[-1]
    found = Salvage.of(raw if raw is not None else _raw(source) or b"", kind, read)
    state = f"is damaged ({_damage(raw, kind, read)})" if raw is not None else "is gone"
    taken = f"{len(found.rows)} {kind}s are read" + (f" of {source.name}" * (source is not path))
    unproved = f", {found.unproved} of them without a checksum" * bool(found.unproved)
    return AccountRepair(
        path,
        kind,
        (f"{name} {state}: {taken}{unproved}",),
        tuple(f"{kind} {one!r} of {name}: add it again" for one in found.lost),
        tuple(found.rows),
    )


@dataclass
class Salvage:
    """What can be read of a damaged file.

    Attributes
    ----------
    rows : records that are whole
    unproved : how many of them have no checksum, as older versions wrote none
    lost : names of those that are not whole, as far as they can be read
    """

    rows: list[Row] = field(default_factory=list)
    unproved: int = 0
    lost: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, raw: bytes, kind: str, read: Callable[[Mapping[str, Any]], Any]) -> Salvage:
        """Take whole records out of a text that may have lost parts, each name once."""
        found, names, listed = cls(), set[str](), _SUMS.search(raw)
        sums = re.findall(rb"\b\w{8}\b", listed[1]) if listed else []
        known = {one.decode("ascii", "replace") for one in sums}
        for piece in _pieces(raw, kind):
            row = _row(piece, read)
            is_proved = row is not None and any(_is_near(sum_of(row), one) for one in known)
            name = "" if row is None else str(row["name"])
            if row is None or (known and not is_proved):
                found.lost.append(name or _name_in(piece))
            elif name not in names:
                names.add(name)
                found.rows.append(row)
                found.unproved += not is_proved
        found.lost = [one for one in dict.fromkeys(found.lost) if one not in names]
        return found


def _pieces(raw: bytes, kind: str) -> Iterator[bytes]:
    """Yield records, and between them what is left of one that lost its beginning or end."""
    body, end = raw[max(0, raw.find(f'"{kind}s"'.encode())) :], 0
    for match in _PIECE.finditer(body):
        if _NAME.search(left := body[end : match.start()]):
            yield left
        yield match[0]
        end = match.end()
    if _NAME.search(body, end):
        yield body[end:]


def _row(piece: bytes, read: Callable[[Mapping[str, Any]], Any]) -> Row | None:
    with suppress(ValueError, LookupError, TypeError, CsservError):
        row: Row = orjson.loads(piece)
        read(row)
        checked_name(str(row["name"]), "record")
        return row
    return None


def _name_in(piece: bytes) -> str:
    found = _NAME.search(piece)
    return found[1].decode("utf-8", "replace") if found else "(its name cannot be read)"


def _is_near(one: str, other: str) -> bool:
    """Whether checksums are equal, or one letter of the one on disk was damaged."""
    return len(one) == len(other) and sum(map(str.__ne__, one, other)) <= 1


def _damage(raw: bytes, kind: str, read: Callable[[Mapping[str, Any]], Any]) -> str:
    """Say what is wrong with a file; empty if nothing is."""
    try:
        for row in rows_of(raw, kind):
            read(row)
    except (ValueError, LookupError, TypeError) as error:
        return str(error) or type(error).__name__
    return ""


def _copies(home: Path, name: str) -> list[Path]:
    return [path for path in pending(home, ACCOUNTS) if path.name.startswith(f"{name}.")]


def _raw(path: Path) -> bytes | None:
    try:
        return read_regular(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror or error}") from None
