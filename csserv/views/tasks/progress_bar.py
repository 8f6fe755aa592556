"""The progress of a task or a group: a bar as HTML, and a button that cancels it."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

from csserv.tasks.log.progress import Progress, duration

if TYPE_CHECKING:
    import ipywidgets

#: colours of the bar: under way, done, failed or cancelled; seen on light and dark pages
UNDER_WAY, DONE, BAD = "#1f78b4", "#33862f", "#c0392b"


def progress_bar(progress: Progress) -> str:
    """Draw a progress as HTML: what was asked, a bar, state, share done, time left, error."""
    colour = UNDER_WAY if not progress.is_final else DONE if progress.is_good else BAD
    share = f"{100 * progress.share:.0f}"
    left = f", about {duration(progress.seconds_left)} left" if progress.seconds_left else ""
    error = f"<div style='color:{BAD}'>{html.escape(progress.error)}</div>" * bool(progress.error)
    return (
        "<div class='csserv-progress' style='font-family:sans-serif;max-width:36em'>"
        f"<div>{html.escape(progress.label)}</div>"
        "<div style='background:rgba(128,128,128,.25);border-radius:4px;height:10px;margin:4px 0'>"
        f"<div role='progressbar' aria-label='progress' aria-valuenow='{share}' aria-valuemin='0' "
        f"aria-valuemax='100' style='background:{colour};border-radius:4px;height:10px;"
        f"width:{share}%'></div></div>"
        f"<div>{html.escape(progress.state)}, {share} %{left}</div>{error}</div>"
    )


def cancel_button(cancel: Callable[[], object]) -> ipywidgets.Button:
    """Make a button that cancels, once."""
    import ipywidgets  # a bar of what has ended needs none

    button = ipywidgets.Button(description="Cancel", layout={"width": "90px"})

    def pressed(button: ipywidgets.Button) -> None:
        button.description, button.disabled = "Cancelling", True
        cancel()

    button.on_click(pressed)
    return button
