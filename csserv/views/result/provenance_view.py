"""The provenance of a result in words, its details, and how to cite it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.outputs import Result
from csserv.outputs.against import compared_with
from csserv.outputs.formats.series_files import provenance_table
from csserv.outputs.further_dimensions import dimensions_of, zones_of
from csserv.outputs.several_operations import units_of
from csserv.outputs.words.index_words import index_name, index_words
from csserv.views.parts.escaping import escaped

LIST_STYLE = """
dl { display: grid; grid-template-columns: minmax(90px, 130px) 1fr; gap: 5px 14px; margin: 4px 0; }
dt { opacity: .75; }
dd { margin: 0; overflow-wrap: anywhere; }
"""


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


def provenance_text(result: Result) -> ProvenanceText:
    """Write the provenance of a result."""
    rows = tuple(
        (str(what), str(value)) for what, value in provenance_table(result).values.tolist()
    )
    citation = result.citation()
    notes = tuple(map(str, result.notes))
    return ProvenanceText(summarise(result.json), notes, rows, citation.text, citation.bibtex)


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
        _together(document.get("time_step") or {}),
        f"How cells count: {made['weighting']}.",
        index_words(document.get("index") or {}),
        f"Each step is compared with {compared}." if (compared := compared_with(document)) else "",
        "A step without data is left empty; it is never counted as zero.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


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


def provenance_view(text: ProvenanceText) -> list[pn.viewable.Viewable]:
    """Return summary, citation with buttons that copy it, and details."""
    terms = "".join(f"<dt>{html.escape(a)}</dt><dd>{html.escape(b)}</dd>" for a, b in text.details)
    details = pn.pane.HTML(
        f"<dl>{terms}</dl>", sizing_mode="stretch_width", margin=(0, 14), stylesheets=[LIST_STYLE]
    )
    buttons = pmui.FlexBox(
        copy_text_button("Copy citation", text.citation),
        copy_text_button("Copy BibTeX", text.bibtex),
        copy_text_button("Copy all", _as_text(text)),
        gap="6px",
        sizing_mode="stretch_width",
        margin=(4, 14, 10, 14),
    )
    return [
        pmui.Typography(escaped(text.summary), variant="body2", margin=(4, 14)),
        pmui.Typography("How to cite", variant="subtitle2", margin=(8, 14, 0, 14)),
        pmui.Typography(escaped(text.citation), variant="body2", margin=(2, 14)),
        buttons,
        pmui.Accordion(
            ("Details", details),
            title_variant="body2",
            sizing_mode="stretch_width",
            margin=(0, 14, 14, 14),
        ),
    ]


def copy_text_button(label: str, text: str) -> pmui.Button:
    """Return a button that copies a text in the browser, and confirms it."""
    button = pmui.Button(label=label, icon="content_copy", size="small", variant="outlined")
    button.margin = 0
    button.js_on_click(args={"text": text, "button": button}, code=COPY)
    return button


#: JavaScript that copies the text; without HTTPS browsers do not give scripts the clipboard
COPY = """
const confirm = (words) => {
  const before = button.data ? button.data.label : button.label;
  if (words == before) return;
  const target = button.data || button;
  target.label = words;
  setTimeout(() => { target.label = before }, 1500);
};
const copied = () => confirm("Copied");
if (navigator.clipboard) navigator.clipboard.writeText(text).then(copied);
else {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  if (document.execCommand("copy")) copied();
  area.remove();
}
"""


def _as_text(text: ProvenanceText) -> str:
    lines = [text.summary, "", text.citation, "", *(f"{a}: {b}" for a, b in text.details)]
    return "\n".join(lines)
