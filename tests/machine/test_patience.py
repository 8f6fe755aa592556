"""What waits for a file that does not answer ends in time, and names the file."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from csserv import Service
from csserv.catalog import Catalog, Header
from csserv.catalog.header_store.patient_reader import library_trouble
from csserv.catalog.own_layers import LayerFolder
from csserv.catalog.read.source import READING
from csserv.errors import SilentFileError
from csserv.machine.patience import BUSY, Patience, Touch
from csserv.request import Area, Period
from csserv.settings import Settings
from csserv.tasks.work.in_process import compute_series
from tests.silent import silent

#: waits for a file as long as a test wants to [s]
SHORT = 0.3


@contextmanager
def pipe(path: Path) -> Iterator[Path]:
    """A pipe whose opening waits until the end of the test."""
    os.mkfifo(path)
    yield path
    os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))


def until_answered() -> None:
    """Wait until no call waits for a file any more."""
    while any(one.name == BUSY for one in threading.enumerate()):
        time.sleep(0.01)


def opened(path: Path, touch: Touch) -> str:
    touch(path)
    with path.open() as file:
        return file.read()


def test_an_answer_is_passed_on_and_so_is_an_error(tmp_path: Path):
    patience = Patience()
    (tmp_path / "a").write_text("1")
    assert patience.call("a", lambda touch: opened(tmp_path / "a", touch)) == "1"
    with pytest.raises(FileNotFoundError):
        patience.call("a", lambda touch: opened(tmp_path / "b", touch))
    assert patience.silences() == []


def test_a_silent_file_is_named_and_those_who_come_later_are_told_at_once(tmp_path: Path):
    patience = Patience(SHORT)
    with pipe(tmp_path / "x.nc") as path:
        for _ in range(2):
            with pytest.raises(SilentFileError, match=rf"{tmp_path.name}/x\.nc has not answered"):
                patience.call("data", lambda touch: opened(path, touch))
        (silence,) = patience.silences()
        assert silence.file == f"{tmp_path.name}/x.nc"
        assert sum(one.name == BUSY for one in threading.enumerate()) == 1
        assert patience.call("others", lambda touch: 1) == 1
        with path.open("w"):  # it answers again
            pass
        until_answered()
    assert patience.silences() == []
    assert patience.call("data", lambda touch: 2) == 2


def test_many_files_that_answer_may_take_longer_than_one(tmp_path: Path):
    patience, pause = Patience(SHORT), threading.Event()

    def slowly(touch: Touch) -> int:
        for number in range(6):
            touch(f"{number}.nc")
            pause.wait(SHORT / 2)
        return 6

    assert patience.call("data", slowly) == 6


def test_a_thread_that_waits_for_a_file_does_not_keep_the_process(tmp_path: Path):
    os.mkfifo(tmp_path / "x.nc")
    code = (
        "import sys; from csserv.machine.patience import Patience\n"
        f"try: Patience({SHORT}).call(1, lambda touch: open(sys.argv[1]))\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "x.nc"], capture_output=True, text=True, check=True
    )
    assert "has not answered" in done.stdout


def test_a_silent_file_spoils_only_the_days_it_may_hold(settings: Settings):
    patience = Patience(SHORT)
    entry = Catalog.read(settings.data, settings.catalog, patience=patience)["rain"]
    with silent(settings.data / "rain" / "rain_2.nc"):
        assert len(entry.covering(Period.parse("2019-01"))) == 31
        with pytest.raises(SilentFileError, match=r"rain/rain_2\.nc has not answered"):
            entry.covering(Period.parse("2019-02"))
        assert entry.is_here
    until_answered()
    assert len(entry.covering(Period.parse("2019-02"))) == 28


def test_a_dataset_whose_files_are_all_silent_is_given_up(settings: Settings):
    patience = Patience(SHORT)
    headers = Catalog.read(settings.data, settings.catalog, patience=patience)["rain"].headers
    first = settings.data / "rain" / "rain_1.nc"
    for number in range(3, 9):
        first.with_name(f"rain_{number}.nc").symlink_to(first)
    entry = replace(Catalog.read(settings.data, settings.catalog)["rain"], headers=headers)
    with silent(first), pytest.raises(SilentFileError):
        entry.coverage()


def test_who_waits_for_another_reader_is_told_as_well(settings: Settings):
    patience = Patience(SHORT)
    entry = Catalog.read(settings.data, settings.catalog, patience=patience)["rain"]
    found: list[object] = []

    def look() -> None:
        try:
            headers = entry.headers.look(entry.data, entry.files, entry.granule)
            found.extend(one for one in headers.values() if not isinstance(one, Header))
        except SilentFileError as error:
            found.append(error)

    with silent(settings.data / "rain" / "rain_1.nc"):
        threads = [threading.Thread(target=look) for _ in range(3)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert [type(one) for one in found] == [SilentFileError] * 3


def test_a_silent_table_leaves_the_datasets_as_they_were(settings: Settings):
    table = settings.data / "datasets.toml"
    table.write_text('[snow]\ntitle = "Snow"\nvariable = "snow"\nfiles = "snow/*.nc"\n')
    catalog = Catalog.read(settings.data, settings.catalog, patience=Patience(SHORT))
    with silent(table):
        os.utime(table)
        assert "snow" in catalog
        assert "wind" not in catalog


def test_silent_layers_are_left_out(tmp_path: Path):
    (tmp_path / "layers").mkdir()
    with pipe(tmp_path / "layers" / "mine.layer"):
        assert list(LayerFolder(tmp_path, Patience(SHORT))()) == []


def test_a_check_of_a_result_waits_no_longer_for_a_file_either(settings: Settings):
    own = settings.model_copy(update={"file_timeout": 1.0})
    with Service(own, starts_runner=False) as service:
        request = service.request("rain", "mean", Area.from_box(22, -2, 26, 2), "2019-01")
        entry = service.catalog["rain"]
        timeline = entry.covering(request.period)
        with (
            silent(settings.data / "rain" / "rain_1.nc"),
            pytest.raises(SilentFileError, match=r"rain/rain_1\.nc has not answered"),
        ):
            compute_series(entry, timeline, request)


def test_a_call_ends_when_its_service_is_closed(settings: Settings):
    patience, found = Patience(), queue.Queue[SilentFileError]()
    with pipe(settings.data / "x.nc") as path:
        is_touched = threading.Event()

        def open_it(touch: Touch) -> str:
            touch(path)
            is_touched.set()
            return path.read_text()

        def wait() -> None:
            try:
                patience.call("x", open_it)
            except SilentFileError as error:
                found.put(error)

        threading.Thread(target=wait).start()
        is_touched.wait()
        patience.close()
        assert found.get(timeout=60).file == "data/x.nc"


def test_a_file_over_which_the_library_hangs_is_named_by_who_wants_to_read_others(
    settings: Settings,
):
    patience, is_inside = Patience(SHORT), threading.Event()
    entry = Catalog.read(settings.data, settings.catalog, patience=patience)["rain"]
    with pipe(settings.data / "x.nc") as path:

        def hang(touch: Touch) -> str:
            touch(path)
            with READING:
                is_inside.set()
                return path.read_text()

        with pytest.raises(SilentFileError):
            patience.call("x", hang)
        assert is_inside.is_set()
        with pytest.raises(SilentFileError, match=r"data/x\.nc has not answered"):
            entry.coverage()
        while not library_trouble(patience):
            threading.Event().wait(SHORT)
        assert "data/x.nc has not answered" in library_trouble(patience)
    until_answered()
    assert library_trouble(patience) == ""
    assert entry.coverage().steps == 59
