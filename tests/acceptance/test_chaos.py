"""A short storm; ``make chaos`` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.__main__ import Storm


def test_nothing_is_lost_and_nothing_ends_twice_under_random_kills(tmp_path: Path, sample: Path):
    found = Storm(tmp_path / "home", sample, tasks=40, kills=10, seed=5, pace=2.5).run()
    assert not any(found.breaches.values()), found
    assert found.tasks >= 40
    assert sum(found.kills.values()) >= 10  # more on a machine that is busy
    assert set(found.states) <= {"succeeded", "cancelled"}
    assert found.looks > 100
