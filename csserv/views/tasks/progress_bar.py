"""The progress bar of a task or a group of tasks for notebooks, as HTML, and a cancel button."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

from csserv.tasks.log.progress import Progress, duration

if TYPE_CHECKING:
    import ipywidgets

#: colours of the bar: running, done, failed or cancelled; visible on light and dark pages
UNDER_WAY, DONE, BAD = "#1f78b4", "#33862f", "#c0392b"


def progress_bar(progress: Progress) -> str:
    """Write a progress as HTML: request, bar, state, share done [%], time left, error."""
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
    """Return a button that cancels, and can be pressed once."""
    import ipywidgets  # not needed for a task that has ended

    button = ipywidgets.Button(description="Cancel", layout={"width": "90px"})

    def pressed(button: ipywidgets.Button) -> None:
        button.description, button.disabled = "Cancelling", True
        cancel()

    button.on_click(pressed)
    return button
