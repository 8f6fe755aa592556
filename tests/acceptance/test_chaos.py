"""A short storm; ``make chaos`` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.adversaries import KILLS
from tests.chaos.storm import Storm


def test_nothing_is_lost_and_nothing_ends_twice_under_random_kills(tmp_path: Path, sample: Path):
    found = Storm(tmp_path / "home", sample, 40, 10, 5, KILLS, pace=2.5).run()
    assert not any(found.breaches.values()), found
    assert found.tasks >= 40
    assert sum(found.strikes.values()) >= 10  # more on a machine that is busy
    assert set(found.states) <= {"succeeded", "cancelled"}
    assert found.looks > 100
