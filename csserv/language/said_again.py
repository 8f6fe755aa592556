"""Notes and receipts of results, said again in the language of whoever reads them.

They are written in English, with their facts, by whoever computes; here a text is known again by
its template, and said with the same facts. What no template fits stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from csserv.language.local_numbers import ENGLISH_MONTHS, local_date, month_names
from csserv.language.one_language import ENGLISH
from csserv.language.speaking import current_language, mark, tr

#: texts with names in braces for what differs; the first that fits counts
TEMPLATES = (
    # of a period
    mark("asked from {start}, data from {first}"),
    mark("asked to {end}, data to {last}"),
    mark("the step of {first} is filled in part by the period or the data"),
    mark("{count} steps, from {first}, are filled in part by the period or the data"),
    mark("{count} of them hold steps from before the data begin, and have no value"),
    mark("{step} begins before the period, and is left out; ask for all of it to have it"),
    mark("{step} goes on beyond the period, and counts as a whole"),
    mark("normals are of {there} of the {every} years of {years}: the data have {first} to {last}"),
    # of data and files
    mark("synthetic data, not observations: {how}"),
    mark("converted from {units} to {wanted}"),
    mark("it says no units; those of {file} are taken: {units}"),
    mark("time stamps such as {time} are taken for the whole {step} that they lie in"),
    mark("{file} holds a step ({when}), which is read from {other}"),
    mark("{file} holds {count} steps ({when}), which are read from {other}"),
    # of zones
    mark("{said}: for others, add a layer of your own (csserv layers add)"),
    mark("{country} is here by its {units} of before {year} ({since})"),
    mark("zones are of {layer}: {facts}"),
    mark("{part} is put together of its {count} zones in {layer}"),
    mark("{name} is taken as the country {country}"),
    mark("zones are the layer {layer}; left out are {others}"),
    mark("the box goes across 180° of longitude: from {west} eastwards to {east}, {width} degrees"),
    mark("{count} counties since"),
    mark("{count} provinces"),
    mark("{count} regions"),
    mark("{count} since"),
    # of indices
    mark("{index} has no value of {steps} in {zones} of {all} series: {why}"),
    mark("{index} has no value of {steps}: {why}"),
    mark("{steps}, {count} more"),
    mark("what it is computed of has no value there, or {why}"),
    mark("one of the {count} steps that are added up has none"),
    mark("fewer than {count} years have a value"),
    mark("fewer than {count} values are above 0"),
    mark(
        "of {count} steps, cell by cell; none where less than {percent} % of their days have data"
    ),
)

#: names in braces that stand for numbers
NUMBERS = ("count", "there", "every", "zones", "all", "year", "width", "percent")

#: titles of areas, which are otherwise names
TITLES = (
    mark("{area}, each unit"),
    mark("{area}, each zone"),
    mark("box {edges}"),
    mark("point {place}"),
)

#: texts that hold no facts
TEXTS = (
    mark("made from random numbers"),
    mark("first-level units are those of about 2010"),
    mark("time stamps are taken for the middle of their steps"),
    mark("time stamps are the last second of an hour, and taken for the ends of their steps"),
    mark("steps are of unequal length: each is taken to last until the next"),
    mark("times counted in months are read as calendar months"),
    mark("each value is the sum since 00 UTC, as the files have it"),
    mark(
        "the values are classes: the cells are as in the files, and the means are no numbers to use"
    ),
    mark("what it is computed of has no value there"),
    mark("nothing can be computed there"),
    mark("every value of the reference is 0"),
    mark("all values of the reference above 0 are the same"),
    mark("none if no day searched is one, or a day is missing up to those that decide"),
    mark("none if no day searched is one, or one of those that decide is missing"),
    mark("a period of which a day is missing is none (xclim: missing_any)"),
    mark("approximate maximum likelihood (Thom 1958) of the values above 0"),
    mark("L-moments"),
    mark("log-logistic (generalised logistic)"),
    mark(
        "classic: a zero has the probability p0, the share of zeros in the reference (McKee 1993)"
    ),
    mark("center_of_mass: a zero has the probability p0 / 2 (Stagge et al. 2015)"),
    mark("mean_zero: a zero has the mean score of the zeros' share (Allen and Otero 2024)"),
    mark("none where the mean of the reference is 0"),
    mark("none where lowest and highest are equal"),
    mark("amounts below 0 count as 0, as in climate-indices"),
    mark("demand below 0 counts as 0, as in climate-indices"),
    mark("cut at the end of a period"),
    mark("counted once, in the period that it begins in"),
)

ENGLISH_MONTH = re.compile(rf"\b({'|'.join(ENGLISH_MONTHS[1:])})\b")


def said_again(text: str) -> str:
    """Say a text of a result in the current language, with the facts that it holds.

    >>> said_again("asked to 2022-01-31, data to 2021-12-31")
    'asked to 2022-01-31, data to 2021-12-31'
    """
    return _said(text, TEMPLATES)


def said_area(title: str) -> str:
    """Say the title of an area in the current language; names in it stay.

    >>> said_area("Kenya, each unit")
    'Kenya, each unit'
    """
    return _said(title, TITLES)


def _said(text: str, templates: Sequence[str]) -> str:
    if current_language() == ENGLISH:
        return text
    for template in templates:
        if found := _pattern(template).fullmatch(text):
            facts = {name: _fact(name, one) for name, one in found.groupdict().items()}
            return tr(template, **facts)
    return tr(text)


def _fact(name: str, text: str) -> str:
    """Say a fact: each of its parts may be such a text itself, a date, or hold months."""
    said = tr("; ").join(local_date(said_again(part)) for part in text.split("; "))
    if name not in ("step", "steps"):
        return said
    return ENGLISH_MONTH.sub(lambda month: month_names()[ENGLISH_MONTHS.index(month[0])], said)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    for i in range(1, len(parts), 2):
        kind = r"[\d,.]+" if parts[i] in NUMBERS else ".+?"
        parts[i] = f"(?P<{parts[i]}>{kind})"
    parts[::2] = map(re.escape, parts[::2])
    return re.compile("".join(parts), re.DOTALL)
