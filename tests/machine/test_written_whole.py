"""A file is what it was, or absent, until what is written in its place is whole."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import csserv
from csserv.machine.written_whole import written_whole

#: the modules that put a draft into its place, and why
BY_HAND = {
    "machine/written_whole.py": "for all others",
    "catalog/own_layers/layer_folder.py": "several files of a layer appear together, under a lock",
    "tasks/log/on_disk/area_files.py": "the draft is handed on, and named by who writes it",
    "http/derived_files.py": "several makers fill a folder of their own",
}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("kind", ["synced", "private", "alone", "swept"])
@pytest.mark.parametrize("before", [None, b"old"])
def test_it_is_whole_or_what_it_was(tmp_path: Path, kind: str, before: bytes | None) -> None:
    target = tmp_path / "it[1].txt"
    if before is not None:
        target.write_bytes(before)
    with pytest.raises(KeyboardInterrupt):
        _interrupted(target, **{kind: True})
    assert (target.read_bytes() if target.exists() else None) == before
    with written_whole(target, **{kind: True}) as draft:
        draft.write_bytes(b"new")
        assert (target.read_bytes() if target.exists() else None) == before
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_what_nobody_writes_takes_no_place(tmp_path: Path) -> None:
    target = tmp_path / "it.txt"
    target.write_bytes(b"old")
    for synced in (True, False):
        with pytest.raises(FileNotFoundError), written_whole(target, synced=synced):
            pass
        assert target.read_bytes() == b"old"


def test_permissions_are_those_of_before_or_of_the_owner_alone(tmp_path: Path) -> None:
    open_one, closed = tmp_path / "open.txt", tmp_path / "closed.txt"
    with written_whole(open_one) as draft:
        draft.write_bytes(b"1")
    assert mode_of(open_one) == 0o666 & ~_umask()
    open_one.chmod(0o640)
    with written_whole(open_one) as draft:
        draft.write_bytes(b"2")
    assert mode_of(open_one) == 0o640
    closed.write_bytes(b"0")
    closed.chmod(0o644)
    with written_whole(closed, private=True) as draft:
        assert mode_of(draft) == 0o600  # before anything is in it
        draft.write_bytes(b"1")
    assert mode_of(closed) == 0o600


def _interrupted(target: Path, **how: bool) -> None:
    with written_whole(target, **how) as draft:
        draft.write_bytes(b"ha")
        raise KeyboardInterrupt


def _umask() -> int:
    found = os.umask(0)
    os.umask(found)
    return found


@pytest.mark.slow
def test_a_killed_writer_leaves_the_file_and_the_next_one_removes_its_draft(tmp_path: Path) -> None:
    target, other = tmp_path / "it.txt", tmp_path / ".it.txt.more.0.draft"
    target.write_bytes(b"old")
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from csserv.machine.written_whole import written_whole\n"
        "with written_whole(Path(sys.argv[1]), alone=True) as draft:\n"
        "    draft.write_bytes(b'ha'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(target)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert target.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 2
    with written_whole(target, alone=True) as draft:
        draft.write_bytes(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["it.txt"]
    assert not other.exists()


def test_drafts_of_one_file_take_their_place_nowhere_else() -> None:
    package = Path(csserv.__file__).parent
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if re.search(r"draft(\.path)?\.replace\(", path.read_text("utf-8"))
    }
    assert found == BY_HAND.keys()
