"""The search for what is no longer needed is put off, and goes on afterwards."""

from __future__ import annotations

import gc

import pytest

from csserv.machine.collection_pause import load_for_good, pause_collection


@pause_collection()
def fails() -> None:
    raise ValueError(f"searching: {gc.isenabled()}")


def test_it_goes_on_after_an_error_too():
    with pytest.raises(ValueError, match="searching: False"):
        fails()
    assert gc.isenabled()


def test_who_switched_it_off_finds_it_off():
    gc.disable()
    try:
        with pause_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_is_loaded_for_good_is_not_looked_at_again():
    try:
        with load_for_good():
            assert not gc.isenabled()
            kept: list[list[int]] = [[]]
        assert gc.isenabled()
        assert not any(one is kept for one in gc.get_objects())
    finally:
        gc.unfreeze()
