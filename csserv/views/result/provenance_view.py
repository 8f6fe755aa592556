"""The provenance of a result in words, its details, and how to cite it."""

from __future__ import annotations

import html

import panel as pn
import panel_material_ui as pmui

from csserv.language import tr
from csserv.outputs.words.provenance_text import ProvenanceText
from csserv.views.parts.copying import copy_button
from csserv.views.parts.escaping import escaped

LIST_STYLE = """
dl { display: grid; grid-template-columns: minmax(90px, 130px) 1fr; gap: 5px 14px; margin: 4px 0; }
dt { opacity: .75; }
dd { margin: 0; overflow-wrap: anywhere; }
"""


def provenance_view(text: ProvenanceText) -> list[pn.viewable.Viewable]:
    """Return summary, citation with buttons that copy it, and details."""
    terms = "".join(f"<dt>{html.escape(a)}</dt><dd>{html.escape(b)}</dd>" for a, b in text.details)
    details = pn.pane.HTML(
        f"<dl>{terms}</dl>", sizing_mode="stretch_width", margin=(0, 14), stylesheets=[LIST_STYLE]
    )
    buttons = pmui.FlexBox(
        copy_button(tr("Copy citation"), text.citation),
        copy_button(tr("Copy BibTeX"), text.bibtex),
        copy_button(tr("Copy all"), _as_text(text)),
        gap="6px",
        sizing_mode="stretch_width",
        margin=(4, 14, 10, 14),
    )
    return [
        pmui.Typography(escaped(text.summary), variant="body2", margin=(4, 14)),
        pmui.Typography(tr("How to cite"), variant="subtitle2", margin=(8, 14, 0, 14)),
        pmui.Typography(escaped(text.citation), variant="body2", margin=(2, 14)),
        buttons,
        pmui.Accordion(
            (tr("Details"), details),
            title_variant="body2",
            sizing_mode="stretch_width",
            margin=(0, 14, 14, 14),
        ),
    ]


def _as_text(text: ProvenanceText) -> str:
    lines = [text.summary, "", text.citation, "", *(f"{a}: {b}" for a, b in text.details)]
    return "\n".join(lines)
