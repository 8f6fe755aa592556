"""Large answers are made once for what they depend on, and only so many are kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from csserv.http.kept_texts import KeptTexts


def test_an_answer_is_made_once_for_all_who_ask_at_a_time():
    kept, made, start = KeptTexts(), [], Barrier(8)

    def ask(number: int) -> bytes:
        start.wait()
        return kept.get("layer", lambda: made.append(number) or b"text")  # type: ignore[func-returns-value]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {b"text"}
    assert len(made) == 1


def test_what_was_not_asked_for_lately_goes_first_and_what_is_too_large_is_not_kept():
    kept, made = KeptTexts(most=10), []

    def ask(key: str, size: int = 4) -> None:
        kept.get(key, lambda: made.append(key) or b"x" * size)  # type: ignore[func-returns-value]

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "b"]
    ask("large", 11)
    ask("large", 11)
    assert made[-2:] == ["large", "large"]
    ask("b")
    assert made[-1] == "large"


def test_one_that_fails_is_made_anew():
    kept = KeptTexts()
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: b"" * (1 // 0))
    assert kept.get("a", lambda: b"text") == b"text"
