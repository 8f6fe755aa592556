"""Headers on disk may be lost, damaged or shut away at any time; then files are read anew."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from csserv.catalog import Granule, Header
from csserv.catalog.header_store.header_file import HeaderFile
from csserv.catalog.header_store.known_headers import Headers
from csserv.catalog.header_store.store_folder import OTHERS
from csserv.catalog.read.corrections import Corrections
from csserv.catalog.read.granule import ReadHeader
from csserv.catalog.signature import JUST_NOW, Signature
from csserv.errors import GranuleError
from tests.catalog.header_store.same import plain
from tests.files import LAT, LON, write_granule

pytestmark = pytest.mark.slow

FILES = 7


@dataclass(frozen=True)
class Seen(Granule):
    """A granule that tells when its file is read."""

    log: list[str] = field(default_factory=list, repr=False, compare=False)

    def read_header(self, signed: Signature, read: ReadHeader | None = None) -> Header:
        self.log.append(self.path.name)
        return super().read_header(signed, read)


@dataclass
class Process:
    """What a process knows: it begins with nothing in memory."""

    data: Path
    cache: Path | None
    variable: str = "rain"
    corrections: Corrections = field(default_factory=Corrections)
    read: list[str] = field(default_factory=list)
    headers: Headers = field(init=False)

    def __post_init__(self) -> None:
        self.headers = Headers(self.cache)

    def look(self, pattern: str = "rain/*.nc") -> dict[Path, object]:
        """What the files say; ``read`` names those that were opened for it."""
        self.read.clear()
        found = self.headers.look(self.data, pattern, self._granule)
        return {
            path: str(one) if isinstance(one, GranuleError) else plain(one)
            for path, one in found.items()
        }

    def _granule(self, path: Path) -> Granule:
        return Seen(path, self.variable, self.corrections, self.read)


def settle(folder: Path) -> None:
    """Wait until any change of the files in a folder would be seen."""
    newest = max(path.stat().st_ctime for path in folder.rglob("*"))
    time.sleep(max(0.0, newest + JUST_NOW + 0.05 - time.time()))


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("settled")
    for number in range(FILES):
        values = np.full((2, 16, 20), float(number))
        days = np.arange(2) + 2 * number
        write_granule(data / "rain" / f"rain_{number}.nc", values, LAT, LON, days=days)
    settle(data)
    return data


@pytest.fixture
def data(settled: Path, tmp_path: Path) -> Path:
    """The same files by names of this test alone."""
    shutil.copytree(settled, tmp_path / "data", symlinks=True)
    return tmp_path / "data"


@pytest.fixture
def cache(settled: Path, tmp_path: Path) -> Path:
    """What a process has kept of all files."""
    Process(settled, tmp_path / "cache").look()
    return tmp_path / "cache"


def store(cache: Path) -> Path:
    return HeaderFile(cache).path


def fresh(settled: Path) -> dict[Path, object]:
    return Process(settled, None).look()


def test_a_fresh_process_reads_no_file_that_is_known(settled: Path, cache: Path):
    one = Process(settled, cache)
    assert one.look() == fresh(settled)
    assert one.read == []


def test_without_a_folder_they_are_kept_in_memory(settled: Path):
    one = Process(settled, None)
    first = one.look()
    assert len(one.read) == FILES
    assert one.look() == first
    assert one.read == []


@pytest.mark.parametrize(
    "other", [{"variable": "snow"}, {"corrections": Corrections(units="mm/month")}]
)
def test_what_a_row_corrects_is_part_of_the_key(settled: Path, cache: Path, other: dict):
    one = Process(settled, cache, **other)
    assert one.look() == Process(settled, None, **other).look() != fresh(settled)
    assert len(one.read) == FILES


def lose(path: Path) -> None:
    shutil.rmtree(path.parent)


def lose_file(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def scribble(path: Path) -> None:
    path.write_bytes(b"<html>no database</html>" * 400)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def spoil_row(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("UPDATE rows SET body = zeroblob(length(body))")


def spoil_large(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("UPDATE rows SET body = substr(body, 1, 100), checksum = 0")


def other_tables(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("DROP TABLE rows")
        file.execute("CREATE TABLE rows (something TEXT)")


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def open_to_others(path: Path) -> None:
    path.parent.chmod(0o777)


def shut(path: Path) -> None:
    path.parent.chmod(0)


def folder_in_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


HARMS = [
    *(lose, lose_file, empty, scribble, cut, spoil_row, spoil_large, other_tables),
    *(link, open_to_others, shut, folder_in_place),
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_store_that_cannot_be_used_costs_one_reading_and_no_error(
    settled: Path, cache: Path, harm: Callable[[Path], None]
):
    path = store(cache)
    harm(path)
    try:
        one = Process(settled, cache)
        assert one.look() == fresh(settled)
        assert len(one.read) in (0, FILES)  # the owner of all files may enter any folder
        assert one.look() == fresh(settled)
        assert one.read == []
    finally:
        path.parent.chmod(0o700)


@pytest.mark.parametrize("harm", [lose, empty, scribble, cut, spoil_row, spoil_large, other_tables])
def test_a_damaged_store_is_made_anew(settled: Path, cache: Path, harm: Callable[[Path], None]):
    harm(store(cache))
    Process(settled, cache).look()
    later = Process(settled, cache)
    later.look()
    assert later.read == []


def test_what_others_could_have_written_is_not_read(settled: Path, cache: Path):
    store(cache).chmod(0o666)
    one = Process(settled, cache)
    one.look()
    assert len(one.read) == FILES


def test_one_line_in_the_log_says_that_it_cannot_be_used(
    settled: Path, cache: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    store(cache).chmod(0o666)
    one = Process(settled, cache)
    one.look()
    one.look("**/rain_*.nc")
    said = [one.getMessage() for one in caplog.records]
    assert len(said) == 1
    assert "read anew" in said[0]
    assert "others can write" in said[0]


def test_while_another_process_writes_for_long_files_are_read_anew(settled: Path, cache: Path):
    with sqlite3.connect(store(cache), isolation_level=None) as busy:
        busy.execute("BEGIN EXCLUSIVE")
        other = Process(settled, cache, corrections=Corrections(units="mm/month"))
        assert len(other.look()) == FILES
        assert len(other.read) == FILES
        busy.execute("ROLLBACK")


def test_a_full_disk_costs_one_reading_and_no_error(
    settled: Path, small_disk: list[str], tmp_path: Path
):
    script = tmp_path.parent / "look.py"
    script.write_text(LOOKING)
    words = [sys.executable, str(script), str(settled), str(tmp_path / "cache")]
    fill = f"mkdir {tmp_path}/cache; cat /dev/zero > {tmp_path}/full 2> /dev/null; "
    found = subprocess.run(
        [*small_disk, fill + " ".join(words)], capture_output=True, text=True, check=False
    )
    assert found.stdout.split() == [str(FILES)], found.stderr


LOOKING = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from csserv.catalog import Granule, Header
    from csserv.catalog.header_store.known_headers import Headers

    def look():
        found = Headers(Path(sys.argv[2])).look(
            Path(sys.argv[1]), "rain/*.nc", lambda path: Granule(path, "rain")
        )
        return sum(isinstance(one, Header) for one in found.values())

    print(look(), flush=True)
    """
)


