"""Files of sums are trusted as long as they are whole, and the data as they were."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv import Area, Settings
from csserv.catalog import Catalog
from csserv.errors import InvalidRequestError, SettingsError, StaleGranuleError
from csserv.request import Options
from csserv.tasks.sums.sums_folder import sums_bytes
from csserv.tasks.sums.sums_making import make_sums
from csserv.views.request.dataset_card import dataset_html
from tests.files import LAT, LON, Layout, write_granule
from tests.tasks.kept.rain_files import ZONES, choose, settings_of, write_archive
from tests.tasks.sums.summed_files import answer, files, make, planned_sums, without_sums

MONTHS: dict[str, Any] = {
    "operation": "mean,max",
    "area": Area(ZONES[:2], "two"),
    "period": "2018/2019",
    "options": Options(time_step="monthly"),
}


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_archive(
        tmp_path_factory.mktemp("two_years"),
        [(year, month) for year in (2018, 2019) for month in (1, 3, 5)],
    )


@pytest.fixture
def own(two_years: Path, tmp_path: Path) -> Settings:
    """Settings of these files, of which the sums of months are there, and nothing else is."""
    shutil.rmtree(two_years / "data" / ".sums", ignore_errors=True)
    own = settings_of(two_years).model_copy(update={"home": tmp_path / "home"})
    make(own)
    return own


def test_a_file_that_is_exchanged_spoils_its_months_and_no_others(own: Settings, two_years: Path):
    choose(two_years, 2019, 3, 1)
    try:
        whole, found = answer(own, **MONTHS)
        assert found == 12 - 2
        assert whole == without_sums(own, **MONTHS)
        plan = planned_sums(own)
        assert (plan.there, plan.whole) == (10, 12)
        (job,) = plan.jobs  # March and April are read, the others are copied
        assert (len(job.places), job.copied) == (61, {0: 0, 1: 1, 4: 4, 5: 5})
        make(own)
        whole, found = answer(own, **MONTHS)
        assert found == 12
        assert whole == without_sums(own, **MONTHS)
    finally:
        choose(two_years, 2019, 3, 0)


def test_what_is_there_is_not_made_again(own: Settings):
    before = [path.stat().st_mtime_ns for path in files(own)]
    assert make(own).jobs == ()
    assert [path.stat().st_mtime_ns for path in files(own)] == before


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), year=st.integers(0, 1))
@settings(max_examples=20, deadline=None)
def test_a_flipped_bit_changes_no_number(
    summed_copy: Settings, expected: dict[str, Any], place: float, bit: int, year: int
):
    path = files(summed_copy)[year]
    whole = path.read_bytes()
    number = int(place * len(whole))
    path.write_bytes(whole[:number] + bytes([whole[number] ^ (1 << bit)]) + whole[number + 1 :])
    try:
        assert answer(summed_copy, **MONTHS)[0] == expected
    finally:
        path.write_bytes(whole)


@pytest.fixture(scope="module")
def summed_copy(two_years: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a copy, so that others see nothing of what is done to its sums."""
    folder = tmp_path_factory.mktemp("copy")
    (folder / "data").mkdir()
    for path in (two_years / "data").glob("*.nc"):
        (folder / "data" / path.name).symlink_to(path.resolve())
    shutil.copy(two_years / "own.toml", folder)
    own = settings_of(folder)
    make(own)
    return own


@pytest.fixture(scope="module")
def expected(summed_copy: Settings) -> dict[str, Any]:
    return without_sums(summed_copy, **MONTHS)


@pytest.mark.parametrize("length", [0, 1, 100, 2_000, -1, -500])
def test_a_file_that_was_cut_changes_no_number(
    summed_copy: Settings, expected: dict[str, Any], length: int
):
    path = files(summed_copy)[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:length])
    try:
        assert answer(summed_copy, **MONTHS)[0] == expected
        assert len(planned_sums(summed_copy).jobs) <= 1
    finally:
        path.write_bytes(whole)


