"""Whoever waits for a task is told what stands still, and when it goes on."""

from __future__ import annotations

import queue

from csserv.cli.stall_watch import stall_watch
from csserv.patience import Silence
from csserv.tasks.run.leadership import RunnerState


def test_it_says_so_once_when_something_stands_still_and_once_when_it_goes_on():
    seconds = iter(range(6, 1000))
    states: list[RunnerState] = []
    said = queue.Queue[str]()

    def look() -> RunnerState:
        if states:
            return states[0]
        files = (Silence("chirps/x.nc", float(next(seconds))),)
        return RunnerState(True, 1, 0.0, stalled=False, silent=files)

    with stall_watch(look, said.put, interval=0.01):
        assert said.get(timeout=30) == "waiting: chirps/x.nc has not answered for 6 s"
        while next(seconds) < 20:
            continue
        states.append(RunnerState(False, 1, 70.0, stalled=True))
        both = {said.get(timeout=30), said.get(timeout=30)}
        assert both == {
            "waiting: the runner has given no sign of life for 70 s",
            "chirps/x.nc answers again, or is no longer waited for",
        }
    assert said.empty()
