"""Where a result comes from, in words: some sentences, details, and how to cite it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from csserv.language import listed, local_date, local_number, mark, said_area, tr, trn
from csserv.outputs.against import compared_with
from csserv.outputs.formats.series_files import provenance_table
from csserv.outputs.further_dimensions import dimensions_of, zones_of
from csserv.outputs.result import Result
from csserv.outputs.several_operations import units_of
from csserv.outputs.words.index_words import index_name, index_words

#: operation of an export → start of the sentence about it
EXPORTS = {
    "geotiff": mark("These are the cells and the mean"),
    "netcdf": mark("These are the cells and the mean"),
    "csv": mark("This is the mean"),
}


@dataclass(frozen=True)
class ProvenanceText:
    """The provenance of a result, as text.

    Attributes
    ----------
    summary : some sentences
    notes : what was assumed, left out or narrowed
    details : pairs of name and value
    citation, bibtex : how to cite it
    """

    summary: str
    notes: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    citation: str
    bibtex: str


def provenance_text(result: Result, document: dict[str, Any] | None = None) -> ProvenanceText:
    """Write the provenance of a result.

    Parameters
    ----------
    document : its JSON, if that has been read
    """
    rows = tuple(
        (str(what), str(value)) for what, value in provenance_table(result).values.tolist()
    )
    citation = result.citation()
    notes = tuple(map(str, result.notes))
    return ProvenanceText(
        summarise(document or result.json), notes, rows, citation.text, citation.bibtex
    )


def summarise(document: dict[str, Any]) -> str:
    """Write the provenance of a result in a few sentences, from its JSON."""
    made, request = document["provenance"], document["request"]
    dataset, granules = made["dataset"], made["granules"]
    numbers = {"numbers": _numbers(document), "dataset": dataset["title"]}
    computed = {"date": local_date(made["finished"][:10]), "version": made["versions"]["csserv"]}
    sentences = [
        tr(
            "{numbers}, of {dataset} over {area}, {period}; all times are UTC.",
            area=_where(document),
            period=_when(request["period"]),
            **numbers,
        ),
        trn(
            "It was computed on {date} by csserv {version} from one file of the dataset.",
            "It was computed on {date} by csserv {version} from {count} files of the dataset.",
            max(len(granules), 1),
            count=local_number(f"{len(granules):,}"),
            **computed,
        ),
        kept_words(made.get("kept") or {}),
        summed_words(made.get("summed") or {}),
        _together(document.get("time_step") or {}),
        _weighting(made["weighting"]),
        index_words(document.get("index") or {}),
        _compared(document),
        tr("A step without data is left empty; it is never counted as zero."),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _when(period: str) -> str:
    first, _, last = period.partition("/")
    if last == first:
        return tr("on {date}", date=local_date(first))
    return tr("from {first} to {last}", first=local_date(first), last=local_date(last or first))


def _where(document: dict[str, Any]) -> str:
    where, zones = said_area(str(document["request"]["area"])), len(zones_of(document))
    if zones > 1:
        where = tr("{area} ({count} zones, each by itself)", area=where, count=zones)
    for name, said in dimensions_of(document).items():
        labels = ", ".join(said["labels"])
        where += tr(", each for {dimension} {labels}", dimension=name, labels=labels)
    return where


def _weighting(text: str) -> str:
    return tr("How cells count: {weighting}.", weighting=tr(text))


def _compared(document: dict[str, Any]) -> str:
    compared = compared_with(document)
    return tr("Each step is compared with {steps}.", steps=compared) if compared else ""


def kept_words(kept: dict[str, Any]) -> str:
    """Say which steps had been computed before; empty where none had.

    >>> kept_words({"steps": 31, "first": "2026-01-02T09:00:00Z", "last": "2026-01-03T09:00:00Z"})
    'The numbers of 31 steps are kept ones: computed from 2026-01-02 to 2026-01-03, of these files.'
    """
    if not kept:
        return ""
    first, last = kept["first"][:10], kept["last"][:10]
    return trn(
        "The numbers of one step are kept ones: computed {when}, of these files.",
        "The numbers of {count} steps are kept ones: computed {when}, of these files.",
        kept["steps"],
        count=local_number(f"{kept['steps']:,}"),
        when=_when(f"{first}/{last}"),
    )


def summed_words(summed: dict[str, Any]) -> str:
    """Say which steps were made of time sums; empty where none were.

    >>> summed_words({"steps": 480})
    '480 steps were made of sums of months that were kept beside these files, and made of them.'
    """
    if not summed:
        return ""
    steps = "One step was" if summed["steps"] == 1 else f"{summed['steps']:,} steps were"
    return f"{steps} made of sums of months that were kept beside these files, and made of them."


def _together(step: dict[str, Any]) -> str:
    """Say that steps hold those before them, if they do."""
    count = step.get("accumulate", 1)
    if count < 2:
        return ""
    return tr("Each step holds itself and the {count} before it.", count=count - 1)


def _numbers(document: dict[str, Any]) -> str:
    """Return the start of a sentence: which numbers they are, and their units."""
    every = {
        name: tr(one) if one else tr("numbers without units")
        for name, one in units_of(document).items()
    }
    if len(every) > 1:
        rows = (tr("{name} (in {units})", name=name, units=units) for name, units in every.items())
        return tr("These are {numbers}", numbers=listed(rows))
    ((name, units),) = every.items()
    if said := document.get("index"):
        of = said.get("of", {}).get("units", "")
        index = {"index": index_name(said), "numbers": _noun(name)}
        if of:
            return tr("This is {index} of {numbers}, in {units}", units=tr(of), **index)
        return tr("This is {index} of {numbers}", **index)
    return tr("{numbers}, in {units}", numbers=_what(name), units=units)


def _what(operation: str) -> str:
    """Return the start of the sentence about an operation.

    >>> _what("mean"), _what("p90"), _what("geotiff")
    ('This is the mean', 'This is the 90th percentile', 'These are the cells and the mean')
    """
    if operation in EXPORTS:
        return tr(EXPORTS[operation])
    return tr("This is {numbers}", numbers=_noun(operation))


def _noun(operation: str) -> str:
    """Name the values of an operation.

    >>> _noun("max"), _noun("csv")
    ('the max', 'the mean')
    """
    if found := re.fullmatch(r"p(\d+(?:\.\d+)?)", operation):
        return tr("the {number}th percentile", number=found[1])
    name = "mean" if operation in EXPORTS else operation
    return tr("the {statistic}", statistic=tr(name))
