"""Reading and writing tables of datasets in TOML: families are expanded, rows are checked."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from csserv.catalog.row_fields import FAMILY, Row, check_fields, check_row, filled
from csserv.errors import SettingsError
from csserv.machine.written_whole import written_whole

#: most members of a family
MOST = 1000


def read_table(path: Path) -> dict[str, Row]:
    """Read a table: dataset name → row. The row of a family becomes one row for each member.

    Raises
    ------
    SettingsError : no such file, not TOML, or a row with a wrong or missing field
    """
    rows: dict[str, Row] = {}
    for name, row in _parse(path).items():
        if not isinstance(row, dict):
            raise SettingsError(
                f"{path.name}: {name} stands outside a table; write [dataset] first"
            )
        check_fields(name, row)
        rows |= _expand(name, row)
    numbered: dict[int, str] = {}
    for name, row in rows.items():
        check_row(name, row)
        if "number" in row and (other := numbered.setdefault(row["number"], name)) != name:
            raise SettingsError(f"datasets {other} and {name} have the same number {row['number']}")
    return rows


def put_rows(path: Path, rows: Mapping[str, Row]) -> None:
    """Add rows to a table, replacing those of the same names; the rest of the file stays as it is.

    The file is replaced atomically, and only if something changes.

    Raises
    ------
    SettingsError : it cannot be read or written, or cannot be changed without other effects
    """
    before = _parse(path) if path.exists() else {}
    wanted = before | dict(rows)
    if wanted == before:
        return
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    kept = _without(text, [name for name in rows if before.get(name) != rows[name]])
    fresh = [_written(name, row) for name, row in rows.items() if before.get(name) != row]
    text = "\n".join(
        [part for part in [kept.rstrip() + "\n" if kept.strip() else "", *fresh] if part]
    )
    if _parsed(text) != wanted:
        raise SettingsError(f"{path.name} cannot be changed safely; put the rows in by hand")
    _replace(path, text)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the catalog {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the catalog {path} is no TOML: {error}") from None


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _expand(name: str, row: Row) -> Iterable[tuple[str, Row]]:
    """Make a row for each member of a family; other rows stay as they are."""
    if "members" not in row:
        if "number_step" in row:
            raise SettingsError(f"dataset {name}: number_step is for families, which say members")
        return [(name, row)]
    members = row["members"]
    if not 1 <= members <= MOST:
        raise SettingsError(f"dataset {name}: {members} members; allowed are 1 to {MOST}")
    try:
        found = list(_members(name, row, members))
    except (KeyError, IndexError, ValueError, AttributeError):
        raise SettingsError(
            f"dataset {name}: in a family, braces hold the member, as {{member}} or {{member:02}}"
        ) from None
    if len({one for one, _ in found}) < members:
        raise SettingsError(f"dataset {name}: the name of a family holds {{member}}")
    return found


def _members(name: str, row: Row, members: int) -> Iterator[tuple[str, Row]]:
    step = row.get("number_step", 1)
    own = {field: value for field, value in row.items() if field not in FAMILY}
    for member in range(1, members + 1):
        numbered = {"number": row["number"] + step * (member - 1)} if "number" in row else {}
        yield name.format(member=member), filled(own, member=member) | numbered


def _written(name: str, row: Row) -> str:
    lines = [f"{field} = {_value(value)}" for field, value in row.items()]
    return "\n".join([f"[{_key(name)}]", *lines, ""])


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(k)} = {_value(v)}' for k, v in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, float):
        return str(value)  # inf and nan too, which JSON lacks
    return json.dumps(value, ensure_ascii=False)  # texts and whole numbers are alike in TOML


def _without(text: str, names: Iterable[str]) -> str:
    """Remove tables by name: each from its header to the comments before the next header."""
    gone = set(names)
    kept: list[str] = []
    dropped: list[str] = []
    dropping = False
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            header = _parsed(line) or {}
            kept += _comments_at_end(dropped) if dropping else []
            dropping, dropped = bool(gone & set(header)), []
        (dropped if dropping else kept).append(line)
    return "".join(kept)


def _comments_at_end(lines: list[str]) -> list[str]:
    """Return the comments at the end of some lines: they belong to the table that follows."""
    found = len(lines)
    while found > 1 and lines[found - 1].lstrip()[:1] in ("#", ""):
        found -= 1
    return lines[found:]


def _replace(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path, swept=True) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write the catalog {path}: {error.strerror}") from None
