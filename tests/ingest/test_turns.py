"""Who asks a provider waits for its turn, whoever else of this machine asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from csserv.ingest.web.turns import Turns


def test_turns_of_two_processes_lie_apart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "turns"
    one, other = Turns(100.0, path), Turns(100.0, path)
    assert one.take() == 0.0
    assert 90.0 < other.take() <= 100.0
    assert 190.0 < one.take() <= 200.0
    one.put_off(500.0)
    assert 490.0 < other.take() <= 500.0


@pytest.mark.parametrize("content", ["", "x", "nan", "-inf", "9e99", "1\n2"])
def test_a_file_that_holds_no_turn_delays_nobody(tmp_path: Path, content: str) -> None:
    path = tmp_path / "turns"
    path.write_text(content, encoding="utf-8")
    assert Turns(1.0, path).take() == 0.0


def test_a_provider_that_bears_everything_is_put_off_all_the_same() -> None:
    turns = Turns()
    assert turns.take() == turns.take() == 0.0
    turns.put_off(60.0)
    assert 50.0 < turns.take() <= 60.0
