"""How long a block may show no progress: at least the floor, longer where data are slow."""

from __future__ import annotations

import time

from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.deadlines import LATEST, SLACK, Deadlines
from csserv.tasks.run.one_call import Call
from tests.halfway import blocks


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def block(attempt: Attempt, clock: Clock, silence: float = 0.0) -> Call:
    call = blocks(attempt)[0]
    call.last_sign, call.silence = clock.now, silence
    return call


def test_a_block_may_be_silent_as_long_as_the_floor(attempt: Attempt):
    clock = Clock()
    deadlines = Deadlines(300.0, clock)
    call = block(attempt, clock)
    clock.now += 299
    assert not deadlines.is_late("rain", call)
    clock.now += 2
    assert deadlines.is_late("rain", call)
    call.last_sign = clock.now - 1  # it reports progress
    assert not deadlines.is_late("rain", call)


def test_slow_data_are_given_longer_and_others_not(attempt: Attempt):
    clock = Clock()
    deadlines = Deadlines(300.0, clock)
    call = block(attempt, clock, silence=100)
    deadlines.measure("rain", call)
    assert deadlines.longest("rain") == SLACK * 100
    assert deadlines.longest("heat") == 300
    for _ in range(LATEST):  # quick again
        deadlines.measure("rain", block(attempt, clock))
    assert deadlines.longest("rain") == 300


def test_a_block_without_reports_was_silent_until_its_end(attempt: Attempt):
    clock = Clock()
    deadlines = Deadlines(1.0, clock)
    call = block(attempt, clock)
    clock.now += 50
    deadlines.measure("rain", call)
    assert deadlines.longest("rain") == SLACK * 50


def test_the_longest_silence_between_two_reports_counts(attempt: Attempt):
    call = blocks(attempt)[0]
    call.last_sign = time.monotonic() - 100
    call.show_sign()
    call.show_sign()
    assert 100 <= call.silence < 200


def test_to_read_one_value_takes_a_minute_at_most():
    assert Deadlines(300.0).longest("rain", is_proof=True) == 60
    assert Deadlines(5.0).longest("rain", is_proof=True) == 5
