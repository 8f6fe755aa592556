"""What a worker must show before it is given work: code, versions, folders, a real value."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import csserv
from csserv import Settings
from csserv.catalog.read.source import Source
from csserv.errors import GranuleError, StaleGranuleError, UnfitWorkerError
from csserv.machine.patience import Patience
from csserv.outputs.own_code import COMPUTING_FOLDERS, OWN_CODE, hash_code
from csserv.tasks.run.blame import look_at
from csserv.tasks.work.proof import Proof, prove
from tests.halfway import BOX, planned

PACKAGE = Path(csserv.__file__).parent


@pytest.fixture
def proof(here: Settings) -> Proof:
    (found,) = planned(here, "columns", "mean", BOX).proof.args
    assert isinstance(found, Proof)
    return found


@pytest.fixture
def own_file(proof: Proof, tmp_path: Path) -> Source:
    """A source of a file of its own, which a test may spoil; as it was before."""
    path = tmp_path / "own.nc"
    shutil.copy2(proof.source.path, path)
    stat = path.stat()
    mine = proof.source.signature._replace(inode=stat.st_ino, mtime_ns=stat.st_mtime_ns)
    return replace(proof.source, path=path, signature=mine)


def test_who_sees_the_same_passes_and_leaves_nothing_behind(proof: Proof):
    before = list(proof.work.rglob("*"))
    prove(proof)
    assert list(proof.work.rglob("*")) == before


def test_other_code_is_told(proof: Proof):
    with pytest.raises(UnfitWorkerError, match="runs other code of csserv than the runner"):
        prove(replace(proof, code="0" * 64))


def test_the_hash_of_code_depends_on_what_computes_and_not_on_faces(tmp_path: Path):
    copy = tmp_path / "csserv"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert hash_code(copy) == OWN_CODE
    with (copy / "cli" / "operating.py").open("a") as file:
        file.write("# another line\n")
    assert hash_code(copy) == OWN_CODE
    for name in ("zonal/statistics.py", "units/everyday.json"):
        before = (copy / name).read_text()
        (copy / name).write_text(before + "\n")
        assert hash_code(copy) != OWN_CODE
        (copy / name).write_text(before)


def test_all_that_a_worker_loads_is_in_the_hash():
    script = "import sys, csserv.tasks.work.worker_calls, csserv.tasks.work.archives.fetch_call\n"
    script += "print(*[name for name in sys.modules if name.startswith('csserv.')])"
    command = [sys.executable, "-c", script]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    folders = {name.split(".")[1] for name in loaded}
    assert {one for one in folders if (PACKAGE / one).is_dir()} <= set(COMPUTING_FOLDERS)


def test_other_versions_are_named_with_those_of_the_runner(proof: Proof):
    other = dict(proof.versions) | {"numpy": "1.0", "cruncher": "2.0"}
    own = proof.versions["numpy"]
    said = rf"^has numpy {own} \(the runner 1\.0\), cruncher none \(the runner 2\.0\)$"
    with pytest.raises(UnfitWorkerError, match=said):
        prove(replace(proof, versions=other))


def test_a_home_that_it_does_not_see_is_told(proof: Proof, tmp_path: Path):
    with pytest.raises(UnfitWorkerError, match=f"does not see the folder {tmp_path}/nowhere"):
        prove(replace(proof, work=tmp_path / "nowhere" / "task.1"))


def test_a_file_that_is_not_there_or_another_one_is_told(proof: Proof, own_file: Source):
    prove(replace(proof, source=own_file))
    assert look_at([own_file], Patience()) is None
    own_file.path.write_bytes(b"other")
    with pytest.raises(StaleGranuleError, match=r"own\.nc has changed since"):
        prove(replace(proof, source=own_file))
    assert "has changed" in str(look_at([own_file], Patience()))
    own_file.path.unlink()
    with pytest.raises(StaleGranuleError, match=r"own\.nc is gone"):
        prove(replace(proof, source=own_file))
    assert "own.nc is gone" in str(look_at([proof.source, own_file], Patience()))


def test_a_value_is_really_read(proof: Proof, own_file: Source):
    assert own_file.index is not None
    offset, size = own_file.index.find(own_file.index.origin)
    with own_file.path.open("r+b") as file:
        file.seek(offset)
        file.write(os.urandom(size))
    stat = own_file.path.stat()
    same = replace(own_file, signature=own_file.signature._replace(mtime_ns=stat.st_mtime_ns))
    with pytest.raises(GranuleError, match=r"cannot read own\.nc: damaged chunk"):
        prove(replace(proof, source=same))


def test_the_runner_does_not_wait_for_a_file_that_does_not_open(own_file: Source):
    own_file.path.unlink()
    os.mkfifo(own_file.path)
    error = look_at([own_file], Patience(0.1))
    assert "own.nc has not answered for" in str(error)
    with own_file.path.open("wb"):  # lets the thread end
        pass
