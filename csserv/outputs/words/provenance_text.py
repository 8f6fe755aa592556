"""Where a result comes from, in words: some sentences, details, and how to cite it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from csserv.outputs.against import compared_with
from csserv.outputs.formats.series_files import provenance_table
from csserv.outputs.further_dimensions import dimensions_of, zones_of
from csserv.outputs.result import Result
from csserv.outputs.several_operations import units_of
from csserv.outputs.words.index_words import index_name, index_words

#: operation of an export → start of the sentence about it
EXPORTS = {
    "geotiff": "These are the cells and the mean",
    "netcdf": "These are the cells and the mean",
    "csv": "This is the mean",
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
    first, _, last = request["period"].partition("/")
    period = f"from {first} to {last or first}" if last != first else f"on {first}"
    files = f"{len(granules):,} files" if len(granules) > 1 else "one file"
    zones = len(zones_of(document))
    where = request["area"] if zones == 1 else f"{request['area']} ({zones} zones, each by itself)"
    for name, said in dimensions_of(document).items():
        where += f", each for {name} {', '.join(said['labels'])}"
    sentences = [
        f"{_numbers(document)}, of {dataset['title']} over {where}, {period}; all times are UTC.",
        f"It was computed on {made['finished'][:10]} by csserv {made['versions']['csserv']} "
        f"from {files} of the dataset.",
        kept_words(made.get("kept") or {}),
        summed_words(made.get("summed") or {}),
        _together(document.get("time_step") or {}),
        f"How cells count: {made['weighting']}.",
        index_words(document.get("index") or {}),
        f"Each step is compared with {compared}." if (compared := compared_with(document)) else "",
        "A step without data is left empty; it is never counted as zero.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def kept_words(kept: dict[str, Any]) -> str:
    """Say which steps had been computed before; empty where none had.

    >>> kept_words({"steps": 31, "first": "2026-01-02T09:00:00Z", "last": "2026-01-03T09:00:00Z"})
    'The numbers of 31 steps are kept ones: computed from 2026-01-02 to 2026-01-03, of these files.'
    """
    if not kept:
        return ""
    first, last = kept["first"][:10], kept["last"][:10]
    when = f"on {first}" if first == last else f"from {first} to {last}"
    steps = "one step" if kept["steps"] == 1 else f"{kept['steps']:,} steps"
    return f"The numbers of {steps} are kept ones: computed {when}, of these files."


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
    return f"Each step holds itself and the {count - 1} before it." if count > 1 else ""


def _numbers(document: dict[str, Any]) -> str:
    """Return the start of a sentence: which numbers they are, and their units."""
    every = {name: one or "numbers without units" for name, one in units_of(document).items()}
    if len(every) > 1:
        return "These are " + ", ".join(f"{name} (in {units})" for name, units in every.items())
    ((name, units),) = every.items()
    if said := document.get("index"):
        of = said.get("of", {}).get("units", "")
        what = _what(name).partition(" the ")[2]
        return f"This is {index_name(said)} of the {what}" + f", in {of}" * bool(of)
    return f"{_what(name)}, in {units}"


def _what(operation: str) -> str:
    """Return the start of the sentence about an operation.

    >>> _what("mean"), _what("p90"), _what("geotiff")
    ('This is the mean', 'This is the 90th percentile', 'These are the cells and the mean')
    """
    if operation in EXPORTS:
        return EXPORTS[operation]
    found = re.fullmatch(r"p(\d+(?:\.\d+)?)", operation)
    return f"This is the {found[1]}th percentile" if found else f"This is the {operation}"
