"""What the address of the form asks: each of its parameters read by itself, and written again."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlencode

from csserv.errors import CsservError, InvalidRequestError
from csserv.request import Options, Period
from csserv.request.options import PAIRS
from csserv.zonal.operations import operations
from csserv.zonal.over_time.timestep import NATIVE, TIME_STEPS

#: parameter of the address, with a dot and a name after it → option that has names
DOTTED = {"select": "select", "index_option": "index_options"}

#: a parameter that is written unlike others so much is meant to be one of them [1]
ALIKE = 0.75

#: characters of values that addresses need no code for
SAFE = "/,:*()"


@dataclass(frozen=True)
class AskedQuery:
    """What an address asks; empty fields are left as the form has them.

    Attributes
    ----------
    areas : one word for each zone, or for some of them
    submits : whether it asks to submit the request, which a click must confirm
    problems : what of the address is wrong, in words; the rest is kept
    """

    dataset: str = ""
    operation: str = ""
    period: Period | None = None
    areas: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    submits: bool = False
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the address asks for nothing."""
        return self == AskedQuery()


def read_query(query: Mapping[str, Sequence[str]]) -> AskedQuery:
    """Read the parameters of an address.

    >>> asked = read_query({"period": ["2019-13"], "operation": ["max"]})
    >>> asked.operation, asked.period, len(asked.problems)
    ('max', None, 1)
    """
    given = {name: values[-1].strip() for name, values in query.items() if values}
    problems: list[str] = []

    def read(name: str, how: Callable[[str], Any]) -> Any:
        try:
            return how(given[name]) if given.get(name) else None
        except CsservError as error:
            problems.append(f"{name}: {error}")
            return None

    period = read("period", Period.parse)
    operation = read("operation", _operations)
    options = _options(given, problems)
    problems += _misspelt(given)
    return AskedQuery(
        given.get("dataset", ""),
        operation or "",
        period,
        tuple(query.get("area", ())),
        options,
        given.get("submit", "").casefold() in ("1", "true", "yes"),
        tuple(problems),
    )


def write_query(asked: AskedQuery) -> str:
    """Write what is asked as an address, relative to the page; defaults are left out.

    >>> write_query(AskedQuery("chirps", "mean", Period.parse("2019"), ("KEN", "36 0 38 2")))
    '?page=request&dataset=chirps&operation=mean&period=2019-01-01/2019-12-31&area=KEN&area=36+0+38+2'
    """
    plain = asked.options.to_dict()
    pairs = [
        *(("page", "request"), ("dataset", asked.dataset), ("operation", asked.operation)),
        ("period", str(asked.period or "")),
        *(("area", one) for one in asked.areas),
        *(
            (name, f"{value:g}" if isinstance(value, float) else str(value))
            for name, value in plain.items()
            if name not in PAIRS
        ),
        *(
            (f"{word}.{name}", str(value))
            for word, option in DOTTED.items()
            for name, value in plain.get(option, ())
        ),
    ]
    return f"?{urlencode([(name, value) for name, value in pairs if value], safe=SAFE)}"


def _operations(text: str) -> str:
    return ",".join(operations(text))


def _options(given: Mapping[str, str], problems: list[str]) -> Options:
    """Read the options one after the other: one that is wrong spoils no other."""
    kept: dict[str, Any] = {}
    options = Options()
    for name, option, value in _given_options(given):
        old = kept.get(option)
        try:
            kept[option] = (old or {}) | value if isinstance(value, dict) else _typed(name, value)
            options = Options.of(**kept)
        except InvalidRequestError as error:
            problems.append(f"{name}: {error}")
            kept[option] = old
    return options


def _given_options(given: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Yield parameter, option and value; an index comes before what it is told."""
    for one in fields(Options):
        if one.name not in PAIRS and given.get(one.name):
            yield one.name, one.name, given[one.name]
    for name, value in given.items():
        word, dot, key = name.partition(".")
        if dot and key and value and word in DOTTED:
            yield name, DOTTED[word], {key: value}


def _typed(name: str, text: str) -> Any:
    """Turn the text of an option into its value.

    Raises
    ------
    InvalidRequestError : it is no number where one is needed, or no time step
    """
    if name == "time_step" and text not in (NATIVE, *TIME_STEPS):
        raise InvalidRequestError(
            f"{text!r} is no time step; allowed are {', '.join((NATIVE, *TIME_STEPS))}"
        )
    if name not in ("accumulate", "least_valid"):
        return text
    try:
        return int(text) if name == "accumulate" else float(text)
    except ValueError:
        raise InvalidRequestError(f"{text!r} is no number") from None


def _misspelt(given: Mapping[str, str]) -> list[str]:
    """Say which parameters look like ours; those of news letters and trackers do not."""
    plain = [one.name for one in fields(Options) if one.name not in PAIRS]
    ours = ["page", "dataset", "area", "period", "operation", "submit", "theme", "task", *plain]
    found = []
    for name in given:
        if name in ours or name.partition(".")[0] in DOTTED:
            continue
        if near := difflib.get_close_matches(name.casefold(), ours, 1, ALIKE):
            found.append(f"{name}: is not known; {near[0]} is")
    return found
