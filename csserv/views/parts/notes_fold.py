"""Notes on an answer, or on an area: a line that unfolds."""

from __future__ import annotations

import html
from collections.abc import Sequence

import panel as pn

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
    every = pn.pane.HTML(f"<ul>{items}</ul>", sizing_mode="stretch_width", margin=0)
    count = f"{len(notes)} notes on {about}" if len(notes) > 1 else f"A note on {about}"
    return [Fold(f"{count}: {notes[0]}", every, margin=margin)]
