"""Several processes write one log file; no line is lost or torn when it is begun anew."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from csserv.errors import SettingsError
from csserv.logs import LogSettings, set_up_logging
from csserv.logs.shared_file import SharedFile

WRITERS, LINES = 4, 400

WRITE = """
import logging, sys
from pathlib import Path
from csserv.logs.shared_file import SharedFile
handler = SharedFile(Path(sys.argv[1]), size=20_000, keep=100)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    text = f"begin {sys.argv[2]} {number} {'x' * (number % 300)} end"
    handler.handle(logging.LogRecord("test", logging.INFO, "", 0, text, (), None))
"""


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("test", logging.INFO, "", 0, text, (), None)


def test_no_line_of_several_processes_is_lost_or_torn(tmp_path: Path):
    path = tmp_path / "csserv.log"
    command = [sys.executable, "-c", WRITE, str(path)]
    writers = [
        subprocess.Popen([*command, str(one), str(LINES)], stdin=subprocess.PIPE)
        for one in range(WRITERS)
    ]
    for writer in writers:  # all at once
        assert writer.stdin
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    files = sorted(tmp_path.iterdir())
    assert len(files) > 5
    longest = 400  # each writer may have looked at the size just before another one wrote
    assert all(file.stat().st_size <= 20_000 + WRITERS * longest for file in files)
    lines = [line for file in files for line in file.read_text().splitlines()]
    found = sorted(re.fullmatch(r"begin (\d) (\d+) x* end", line).groups() for line in lines)  # type: ignore[union-attr]
    assert found == sorted((str(one), str(n)) for one in range(WRITERS) for n in range(LINES))


def test_no_more_than_so_many_earlier_files_are_kept(tmp_path: Path):
    handler = SharedFile(tmp_path / "csserv.log", size=100, keep=2)
    for number in range(50):
        handler.handle(record(f"line {number}"))
    handler.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "csserv.log",
        "csserv.log.1",
        "csserv.log.2",
    ]
    assert "line 49" in (tmp_path / "csserv.log").read_text()


def test_file_that_logrotate_has_renamed_is_begun_anew(tmp_path: Path):
    path = tmp_path / "csserv.log"
    handler = SharedFile(path)
    handler.handle(record("before"))
    path.rename(tmp_path / "old.log")
    handler.handle(record("after"))
    handler.close()
    assert path.read_text() == "after\n"
    assert (tmp_path / "old.log").read_text() == "before\n"


def test_only_the_owner_reads_it(tmp_path: Path):
    SharedFile(tmp_path / "csserv.log").close()
    assert (tmp_path / "csserv.log").stat().st_mode & 0o077 == 0


def test_full_disk_is_said_once_and_ends_nothing(capfd: pytest.CaptureFixture[str]):
    handler = SharedFile(Path("/dev/full"))
    for _ in range(3):
        handler.handle(record("no room"))
    handler.close()
    assert capfd.readouterr().err.count("the log /dev/full cannot be written") == 1


def test_file_that_cannot_be_renamed_is_written_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    (tmp_path / "csserv.log.1" / "in the way").mkdir(parents=True)
    handler = SharedFile(tmp_path / "csserv.log", size=20, keep=1)
    for number in range(5):
        handler.handle(record(f"line number {number}"))
    handler.close()
    assert (tmp_path / "csserv.log").read_text().count("line number") == 5
    assert capfd.readouterr().err.count("cannot be written") == 1


def test_file_that_cannot_be_is_refused_at_once(tmp_path: Path):
    (tmp_path / "file").write_text("")
    wrong = LogSettings(file=tmp_path / "file" / "csserv.log")
    before = logging.getLogger().handlers[:]
    with pytest.raises(SettingsError, match=r"cannot be written: .* \(CSSERV_LOG_FILE\)"):
        set_up_logging(wrong, "server")
    assert logging.getLogger().handlers == before