def test_a_damaged_file_is_made_anew(summed_copy: Settings, expected: dict[str, Any]):
    path = files(summed_copy)[0]
    path.write_bytes(b"no file of sums")
    make(summed_copy)
    whole, found = answer(summed_copy, **MONTHS)
    assert (whole, found) == (expected, 12)


def test_a_file_that_changes_while_it_is_copied_is_planned_again(own: Settings, two_years: Path):
    choose(two_years, 2019, 3, 1)
    try:
        (job,) = planned_sums(own).jobs
        job.target.write_bytes(b"of another process")
        with pytest.raises(StaleGranuleError):
            make_sums(job, lambda share: None)
        assert not list(job.target.parent.glob(".*"))
        make(own)
        assert answer(own, **MONTHS)[1] == 12
    finally:
        choose(two_years, 2019, 3, 0)


def test_a_file_of_another_form_is_not_used(own: Settings):
    for path in files(own):
        with h5py.File(path, "r+") as file:
            file.attrs["form"] = 0
    assert answer(own, **MONTHS)[1] == 0
    make(own)
    assert answer(own, **MONTHS)[1] == 12


def test_sums_are_removed_while_a_request_is_planned_and_done(own: Settings, two_years: Path):
    from csserv import Service
    from csserv.catalog import Catalog
    from csserv.tasks.log.task_log import TaskLog
    from csserv.tasks.run.attempt_plan import plan_attempt
    from tests.halfway import run

    with Service(own, starts_runner=False) as service:
        service.submit("rain", **MONTHS)
    log = TaskLog(own.home)
    task = log.claim(60.0)
    assert task is not None
    catalog = Catalog.read(own.data, own.catalog)
    attempt = plan_attempt(task, log.area(task.request), catalog, own.home)
    shutil.rmtree(own.data / ".sums")
    for calls in (attempt.waiting, *attempt.later):
        for call in calls:
            run(call)
    assert (own.home / "results" / task.id).is_dir()


@pytest.mark.parametrize(
    ("row", "kind", "said"),
    [
        ("", "weekly", "there are those of pentad, dekad, monthly"),
        ('over_time = "max"\n', "monthly", "no sums or means, but max"),
        ('time_step = "month"\n', "dekad", "longer than dekad"),
    ],
)
def test_what_has_no_sums_is_refused_in_words(tmp_path: Path, row: str, kind: str, said: str):
    months = np.array([0.0, 31, 59, 90])
    values = np.ones((4, len(LAT), len(LON)), "f4")
    write_granule(tmp_path / "data/rain.nc", values, LAT, LON, Layout(), months)
    text = '[rain]\ntitle = "R"\nvariable = "rain"\nfiles = "rain.nc"\nunits = "mm/day"\n'
    (tmp_path / "own.toml").write_text(text + row)
    own = Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml")
    with pytest.raises(InvalidRequestError, match=said):
        planned_sums(own, kind)


def test_a_place_that_cannot_be_written_is_named(summed_copy: Settings):
    shutil.rmtree(summed_copy.data / ".sums")
    (summed_copy.data / ".sums").write_text("in the way")
    try:
        with pytest.raises(SettingsError, match=r"\.sums/rain cannot be written: "):
            make(summed_copy)
    finally:
        (summed_copy.data / ".sums").unlink()


def test_the_page_of_data_says_how_much_sums_there_are(own: Settings):
    entry = Catalog.read(own.data, own.catalog)["rain"]
    size = sums_bytes(own.data)["rain"]
    there = [path.stat().st_size for path in (own.data / ".sums").rglob("*.h5")]
    assert size == sum(there) > 0
    card = dataset_html(entry, entry.coverage(), sums=size)
    assert "<dt>Time sums</dt>" in card
    assert "<dt>Time sums</dt>" not in dataset_html(entry, entry.coverage())
