"""Files of an archive that a disk has damaged are fetched anew."""

from __future__ import annotations

from datetime import datetime

import pytest

from .conftest import Stand

NAME = "tamsat_monthly"
MONTHS = [datetime(2023, month, 1) for month in range(1, 13)]
EVERY = dict.fromkeys([*MONTHS, datetime(2024, 1, 1), datetime(2024, 2, 1)], "final")


@pytest.mark.parametrize("name", ["tamsat_monthly.2023.nc", "tamsat_monthly.20240101.nc"])
@pytest.mark.parametrize("length", [0, 3000])
def test_a_damaged_file_is_fetched_anew(stand: Stand, name: str, length: int) -> None:
    stand.publish(NAME, "2023-01-01/2024-02-29")
    stand.fetch(NAME, "2023-01-01", "2024-02-29")
    path = stand.folder / NAME / name
    path.write_bytes(path.read_bytes()[:length])
    done = stand.fetch(NAME, "2023-01-01", "2024-02-29")
    assert done.failures == []
    stand.check(NAME, EVERY)
    names = [one.name for one, _ in stand.archive(NAME).files()]
    aside = stand.archive(NAME).hidden / "damaged" / name
    assert aside.exists() == (".2023." in name)
    assert names == [f"{NAME}.{span}.nc" for span in ("2023", "20240101", "20240201")]


@pytest.mark.parametrize("name", ["ledger.jsonl", "look.json", "wanted.json"])
def test_what_fetching_keeps_beside_it_may_be_lost(stand: Stand, name: str) -> None:
    stand.publish(NAME, "2023-01-01/2024-02-29")
    stand.fetch(NAME, "2023-01-01", "2024-02-29")
    (stand.archive(NAME).hidden / name).unlink()
    assert stand.fetch(NAME, "2023-01-01", "2024-02-29", recheck=True).steps == 0
    stand.check(NAME, EVERY)
    assert len(stand.archive(NAME).ledger.latest()) == len(EVERY)


def test_a_line_of_the_ledger_that_is_cut_is_no_loss(stand: Stand) -> None:
    stand.publish(NAME, "2023-11-01/2024-02-29")
    stand.fetch(NAME, "2023-11-01", "2024-02-29")
    path = stand.archive(NAME).hidden / "ledger.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    assert stand.fetch(NAME, "2023-11-01", "2024-02-29", recheck=True).steps == 0
    assert len(stand.archive(NAME).ledger.latest()) == 4
