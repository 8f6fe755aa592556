"""A signal is heard whatever a fetch waits for."""

from __future__ import annotations

import threading

import pytest

from csserv.errors import FetchCancelledError
from csserv.ingest.web.ending import Ending


def test_a_signal_that_came_just_before_the_wait_ends_it() -> None:
    ending, silence = Ending(), threading.Event()
    ending.stop.set()
    with pytest.raises(FetchCancelledError, match="was stopped"):
        ending.wait_for(silence.wait)
    assert not silence.is_set()
    silence.set()


def test_what_was_waited_for_is_returned_or_raised() -> None:
    ending = Ending()
    assert ending.wait_for(lambda: 3) == 3
    with pytest.raises(ValueError, match="own"):
        ending.wait_for(lambda: int("own"))
    assert not ending.listens