def started(script: Path, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(script), *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_look_at_once_share_what_they_read(settled: Path, tmp_path: Path):
    script, cache = tmp_path / "look.py", tmp_path / "cache"
    script.write_text(LOOKING)
    several = [started(script, settled, cache) for _ in range(3)]
    assert [one.communicate()[0].strip() for one in several] == [str(FILES)] * 3
    later = Process(settled, cache)
    assert later.look() == fresh(settled)
    assert later.read == []


WRITING = LOOKING.replace(
    "print(look(), flush=True)",
    textwrap.dedent(
        """
        from csserv.catalog.header_store.header_file import HeaderFile
        file, data = HeaderFile(Path(sys.argv[2])), Path(sys.argv[1])
        header = Granule(data / "rain" / "rain_0.nc", "rain").header()
        for number in range(1_000_000):
            file.save("another", data, {f"{number}.{i}": header for i in range(20)})
            print(number, flush=True)
        """
    ),
)


@pytest.mark.parametrize("deletes", [False, True])
def test_killed_while_it_writes_or_deleted_while_in_use_nothing_else_is_lost(
    settled: Path, cache: Path, tmp_path: Path, deletes: bool
):
    script = tmp_path / "write.py"
    script.write_text(WRITING)
    for written in (3, 8, 70):  # rows are joined after some time
        with started(script, settled, cache) as writer:
            assert writer.stdout
            for _ in range(written):
                assert writer.stdout.readline()
            if deletes:
                gone = cache.rename(tmp_path / f"gone-{written}")
                shutil.rmtree(gone, ignore_errors=True)  # it may be written to
                for _ in range(3):
                    assert writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
        one = Process(settled, cache)
        assert one.look() == fresh(settled)
        assert one.read == [] or deletes


def test_versions_keep_theirs_apart_and_only_the_latest_ones(settled: Path, tmp_path: Path):
    mine = store(tmp_path).parent.name
    uid = os.geteuid()
    for number in range(5):
        older = tmp_path / f"headers-{number:012}-{uid}"
        older.mkdir()
        os.utime(older, (number, number))
    (tmp_path / f"headers-0-{uid + 1}").mkdir()
    Process(settled, tmp_path).look()
    kept = {path.name for path in tmp_path.iterdir()}
    latest = {f"headers-{number:012}-{uid}" for number in range(5 - OTHERS, 5)}
    assert kept == {mine, f"headers-0-{uid + 1}"} | latest


def test_only_their_owner_can_read_them(cache: Path):
    assert store(cache).stat().st_mode & 0o077 == 0
    assert store(cache).parent.stat().st_mode & 0o077 == 0


def test_rows_of_many_looks_are_joined_and_those_of_files_that_are_gone_left_out(
    settled: Path, tmp_path: Path
):
    file = HeaderFile(tmp_path)
    header = Granule(settled / "rain" / "rain_0.nc", "rain").header()
    for number in range(70):
        name = "rain_0.nc" if number == 3 else f"gone_{number}.nc"
        file.save("here", settled / "rain", {name: replace(header, title=name)})
    with sqlite3.connect(file.path) as database:
        (rows,) = database.execute("SELECT count(*) FROM rows").fetchone()
    assert rows < 10
    found, _ = file.load("here")
    assert found["rain_0.nc"].title == "rain_0.nc"


def test_file_changed_within_the_same_second_and_of_the_same_size_is_read_anew(
    data: Path, tmp_path: Path
):
    path = data / "rain" / "rain_0.nc"
    for step, title in enumerate(("aa", "bb", "cc")):
        before = path.stat()
        other = write_titled(data / f".{step}.nc", title)
        path.write_bytes(other.read_bytes())  # in place: the same inode
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        for _ in range(2):
            for process in (Process(data, tmp_path / "cache"), Process(data, None)):
                found = process.headers.look(data, "rain/*.nc", lambda p: Granule(p, "rain"))
                header = found[path]
                assert isinstance(header, Header)
                assert header.title == title


def write_titled(path: Path, title: str) -> Path:
    import netCDF4

    write_granule(path, np.ones((2, 16, 20)), LAT, LON)
    with netCDF4.Dataset(path, "r+") as file:
        file.title = title
    return path


def test_file_that_changes_in_a_running_process_is_read_anew_and_no_other(
    data: Path, tmp_path: Path
):
    settle(data)
    one = Process(data, tmp_path / "cache")
    one.look()
    changed = data / "rain" / "rain_3.nc"
    write_granule(changed, np.ones((5, 16, 20)), LAT, LON)
    assert one.look() == Process(data, None).look()
    assert set(one.read) == {"rain_3.nc"}
    changed.unlink()
    assert one.look() == Process(data, None).look()
    assert one.read == []


def test_hard_links_of_one_file_each_have_its_header(data: Path, tmp_path: Path):
    other = data / "rain" / "rain_9.nc"
    other.hardlink_to(data / "rain" / "rain_0.nc")
    settle(data)
    Process(data, tmp_path / "cache").look()
    one = Process(data, tmp_path / "cache")
    found = one.look()
    assert one.read == []
    assert found == Process(data, None).look()
    other.unlink()  # changes the inode of the first
    assert one.look() == Process(data, None).look()
    assert one.read == ["rain_0.nc"]


def test_files_that_cannot_be_read_are_tried_each_time(data: Path, tmp_path: Path):
    broken = data / "rain" / "rain_2.nc"
    broken.write_bytes(b"GRIB" + bytes(100))
    settle(data)
    Process(data, tmp_path / "cache").look()
    one = Process(data, tmp_path / "cache")
    assert "GRIB" in str(one.look()[broken])
    assert one.read == ["rain_2.nc"]


def test_folders_moved_with_their_files_are_told_apart_by_their_place(data: Path, tmp_path: Path):
    settle(data)
    Process(data, tmp_path / "cache").look()
    data.rename(tmp_path / "moved")
    moved = Process(tmp_path / "moved", tmp_path / "cache")
    assert moved.look() == Process(tmp_path / "moved", None).look()
