"""Changes of several threads are done together: all of them, each once, and on disk at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from csserv.errors import InvalidRequestError, TaskLogError
from csserv.tasks.log.database import SafeTable, SafeTinyDB
from csserv.tasks.log.shared_writes import SharedWrites


@pytest.fixture
def db(tmp_path: Path) -> SafeTinyDB:
    return SafeTinyDB(tmp_path / "log.json")


def inserting(number: int) -> Callable[[SafeTable], int]:
    def act(table: SafeTable) -> int:
        if number % 7 == 3:
            raise InvalidRequestError(f"{number} is refused")
        table.insert({"number": number})
        return number

    return act


def together(shared: SharedWrites, db: SafeTinyDB, count: int) -> list[Future[int]]:
    """Do changes in a thread each, all of which wait for the lock before the first has it."""
    with ThreadPoolExecutor(count) as pool, db.reading():
        outcomes = [pool.submit(shared.do, inserting(number)) for number in range(count)]
        while len(shared._waiting) < count - 1:  # one has its turn, and waits for the lock
            time.sleep(0.001)
    return outcomes


def test_all_changes_are_done_in_two_transactions(db: SafeTinyDB) -> None:
    shared = SharedWrites(db, lambda: None)
    outcomes = together(shared, db, 20)
    done = [one.result() for one in outcomes if one.exception() is None]
    assert done == [number for number in range(20) if number % 7 != 3]
    with db.reading() as table:
        assert sorted(row["number"] for row in table) == done
    assert db.revision <= 2


def test_who_is_refused_changes_nothing_for_others(db: SafeTinyDB) -> None:
    outcomes = together(SharedWrites(db, lambda: None), db, 20)
    refused = [str(one.exception()) for one in outcomes if one.exception()]
    assert refused == ["3 is refused", "10 is refused", "17 is refused"]


def test_all_are_told_when_the_disk_is_full_and_nothing_is_changed(db: SafeTinyDB) -> None:
    def fail() -> None:
        raise TaskLogError("no space is left")

    outcomes = together(SharedWrites(db, fail), db, 10)
    assert {str(one.exception()) for one in outcomes} == {"no space is left"}
    with db.reading() as table:
        assert len(table) == 0
    assert SharedWrites(db, lambda: None).do(inserting(1)) == 1


def test_a_change_is_on_disk_when_its_thread_goes_on(db: SafeTinyDB, tmp_path: Path) -> None:
    shared, wrong = SharedWrites(db, lambda: None), []

    def insert(number: int) -> None:
        shared.do(inserting(7 * number))
        other = SafeTinyDB(tmp_path / "log.json")
        with other.reading() as table:
            if 7 * number not in [row["number"] for row in table]:
                wrong.append(number)
        other.close()

    threads = [threading.Thread(target=insert, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
