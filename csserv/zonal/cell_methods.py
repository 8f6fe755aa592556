"""CF cell methods of a result: those of the file that still hold, and those of the request."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: a cell method of a result: what it is over, and what is done
Method = tuple[str, str]

#: names of the axis of time
TIME = ("time", "t")

#: names of horizontal axes; a method over two of them is one over area
PLACE = ("lat", "latitude", "rlat", "y", "lon", "longitude", "rlon", "x")

#: what else methods may be over: standard names that need no axis in the file
OTHERS = ("area", "realization")

#: methods of CF 1.11, appendix E
METHODS = frozenset(
    (
        *("point", "sum", "maximum", "maximum_absolute_value", "median", "mid_range", "minimum"),
        *("minimum_absolute_value", "mean", "mean_absolute_value", "mean_of_upper_decile", "mode"),
        *("range", "root_mean_square", "standard_deviation", "sum_of_squares", "variance"),
    )
)

_ENTRY = re.compile(r"\s*((?:[\w.]+\s*:\s*)+)(\w+)((?:\s+(?:where|over|within)\s+\w+)*)")
_BRACKETS = re.compile(r"\([^()]*\)")


def cell_methods(given: str, more: Iterable[Method], without: Iterable[Method] = ()) -> str:
    """Return the cell methods of a result.

    Methods of a file that CF does not know, or over an axis that the result lacks, are left out;
    and all of them where the text is not one of CF. One that follows its like is said once.

    Parameters
    ----------
    given : the attribute of the file
    more : what was done after it
    without : methods of the file that hold no longer

    >>> cell_methods("lat: lon: mean time: mean (interval: 1 hr)", [("time", "maximum")])
    'area: mean time: mean time: maximum'
    >>> cell_methods("monthly total", [("area", "mean")])
    'area: mean'
    """
    gone = set(without)
    every = [*(one for one in _of_file(given) if one not in gone), *more]
    found: list[Method] = []
    for method in every:
        last = next((one for one in reversed(found) if one[0] == method[0]), None)
        if last != method:
            found.append(method)
    return " ".join(f"{over}: {name}" for over, name in found)


def _of_file(text: str) -> list[Method]:
    bare = _BRACKETS.sub("", text)
    found, end = [], 0
    while bare[end:].strip():
        match = _ENTRY.match(bare, end)
        if match is None:
            return []
        end = match.end()
        over = _over(re.findall(r"[\w.]+", match[1].casefold()))
        if over and match[2].casefold() in METHODS and not match[3]:
            found.append((over, match[2].casefold()))
    return found


def _over(names: list[str]) -> str:
    """Return what a method is over, as a result calls it; empty for what it has not."""
    if len(names) == 2 and all(name in PLACE for name in names):
        return "area"
    if len(names) != 1:
        return ""
    if names[0] in TIME:
        return "time"
    return names[0] if names[0] in OTHERS else ""
