"""How progress is drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csserv.tasks.log.progress import Progress
from csserv.views.tasks.progress_bar import BAD, DONE, UNDER_WAY, cancel_button, progress_bar

RUNNING = Progress("mean of rain, <Kenya>", "running", 0.42, 75.0, "", False, True)


def test_bar_is_as_long_as_the_share_done_and_names_are_escaped():
    drawn = progress_bar(RUNNING)
    assert "aria-valuenow='42'" in drawn
    assert "width:42%" in drawn
    assert "running, 42 %, about 2 min left" in drawn
    assert "&lt;Kenya&gt;" in drawn


@pytest.mark.parametrize(
    ("progress", "colour"),
    [
        (RUNNING, UNDER_WAY),
        (replace(RUNNING, share=1.0, is_final=True), DONE),
        (replace(RUNNING, is_final=True, is_good=False), BAD),
    ],
)
def test_colour_tells_the_ending(progress: Progress, colour: str):
    assert f"background:{colour}" in progress_bar(progress)


def test_reason_of_a_failure_is_shown():
    failed = replace(RUNNING, is_final=True, is_good=False, error="rain_1.nc <gone>")
    assert "rain_1.nc &lt;gone&gt;" in progress_bar(failed)


def test_button_cancels_once():
    pressed = []
    button = cancel_button(lambda: pressed.append(1))
    button.click()
    assert pressed == [1]
    assert button.disabled
