"""What is on disk: whole at any moment, whoever is killed; plain TinyDB reads it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tinydb import TinyDB, where

from csserv.errors import TaskLogError
from csserv.tasks.log.database import SafeTinyDB
from csserv.tasks.log.on_disk.journal import Journal, journal_line
from csserv.tasks.log.storage import REWRITE_LIMIT

FILLER = "x" * 2000

WRITER = """
import sys
from pathlib import Path
from csserv.tasks.log.database import SafeTinyDB

db = SafeTinyDB(Path(sys.argv[1]))
name, number = sys.argv[2], 0
while True:
    with db.transaction() as table:
        table.insert({"who": name, "number": number, "filler": "x" * 2000})
        found = table.get(doc_id=1)
        table.update({"count": found["count"] + 1}, doc_ids=[1])
    print(number, flush=True)
    number += 1
    if number % 25 == 0:
        db.checkpoint()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.json"


def large(path: Path) -> SafeTinyDB:
    """A database that keeps a journal, with a counter as its first document."""
    db = SafeTinyDB(path)
    with db.transaction() as table:
        table.insert({"count": 0})
        table.insert_multiple([{"filler": FILLER} for _ in range(4 * REWRITE_LIMIT // len(FILLER))])
    db.checkpoint()
    return db


def plain(path: Path) -> list[dict]:
    with TinyDB(path, access_mode="r") as db:
        return [dict(document) for document in db]


def test_small_file_is_always_whole(path: Path):
    db = SafeTinyDB(path)
    for number in range(20):
        db.insert({"number": number})
        assert [one["number"] for one in plain(path)] == list(range(number + 1))
    assert not path.with_suffix(".journal").exists()


def test_large_file_is_left_alone_until_it_is_folded(path: Path):
    db = large(path)
    before = path.read_bytes()
    db.table("_default").update({"count": 7}, doc_ids=[1])
    db.insert({"who": "new"})
    db.remove(doc_ids=[2])
    assert path.read_bytes() == before
    other = SafeTinyDB(path)
    assert other.get(doc_id=1)["count"] == 7
    assert other.contains(where("who") == "new")
    assert not other.contains(doc_id=2)
    db.checkpoint()
    assert plain(path)[0]["count"] == 7
    assert not path.with_suffix(".journal").exists()
    assert len(other) == len(db) == len(plain(path))


def test_journal_never_grows_beyond_a_quarter_of_the_file(path: Path):
    db = large(path)
    for number in range(300):
        db.insert({"number": number, "filler": FILLER})
        journal = path.with_suffix(".journal")
        if journal.exists():
            assert journal.stat().st_size <= path.stat().st_size / 4
    assert len(SafeTinyDB(path)) == len(db)


def test_half_a_line_does_not_count_and_the_next_writer_removes_it(path: Path):
    db = large(path)
    db.insert({"who": "first"})
    journal = path.with_suffix(".journal")
    whole = journal.read_bytes()
    line = journal_line({"_default": {"999": {"who": "torn"}}})
    for length in (1, 9, len(line) // 2, len(line) - 1):
        journal.write_bytes(whole + line[:length])
        assert not SafeTinyDB(path).contains(where("who") == "torn")
    SafeTinyDB(path).insert({"who": "second"})
    reader = SafeTinyDB(path)
    assert reader.contains(where("who") == "first")
    assert reader.contains(where("who") == "second")
    assert len(list(Journal(journal).read_new())) == 2


def test_file_that_holds_its_journal_already_stays_the_same(path: Path):
    db = large(path)
    db.insert({"who": "new"})
    journal = path.with_suffix(".journal")
    lines = journal.read_bytes()
    db.checkpoint()
    after = plain(path)
    journal.write_bytes(lines)  # killed between the two steps of a fold
    assert [dict(one) for one in SafeTinyDB(path)] == after


def test_a_journal_that_is_still_there_takes_nothing_back(path: Path, tmp_path: Path):
    # as a reader finds it just before it is removed, or all after a power cut that undid that
    db = large(path)
    journal, kept = path.with_suffix(".journal"), tmp_path / "kept"
    for number in range(1, 1000):
        if journal.exists() and not kept.exists():
            kept.hardlink_to(journal)
        before = path.stat().st_ino
        db.update({"count": number}, doc_ids=[1])
        if path.stat().st_ino != before:  # the journal grew too large
            break
    assert not journal.exists()
    kept.rename(journal)
    assert SafeTinyDB(path).get(doc_id=1)["count"] == number


def test_reader_follows_a_writer_through_folds(path: Path):
    db, reader = large(path), SafeTinyDB(path)
    for number in range(1, 60):
        db.table("_default").update({"count": number}, doc_ids=[1])
        assert reader.get(doc_id=1)["count"] == number
        assert len(reader.search(where("count") == number)) == 1
        assert not reader.search(where("count") == 0)
        if number % 7 == 0:
            db.checkpoint()
            assert reader.get(doc_id=1)["count"] == number


def test_threads_of_a_process_never_see_half_a_transaction(path: Path):
    db = large(path)
    wrong: list[int] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            with db.reading() as table:
                pairs = [one["pair"] for one in table if "pair" in one]
                wrong.extend([len(pairs)] if len(pairs) % 2 else [])

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(60):
        with db.transaction() as table:
            table.insert({"pair": number})
            time.sleep(0.001)
            table.insert({"pair": number})
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.slow
def test_killed_writers_lose_nothing_acknowledged_and_plain_tinydb_reads_on(path: Path):
    large(path)
    count = len(plain(path))
    acknowledged = 0
    chance = random.Random(3)
    for round_ in range(4):
        writers = [start_writer(path, f"{round_}.{i}") for i in range(3)]
        acknowledged += sum(bool(writer.stdout and writer.stdout.readline()) for writer in writers)
        end = time.monotonic() + chance.random()
        while time.monotonic() < end:
            assert len(plain(path)) >= count
        for writer in writers:
            os.kill(writer.pid, signal.SIGKILL)
        for writer in writers:
            lines = writer.communicate()[0].split("\n")[:-1]
            acknowledged += len(lines)
        db = SafeTinyDB(path)
        written = len(db) - count
        counter = db.get(doc_id=1)["count"]
        assert written == counter  # each transaction is whole or absent
        # one a writer may have been written and not said
        assert acknowledged <= written <= acknowledged + 3 * (round_ + 1)
    assert acknowledged > 100


def start_writer(path: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


FULL = """
import errno, json, os, sys
from pathlib import Path
from csserv.errors import TaskLogError
from csserv.tasks.log.database import SafeTinyDB
from tests.tasks.log.test_storage import large

path = Path(sys.argv[1])
db = large(path)
said = 0
try:
    while True:
        db.insert({"filler": "y" * 3000})
        said += 1
except TaskLogError as error:
    assert "No space left on device" in str(error), error
assert len(SafeTinyDB(path)) == len(db)
count = len(db)
for _ in range(3):
    try:
        db.checkpoint()
    except TaskLogError:
        pass
    assert len(SafeTinyDB(path)) == count
(path.parent / "ballast").unlink()
db.insert({"filler": "there is room again"})
db.checkpoint()
from tinydb import TinyDB
with TinyDB(path, access_mode="r") as plain:
    print(json.dumps([said, len(plain) - count]))
"""


@pytest.mark.slow
def test_full_disk_is_told_tears_nothing_and_work_goes_on(tmp_path: Path, small_disk: list[str]):
    ballast = f"head -c 1500000 /dev/zero > {tmp_path}/ballast"
    command = [*small_disk, f"{ballast}; {sys.executable} -c '{FULL}' {tmp_path}/log.json"]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    said, more = map(int, done.stdout.strip("[]\n").split(","))
    assert said > 10
    assert more == 1


def test_folder_that_may_not_be_written_is_told(tmp_path: Path):
    (tmp_path / "log.json").mkdir()
    with pytest.raises(TaskLogError, match="no file"):
        SafeTinyDB(tmp_path / "log.json").insert({})


def test_log_thrown_away_inside_a_transaction_of_another_does_not_wait(path: Path):
    db = large(path)
    other = SafeTinyDB(path)
    other.insert({"who": "new"})
    with db.transaction() as table:
        other.checkpoint_if_free()
        assert path.with_suffix(".journal").exists()
        table.insert({"who": "newer"})
    other.checkpoint_if_free()
    assert not path.with_suffix(".journal").exists()
    assert plain(path)[-1] == {"who": "newer"}


def test_no_id_is_given_twice_whoever_inserts_and_whatever_was_undone(path: Path):
    one, other, ids = SafeTinyDB(path), SafeTinyDB(path), []
    for db in (one, other, one, one, other):
        with db.transaction() as table:
            ids += [table.insert({"of": "it"}) for _ in range(2)]
    with pytest.raises(ZeroDivisionError), one.transaction() as table:
        table.insert({"undone": table.insert({}) // 0})
    for db in (other, one):
        with db.transaction() as table:
            ids.append(table.insert({"of": "it"}))
            table.remove(doc_ids=[ids[-1]])
            ids.append(table.insert({"of": "it"}))
    assert len(set(ids)) == len(ids)
    assert len(plain(path)) == len(ids) - 2
