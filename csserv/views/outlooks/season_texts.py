"""Seasons that a form offers, and the answer to one as a table of texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csserv.errors import InvalidRequestError
from csserv.language import local_number, mark, tr
from csserv.outlooks import SeasonAnswer
from csserv.units import titled

#: value of the choice of a season that somebody writes
OWN = "own"

#: label → first and last month
SEASONS = {
    mark("March to May"): (3, 5),
    mark("June to September"): (6, 9),
    mark("October to December"): (10, 12),
    mark("November to March"): (11, 3),
    mark("January to December"): (1, 12),
}

#: first and last day or month, as people write them
SPAN = re.compile(r"(\d{4}-\d{2}(?:-\d{2})?)\s*(?:/|to|\u2013|\s-\s)\s*(\d{4}-\d{2}(?:-\d{2})?)")

#: titles of the table, and of each whether it has the units of the amounts
TITLES = {
    mark("So far"): True,
    mark("% of normal"): False,
    mark("May end with"): True,
    mark("8 of 10 cases"): True,
    mark("Normal end"): True,
    mark("Driest third"): False,
    mark("Wettest third"): False,
}

#: stands where there is no number
NONE = mark("none")


def season_of(label: str, year: str, own: str) -> str:
    """Return first and last month of what a form has, as ``service.outlook`` takes it.

    >>> season_of("November to March", "2023", ""), season_of(OWN, "", "2024-03-11 to 2024-05")
    ('2023-11/2024-03', '2024-03-11/2024-05')

    Raises
    ------
    InvalidRequestError : the year is none, or nothing is written
    """
    if label == OWN:
        text = own.strip()
        if not text:
            raise InvalidRequestError(tr("write the first and the last month: 2024-03 to 2024-05"))
        found = SPAN.fullmatch(text)
        return "/".join(found.groups()) if found else text
    if not re.fullmatch(r"\d{4}", year.strip()):
        raise InvalidRequestError(f"the year is {year.strip()!r}; write one such as 2024")
    first, last = SEASONS[label]
    begin = int(year)
    return f"{begin:04}-{first:02}/{begin + (last < first):04}-{last:02}"


def season_around(day: str) -> tuple[str, str]:
    """Return the season of ``SEASONS`` that a day lies in, the shortest, and its year.

    >>> season_around("2022-04-20"), season_around("2022-02-03"), season_around("2025-12-31")
    (('March to May', '2022'), ('November to March', '2021'), ('October to December', '2025'))
    """
    year, month = int(day[:4]), int(day[5:7])
    within = [
        (label, year - (last < first and month <= last))
        for label, (first, last) in SEASONS.items()
        if (first <= month <= last if first <= last else month >= first or month <= last)
    ]
    label, begun = within[0]
    return label, f"{begun:04}"


@dataclass(frozen=True)
class SeasonRows:
    """How the season of each zone stands and may end, as texts."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def season_rows(answer: SeasonAnswer) -> SeasonRows:
    """Write a row for each zone; what cannot be said is "none"."""
    titles = [titled(tr(name), answer.units) if own else tr(name) for name, own in TITLES.items()]
    zones = answer.to_dict()["zones"]
    return SeasonRows((tr("Zone"), *titles), tuple(map(_row, zones)))


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    so_far, usual = one["so_far"], one["so_far_normal"]
    share = 100 * so_far / usual if so_far is not None and usual else None
    low, high = (_number(one[f"end_{name}"]) for name in ("p10", "p90"))
    return (
        str(one["zone"]),
        _number(so_far),
        _number(share),
        _number(one["end_p50"]),
        low if tr(NONE) in (low, high) else tr("{low} to {high}", low=low, high=high),
        _number(one["end_normal"]),
        _percent(one["below_lower_tercile_percent"]),
        _percent(one["above_upper_tercile_percent"]),
    )


def _number(value: float | None) -> str:
    if value is None:
        return tr(NONE)
    return local_number(f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}")


def _percent(value: float | None) -> str:
    return tr(NONE) if value is None else f"{value:.0f} %"
