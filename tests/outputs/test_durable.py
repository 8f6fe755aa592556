"""Files that are whole or absent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from csserv.outputs.durable import replace_file


def test_draft_of_a_killed_writer_is_removed_and_that_of_a_living_one_stays(tmp_path: Path):
    killed = subprocess.Popen([sys.executable, "-c", "pass"])
    killed.wait()
    living = subprocess.Popen(["sleep", "60"])
    (tmp_path / f".log.json.{killed.pid}.draft").touch()
    (tmp_path / f".log.json.{living.pid}.draft").touch()
    try:
        replace_file(tmp_path / "log.json", b"{}")
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {"log.json", f".log.json.{living.pid}.draft"}
    finally:
        living.kill()
        living.wait()
