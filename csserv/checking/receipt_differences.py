"""Says what differs from the receipt of a result: versions, words of the catalog, files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from csserv.outputs.provenance import versions
from csserv.tasks.plan.file_receipts import HEADER


def versions_differ(then: Mapping[str, str]) -> Iterator[str]:
    """Say which packages that may change numbers are of another version now."""
    for name, version in versions().items():
        if then.get(name, "absent") != version:
            yield f"{name} was {then.get(name, 'absent')}, and is {version} now"


def words_differ(what: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Say which words of a row, or the like, are others now."""
    for name in then:
        if then[name] != now.get(name):
            yield f"{what} had {name} {then[name]!r}, and has {now.get(name)!r} now"


def files_differ(then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[str]:
    """Compare files by name; several of one name are compared in their order."""
    before, after = _by_name(then), _by_name(now)
    gone = [name for name, _ in before if (name, _) not in after]
    new = [name for name, _ in after if (name, _) not in before]
    changed = [
        f"{key[0]} has changed: {_stamp(before[key])}, now {_stamp(after[key])}"
        f"{_content(before[key], after[key])}"
        for key in before
        if key in after and _differs(before[key], after[key])
    ]
    return [*_counted(gone, "gone"), *_counted(new, "new"), *changed]


def _by_name(files: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], Mapping[str, Any]]:
    seen: Counter[str] = Counter()
    found = {}
    for file in files:
        found[file["file"], seen[file["file"]]] = file
        seen[file["file"]] += 1
    return found


def _stamp(file: Mapping[str, Any]) -> str:
    return f"{file['bytes']} bytes of {file['modified']}"


def _differs(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return _stamp(then) != _stamp(now) or then.get(HEADER, now[HEADER]) != now[HEADER]


def _content(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say whether header and chunks are the same; nothing where a result does not say it."""
    if HEADER not in then:
        return ""
    return f"; header and chunks are {'the same' if then[HEADER] == now[HEADER] else 'others'}"


def _counted(names: Sequence[str], how: str) -> Iterator[str]:
    if len(names) == 1:
        yield f"{names[0]} is {how}"
    elif names:
        yield f"{len(names)} files are {how}: {names[0]} to {names[-1]}"
