"""Where the date stands in the names of files, found by how dates are usually written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from csserv.catalog.read.times.file_dates import DIRECTIVE, DIRECTIVES, ORDER, date_of_name
from csserv.errors import GranuleError

#: share of the names that must hold a date so that a form is taken for theirs
MOST = 0.8

#: years that data are likely to be of
YEARS = (1800, 2200)

#: how dates are written, those that say most first: of forms in one line, the names may mean any
FORMS = (
    ("%Y.%m.%d.%H", "%Y-%m-%dT%H", "%Y%m%dT%H", "%Y%m%d%H", "%Y%m%d-S%H", "%Y%m%d.%H", "%Y%m%d_%H"),
    ("%Y.%m.%d", "%Y-%m-%d", "%Y_%m_%d", "%Y%m%d", "%Y.%m%d", "%Y_%m%d"),
    ("%Y_%m-dk%[dekad]", "%Y-%m-dk%[dekad]", "%Y%mdk%[dekad]", "%Y-%m-D%[dekad]", "%Y%mD%[dekad]"),
    ("%Y_%m-pt%[pentad]", "%Y-%m-pt%[pentad]", "%Y%mpt%[pentad]"),
    ("%Y.%m.%[dekad]", "%Y.%m.%[pentad]"),
    ("%Y-%m-%[dekad]", "%Y-%m-%[pentad]"),
    ("%Y_%m_%[dekad]", "%Y_%m_%[pentad]"),
    ("%Y%j", "%Y.%j", "%Y-%j", "%Y_%j"),
    ("%Y.%m", "%Y-%m", "%Y_%m", "%Y%m"),
    *(("%d-%m-%Y", "%m-%d-%Y"), ("%d_%m_%Y", "%m_%d_%Y"), ("%d.%m.%Y", "%m.%d.%Y")),
    ("%d%m%Y", "%m%d%Y"),
    ("%d-%b-%Y", "%d_%b_%Y", "%d%b%Y", "%Y-%b-%d", "%Y_%b_%d", "%Y%b%d"),
    ("%b-%Y", "%b_%Y", "%b%Y", "%Y-%b", "%Y_%b", "%Y%b"),
    ("%Y",),
)

#: how a part looks where names are looked at; a form that is told takes fewer digits
LOOKS = {
    **{"Y": r"\d{4}", "m": r"\d{2}", "b": "[A-Za-z]{3}", "d": r"\d{2}", "j": r"\d{3}"},
    **{"H": r"\d{2}", "[dekad]": r"\d", "[pentad]": r"\d"},
}


@dataclass(frozen=True)
class NameDates:
    """Where dates stand in the names of files.

    Attributes
    ----------
    patterns : as ``time_from_name`` has them; several where the names may mean any of them
    """

    patterns: tuple[str, ...]

    @property
    def steps(self) -> tuple[str, ...]:
        """How long a step is by each pattern, such as "dekad"."""
        return tuple(
            max((DIRECTIVES[part][1] for part in DIRECTIVE.findall(one)), key=ORDER.index)
            for one in self.patterns
        )


def find_name_dates(names: Sequence[str], step: str = "") -> NameDates:
    """Find where the date stands in the names of files.

    Parameters
    ----------
    names : of files of one dataset
    step : how long a step is, where that is known; it decides between patterns

    Returns
    -------
    patterns, none where the names hold no date
    """
    for line in FORMS:
        found = [pattern for form in line for pattern in _patterns(names, form)]
        fitting = NameDates(tuple(one for one in found if _fits(names, one)))
        if len(fitting.patterns) > 1:
            fitting = _decided(fitting, names, step)
        if fitting.patterns:
            return fitting
    return NameDates(())


def _patterns(names: Sequence[str], form: str) -> Iterator[str]:
    """Yield a pattern for each place of the first name that looks so: with what stands before."""
    for match in re.finditer(_looks(form), names[0]):
        before = names[0][: match.start()]
        if "%" not in before:
            yield (before if all(one.startswith(before) for one in names) else "") + form


def _looks(form: str) -> str:
    parts = DIRECTIVE.split(form)
    looks = (re.escape(one) if i % 2 == 0 else LOOKS[one] for i, one in enumerate(parts))
    # what goes on with more numbers is a longer date, or none; with more letters, a word
    begin = r"(?<![^\W\d_])" if parts[1] == "b" else r"(?<!\d)"
    ends = {"Y": r"(?![-_.]?\d)", "m": r"(?![-_.]?\d)", "b": r"(?![^\W_])"}
    return begin + "".join(looks) + ends.get(parts[-2], r"(?!\d)")


def _fits(names: Sequence[str], pattern: str) -> bool:
    """Whether most names hold a date that there is, of a year that data may be of."""
    dates = [_date(name, pattern) for name in names]
    found = [one for one in dates if one is not None]
    return len(found) >= max(1, MOST * len(names)) and all(_is_likely(one) for one in found)


def _is_likely(moment: int) -> bool:
    year = 1970 + moment / (365.2425 * 86400)
    return YEARS[0] <= year <= YEARS[1]


def _date(name: str, pattern: str) -> int | None:
    try:
        return date_of_name(Path(name), pattern)[0]
    except GranuleError:
        return None


def _decided(found: NameDates, names: Sequence[str], step: str) -> NameDates:
    """Decide between patterns: by the step, or as three parts of a month are dekads, six pentads.

    Where a month is followed by another one, all its parts are likely to be there. Of days and
    months in either order, what fits all names is meant.
    """
    pairs = list(zip(found.patterns, found.steps, strict=True))
    if told := [pattern for pattern, one in pairs if one == step]:
        return NameDates((told[0],))
    if len(set(found.steps)) == 1:
        orders = {tuple(DIRECTIVE.findall(one)): one for one in reversed(found.patterns)}
        fitting = [p for p in orders.values() if None not in (_date(one, p) for one in names)]
        chosen = fitting if len(fitting) == 1 else list(orders.values())
        return NameDates(tuple(sorted(chosen, key=found.patterns.index)))
    last = {pattern: _last_part(names, pattern) for pattern, _ in pairs}
    months = len({_date(name, found.patterns[0]) for name in names}) > 3
    whole = [p for p, one in pairs if months and last[p] == {"dekad": 3, "pentad": 6}.get(one)]
    return NameDates(tuple(whole)) if len(whole) == 1 else found


def _last_part(names: Sequence[str], pattern: str) -> int:
    """Return the highest number of a part of a month."""
    looks = re.escape(pattern)
    for part in DIRECTIVE.findall(pattern):
        looks = looks.replace(re.escape(f"%{part}"), f"({LOOKS[part]})", 1)
    found = (re.search(looks, name) for name in names)
    return max((int(one.groups()[-1]) for one in found if one), default=0)
