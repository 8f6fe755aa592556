"""Notes on an answer, or on an area: a line that unfolds."""

from __future__ import annotations

import html
from collections.abc import Sequence

import panel as pn

from csserv.language import trn
from csserv.views.parts.html_parts import Fold


def notes_fold(notes: Sequence[str], about: str, margin: int = 8) -> list[pn.viewable.Viewable]:
    """Return a line that unfolds what was assumed, left out or narrowed; nothing if nothing was.

    Parameters
    ----------
    about : what they are about, as "these numbers"
    """
    if not notes:
        return []
    items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    every = pn.pane.HTML(f"<ul dir='auto'>{items}</ul>", sizing_mode="stretch_width", margin=0)
    said = trn(
        "A note on {about}: {first}",
        "{count} notes on {about}: {first}",
        len(notes),
        count=len(notes),
        about=about,
        first=notes[0],
    )
    return [Fold(said, every, margin=margin)]
