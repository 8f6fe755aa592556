"""A fetch that is killed, stopped or short of room leaves nothing half; the next one ends it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from csserv.ingest.replay.replay_server import serve_replay
from csserv.ingest.stored.origin_variables import read_arrivals

from .conftest import Stand
from .troubles import dripped, silent

pytestmark = pytest.mark.slow

NAME = "tamsat_monthly"
DAYS = "2022-11-01/2024-02-29"
COUNT = 16  # months; 2023 is folded once it is whole
ARGS = ["fetch", NAME, "--from", "2022-11", "--to", "2024-02", "--box", "34", "-2", "40", "3"]


def environment(stand: Stand) -> dict[str, str]:
    home = {"CSSERV_HOME": str(stand.folder.parent / "home"), "CSSERV_DATA": str(stand.folder)}
    return {**os.environ, **home, "CSSERV_PROVIDER_BASE": stand.replay.address}


def start(stand: Stand, *args: str) -> subprocess.Popen[str]:
    """Begin a fetch in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "csserv", *(args or ARGS)],
        env=environment(stand),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(seen: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something is seen, or the process has ended."""
    while process.poll() is None and not seen():
        time.sleep(0.001)


def finish(stand: Stand, **asked: object) -> None:
    stand.fetch(NAME, "2022-11-01", "2024-02-29", **asked)


class Found:
    """All that an archive holds, as far as it does not tell when it was fetched."""

    def __init__(self, stand: Stand) -> None:
        archive = stand.archive(NAME)
        every = (one for one in archive.folder.rglob("*") if one.is_file() and one.name != "lock")
        self.names = sorted(str(path.relative_to(archive.folder)) for path in every)
        self.numbers = stand.numbers(NAME)
        came = [read_arrivals(path) for path, _ in archive.files()]
        self.streams = {t: (a.stream, a.sha256) for one in came for t, a in one.items()}
        self.ledger = {t: (a.stream, a.sha256) for t, a in archive.ledger.latest().items()}

    def check(self, other: Found) -> None:
        assert self.names == other.names
        assert self.streams == other.streams == self.ledger == other.ledger
        assert list(self.numbers) == list(other.numbers)
        for moment, values in self.numbers.items():
            np.testing.assert_array_equal(values, other.numbers[moment])


def asked_for(count: int) -> Callable[[Stand], bool]:
    """So many files were asked for."""
    return lambda stand: sum(path.endswith(".nc") for _, path in stand.replay.asked) >= count


def is_there(pattern: str) -> Callable[[Stand], bool]:
    """Such a file is there."""
    return lambda stand: any((stand.folder / NAME).glob(pattern))


RANDOM = random.Random(20)
MOMENTS = [
    *((f"file {n}", asked_for(n)) for n in sorted(RANDOM.sample(range(1, COUNT), 3))),
    ("a part", is_there(f".fetch/{NAME}/downloads/*.part")),
    ("a draft", is_there(".*.draft")),
    ("folding", is_there(f".{NAME}.2023.nc.*.draft")),
    ("folded", is_there(f"{NAME}.2023.nc")),
]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What a fetch makes that nothing disturbs; the same of each stand-in."""
    with serve_replay() as replay:
        again = Stand(replay, tmp_path_factory.mktemp("undisturbed") / "data")
        again.publish(NAME, DAYS)
        finish(again)
        return Found(again)


def test_killed_at_any_moment_it_ends_with_the_same_archive(
    stand: Stand, undisturbed: Found
) -> None:
    stand.publish(NAME, DAYS)
    assert len(undisturbed.numbers) == COUNT
    assert f"{NAME}.2023.nc" in undisturbed.names
    for number, (name, moment) in enumerate(MOMENTS):
        one = replace(stand, folder=stand.folder.with_name(f"killed {number}"))
        stand.replay.asked.clear()
        process = start(one)
        wait_for(lambda one=one, moment=moment: moment(one), process)  # type: ignore[misc]
        time.sleep(RANDOM.uniform(0.0, 0.03))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL, f"it ended before {name}"
        finish(one)
        Found(one).check(undisturbed)


def changed(stand: Stand, *days: str) -> None:
    """Let some files become others at the provider."""
    shelf = stand.replay.shelf
    for path, old in list(shelf.files.items()):
        if any(f"{one:%Y-%m-%d}" in days for one in old.starts):
            later = old.modified + timedelta(days=9)
            shelf.files[path] = replace(old, stream="another", modified=later)


def test_killed_while_steps_are_put_into_a_folded_file_it_ends_with_the_same(
    stand: Stand,
) -> None:
    stand.publish(NAME, DAYS)
    finish(stand)
    changed(stand, "2023-03-01", "2023-08-01")
    again = replace(stand, folder=stand.folder.with_name("undisturbed"))
    finish(again)
    hidden = f".fetch/{NAME}"
    for moment in (
        is_there(f"{hidden}/steps/*.nc"),
        is_there(f"{hidden}/apart/*.nc"),
        is_there(f".{NAME}.2023.nc.*.draft"),
    ):
        process = start(stand, *ARGS, "--recheck")
        wait_for(lambda moment=moment: moment(stand), process)  # type: ignore[misc]
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    finish(stand, recheck=True)
    Found(stand).check(Found(again))
    found = stand.numbers(NAME)[datetime(2023, 3, 1)]
    np.testing.assert_array_equal(found, stand.made(datetime(2023, 3, 1), "another"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_words_and_keeps_what_came(
    stand: Stand, undisturbed: Found, number: signal.Signals
) -> None:
    stand.publish(NAME, DAYS)
    over = silent_from(stand, 8)
    process = start(stand)
    try:
        wait_for(lambda: len(list((stand.folder / NAME).glob("*.nc"))) >= 6, process)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        over()
    assert err.splitlines()[-1] == "Error: the fetch was stopped; what it has is kept"
    assert "Traceback" not in out + err
    assert process.returncode == 1
    before = len(stand.replay.asked)
    finish(stand)
    Found(stand).check(undisturbed)
    again = [path for _, path in stand.replay.asked[before:] if path.endswith(".nc")]
    assert len(again) <= COUNT - 6


def silent_from(stand: Stand, number: int) -> Callable[[], None]:
    """Let the provider fall silent from a file on; returns what ends that."""
    over = threading.Event()
    for path in sorted(stand.replay.shelf.files)[number:]:
        stand.replay.troubles[path] = [silent(over)] * 3

    def end() -> None:
        stand.replay.troubles.clear()
        over.set()

    return end


def test_a_signal_ends_it_while_the_provider_does_not_answer_at_all(stand: Stand) -> None:
    stand.publish(NAME, DAYS)
    over = threading.Event()
    folder = f"{stand.replay.shelf.root(stand.table[NAME])}monthly/2022/11/"
    stand.replay.troubles[folder] = [silent(over)] * 9
    process = start(stand)
    try:
        wait_for(lambda: bool(stand.replay.asked), process)
        process.terminate()
        _, err = process.communicate(timeout=60)
    finally:
        over.set()
        process.kill()
    assert err.splitlines()[-1] == "Error: the fetch was stopped; what it has is kept"


def test_two_at_once_are_one(stand: Stand) -> None:
    (path,) = stand.publish(NAME, "2023-01-01")
    stand.replay.troubles[path] = [dripped(0.3)]
    first = start(stand)
    wait_for(lambda: any(one.endswith(".nc") for _, one in stand.replay.asked), first)
    second = start(stand)
    _, err = second.communicate()
    assert err.strip().endswith(
        f"{NAME} is being fetched by another process; wait until it has ended"
    )
    assert first.wait() == 0, first.communicate()
    assert len(stand.numbers(NAME)) == 1
    first.communicate()


def test_a_full_disk_is_told_and_leaves_nothing_half(
    stand: Stand, undisturbed: Found, small_disk: list[str], tmp_path: Path
) -> None:
    """``small_disk`` mounts 3 MB over ``tmp_path``; what does not fit is 1 MB of ballast more."""
    stand.publish(NAME, DAYS)
    command = (
        f"mkdir -p {stand.folder} && head -c 3030000 /dev/zero > {tmp_path}/ballast && "
        f"{{ {sys.executable} -m csserv {' '.join(ARGS)}; echo code $?; }} && "
        f"find {stand.folder} -name '*.draft' && rm {tmp_path}/ballast && "
        f"{sys.executable} -m csserv {' '.join(ARGS)} && ls {stand.folder}/{NAME}"
    )
    ran = subprocess.run(
        [*small_disk, command], env=environment(stand), capture_output=True, text=True, check=False
    )
    assert "no space left on" in ran.stderr.lower(), ran.stderr
    assert "Traceback" not in ran.stderr
    assert "code 1" in ran.stdout
    assert ".draft" not in ran.stdout
    names = [one for one in undisturbed.names if not one.startswith(".fetch")]
    assert ran.stdout.split()[-len(names) :] == names
