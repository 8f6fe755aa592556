"""All that a process says goes to one log, also what libraries say."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from csserv.logs import LogSettings, set_up_logging
from csserv.settings import Settings, read_settings

LIBRARIES = """
import logging
import sys
from csserv.logs import LogSettings, set_up_logging
if sys.argv[1] == "after":
    import bokeh, distributed, tornado.log
set_up_logging(LogSettings(format="json"), "runner")
import bokeh, distributed, tornado.log
for name in ("bokeh", "distributed", "distributed.scheduler", "tornado.application", "other"):
    logging.getLogger(name).error("said by %s", name)
logging.getLogger("distributed").info("not of use")
logging.getLogger("tornado.access").warning("404 GET /?token=secret")
import warnings
warnings.warn("that is old")
"""


@pytest.mark.parametrize("imported", ["before", "after"])
def test_what_libraries_say_is_a_line_of_the_same_log(imported: str):
    command = [sys.executable, "-c", LIBRARIES, imported]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["message"] for line in lines[:-1]] == [
        "said by bokeh",
        "said by distributed",
        "said by distributed.scheduler",
        "said by tornado.application",
        "said by other",
    ]
    assert lines[-1]["logger"] == "py.warnings"


def test_processes_that_are_started_write_the_same_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    own = LogSettings("warning", "json", tmp_path / "csserv.log", 0, 2)
    undo = set_up_logging(own, "runner")
    try:
        assert LogSettings.from_variables(os.environ) == own
        assert LogSettings.of(read_settings(home=tmp_path)) == own
    finally:
        undo()


def test_empty_variable_is_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CSSERV_LOG_FILE", "")
    assert read_settings(home=tmp_path).log_file is None


def test_command_whose_log_cannot_be_written_says_so_in_a_line(tmp_path: Path):
    variables = {"CSSERV_HOME": str(tmp_path / "home"), "CSSERV_LOG_FILE": str(tmp_path)}
    command = [sys.executable, "-m", "csserv", "run"]
    done = subprocess.run(
        command, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: the log {tmp_path} cannot be written")


def test_undone_it_leaves_nothing_behind():
    root = logging.getLogger()
    before = root.handlers[:], root.level, dict(os.environ)
    set_up_logging(LogSettings(level="error"), "server")()
    assert (root.handlers[:], root.level, dict(os.environ)) == before


def test_defaults_are_those_of_the_settings(tmp_path: Path):
    assert LogSettings.of(Settings(home=tmp_path)) == LogSettings()
    assert LogSettings.from_variables({}) == LogSettings()
