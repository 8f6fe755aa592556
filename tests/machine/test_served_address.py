"""Commands know where the server of a home is while it lives, and never a wrong place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from csserv import Settings
from csserv.cli.requesting import echo_link
from csserv.machine.served_address import NAME, forget_address, served_address, tell_address
from csserv.tasks.log.task import RequestRecord, Task, TaskState

HERE = "http://127.0.0.1:5006"


def test_it_is_known_until_it_is_forgotten(tmp_path: Path) -> None:
    assert served_address(tmp_path) is None
    tell_address(tmp_path, HERE)
    assert served_address(tmp_path) == HERE
    forget_address(tmp_path)
    assert served_address(tmp_path) is None


@pytest.mark.slow
def test_what_a_killed_server_said_or_one_with_its_number_is_not_believed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    for pid, began in ((ended.pid, 1.0), (os.getpid(), 1.0)):
        said = {"address": HERE, "pid": pid, "began": began}
        (tmp_path / NAME).write_text(json.dumps(said))
        assert served_address(tmp_path) is None
    (tmp_path / NAME).write_text(json.dumps({"address": HERE, "pid": ended.pid, "began": 1.0}))
    forget_address(tmp_path)  # of another
    assert (tmp_path / NAME).exists()


@pytest.mark.parametrize("text", ["", "[]", '{"pid": "x"}', '{"pid": 1}', '{"pid": -1}'])
def test_a_damaged_file_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    assert served_address(tmp_path) is None
    forget_address(tmp_path)


def test_a_link_is_printed_beside_the_output_of_who_has_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = RequestRecord("rain", "mean", "2019", "0" * 64, "box", 1, "1" * 64)
    task = replace(Task.of(record, 1), state=TaskState.SUCCEEDED)
    known = Settings(home=tmp_path, address="https://rain.example.org/")
    unknown = Settings(home=tmp_path)
    echo_link(unknown, task)
    echo_link(known, replace(task, state=TaskState.FAILED))
    assert capsys.readouterr() == ("", "")
    echo_link(known, task)
    assert capsys.readouterr() == ("", f"page: https://rain.example.org/r/{task.id}\n")
    tell_address(tmp_path, HERE)
    echo_link(unknown, task)
    assert capsys.readouterr().err == f"page: {HERE}/r/{task.id}\n"


@pytest.mark.parametrize(
    "wrong", ["rain.example.org", "ftp://x.org", "http://", "https://x.org/?a"]
)
def test_an_address_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match=r"write https://rain\.example\.org"):
        Settings(address=wrong)
