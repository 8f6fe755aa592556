from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import netCDF4
import numpy as np
import pytest
import xarray as xr

from csserv.catalog.read.source import READING
from csserv.errors import FetchError, InvalidRequestError
from csserv.ingest.replay.replay_server import serve_replay
from csserv.ingest.stored.box import Box
from tests.cf_checker import complaints
from tests.files import Layout, write_granule

from .conftest import Stand


def days(first: date, count: int, stream: str = "final") -> dict[datetime, str]:
    start = datetime.combine(first, datetime.min.time())
    return {start + timedelta(days=n): stream for n in range(count)}


def change(stand: Stand, ending: str) -> None:
    """Have the provider put up other numbers of a step."""
    files = stand.replay.shelf.files
    path = next(one for one in files if one.endswith(ending))
    later = files[path].modified + timedelta(days=9)
    files[path] = replace(files[path], stream="another", modified=later)


def names_of(stand: Stand, name: str) -> list[str]:
    return [path.name for path, _ in stand.archive(name).files()]


JANUARY = date(2024, 1, 1)


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """An archive of a full month, and of days before and after it, which no test changes."""
    with serve_replay() as replay:
        stand = Stand(replay, tmp_path_factory.mktemp("folded") / "data")
        stand.publish("tamsat", "2023-12-31/2024-02-02")
        stand.fetch("tamsat", "2023-12-31")
        yield stand


def test_an_empty_folder_gets_the_numbers_that_the_provider_has(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01/2024-01-05")
    done = stand.fetch("tamsat", "2024-01-01")
    assert (done.steps, done.failures, done.absent) == (5, [], [])
    stand.check("tamsat", days(JANUARY, 5))
    assert stand.catalog["tamsat"].coverage().bounds == BOUNDS


BOUNDS = (34.0, -2.0, 40.0, 3.0)


def test_a_second_fetch_asks_for_no_file_again(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01/2024-01-05")
    stand.fetch("tamsat", "2024-01-01")
    stand.replay.asked.clear()
    assert stand.fetch("tamsat").steps == 0
    assert not [path for _, path in stand.replay.asked if path.endswith(".nc")]


def test_a_day_more_is_a_file_more_and_a_full_month_becomes_one(folded: Stand) -> None:
    assert names_of(folded, "tamsat") == [
        "tamsat.20231231.nc",
        "tamsat.202401.nc",
        "tamsat.20240201.nc",
        "tamsat.20240202.nc",
    ]
    folded.check("tamsat", days(date(2023, 12, 31), 34))


def test_a_full_year_becomes_one_file_and_a_late_step_goes_into_it(stand: Stand) -> None:
    stand.publish("tamsat_dekad", "2023", skip=(date(2023, 3, 11),))
    stand.fetch("tamsat_dekad", "2023-01-01", "2023-12-31")
    assert [path.name for path, _ in stand.archive("tamsat_dekad").files()] == [
        "tamsat_dekad.2023.nc"
    ]
    stand.publish("tamsat_dekad", "2023-03")
    assert stand.fetch("tamsat_dekad").steps == 1
    assert [path.name for path, _ in stand.archive("tamsat_dekad").files()] == [
        "tamsat_dekad.2023.nc"
    ]
    every = [datetime(2023, month, day) for month in range(1, 13) for day in (1, 11, 21)]
    stand.check("tamsat_dekad", dict.fromkeys(every, "final"))


def test_a_full_year_is_looked_at_again_when_that_is_asked_for(stand: Stand) -> None:
    stand.publish("tamsat_monthly", "2023")
    stand.fetch("tamsat_monthly", "2023-01-01")
    change(stand, "2023_05.v3.1.nc")
    assert stand.fetch("tamsat_monthly").steps == 0
    assert stand.fetch("tamsat_monthly", recheck=True).steps == 1
    every = {datetime(2023, month, 1): "final" for month in range(1, 13)}
    stand.check("tamsat_monthly", every | {datetime(2023, 5, 1): "another"})


def test_final_takes_the_place_of_preliminary_and_both_stay_in_the_ledger(stand: Stand) -> None:
    stand.publish("chirps3", "2024-01-01/2024-01-03", "preliminary")
    stand.fetch("chirps3", "2024-01-01")
    stand.check("chirps3", days(JANUARY, 3, "preliminary"))
    stand.publish("chirps3", "2024-01-01/2024-01-02")
    done = stand.fetch("chirps3")
    assert (done.steps, done.replaced) == (2, 2)
    third = datetime(2024, 1, 3)
    stand.check("chirps3", days(JANUARY, 2) | {third: "preliminary"})
    came = [(one.start.day, one.stream) for one in stand.archive("chirps3").ledger.arrivals()]
    assert came == [
        *((day, "preliminary") for day in (1, 2, 3)),
        *((day, "final") for day in (1, 2)),
    ]


def test_streams_count_in_the_order_of_the_product_however_they_are_named(stand: Stand) -> None:
    stand.publish("chirps3", "2024-01", "preliminary")
    stand.fetch("chirps3", "2024-01-01", streams=("preliminary",))
    assert names_of(stand, "chirps3") == ["chirps3.202401.nc"]
    stand.publish("chirps3", "2024-01/2024-02")
    stand.publish("chirps3", "2024-03-01", "preliminary")
    done = stand.fetch("chirps3", streams=("preliminary", "final", "preliminary"))
    assert (done.steps, done.replaced) == (61, 31)
    stand.check("chirps3", days(JANUARY, 60) | {datetime(2024, 3, 1): "preliminary"})
    folded = [f"chirps3.2024{span}.nc" for span in ("01", "02", "0301")]
    assert names_of(stand, "chirps3") == folded
    assert stand.fetching("chirps3").wanted.streams == ("final", "preliminary")


def test_days_before_the_product_begins_are_told_as_none_by_later_fetches_too(
    stand: Stand,
) -> None:
    stand.publish("tamsat", "2024-01-01/2024-01-02")
    stand.fetch("tamsat", "2024-01-01")
    assert stand.fetching("tamsat", "1960").wanted.first == stand.products["tamsat"].since
    with pytest.raises(InvalidRequestError, match="has the days from 1983-01-01 on, and none"):
        stand.fetching("tamsat", "1960", "1970").plan()


def test_a_file_that_changes_at_the_provider_replaces_its_step_in_a_folded_month(
    stand: Stand,
) -> None:
    stand.publish("tamsat", "2024-01")
    stand.fetch("tamsat", "2024-01-01")
    change(stand, "2024_01_07.v3.1.nc")
    done = stand.fetch("tamsat")
    assert (done.steps, done.replaced) == (1, 1)
    stand.check("tamsat", days(JANUARY, 31) | {datetime(2024, 1, 7): "another"})
    assert names_of(stand, "tamsat") == ["tamsat.202401.nc"]


def test_an_archive_is_one_dataset_to_xarray_also_where_only_some_of_it_is_folded(
    folded: Stand,
) -> None:
    folder = folded.archive("tamsat").folder
    with xr.open_mfdataset(
        folder.glob("*.nc"), engine="netcdf4", data_vars="all", join="exact"
    ) as opened:
        assert opened.sizes["time"] == 34
        assert opened["stream"].values.tolist() == ["final"] * 34
        found = opened["precipitation_amount"].sel(time=["2024-01-10", "2024-02-02"]).values
    numbers = folded.numbers("tamsat")
    for values, day in zip(found, (datetime(2024, 1, 10), datetime(2024, 2, 2)), strict=True):
        np.testing.assert_array_equal(values, numbers[day])


@pytest.mark.parametrize("calendar", ["360_day", "all_leap"])
def test_a_file_of_other_hands_with_days_that_there_are_not_keeps_nothing(
    stand: Stand, calendar: str
) -> None:
    stand.publish("tamsat", "2023-02")
    stand.fetch("tamsat", "2023-02-01", "2023-02-03")
    other = stand.archive("tamsat").path("other")
    layout = Layout(calendar=calendar, units="days since 2023-01-01")
    place = 2.875 - 0.25 * np.arange(20), 34.125 + 0.25 * np.arange(24)
    write_granule(other, np.ones((60, 20, 24)), *place, layout)  # to 29 or 30 February
    with READING, netCDF4.Dataset(other, "a") as file:
        file.renameVariable("rain", "precipitation_amount")
    assert stand.fetch("tamsat").steps == 25
    assert names_of(stand, "tamsat") == ["tamsat.202302.nc"]
    assert other.exists()
    assert stand.fetch("tamsat").steps == 0


def test_each_step_says_where_and_when_it_came_from(folded: Stand) -> None:
    with READING, netCDF4.Dataset(folded.archive("tamsat").path("202401")) as file:
        assert str(file["stream"][30]) == "final"
        assert str(file["source_address"][30]).endswith("2024/01/rfe2024_01_31.v3.1.nc")
        assert str(file["retrieved"][30]).startswith("20")
        assert "fetch: from http" in file.history


def test_days_that_the_provider_lacks_are_named_and_come_later(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01/2024-01-05", skip=(date(2024, 1, 3),))
    fetching = stand.fetching("tamsat", "2024-01-01")
    plan = fetching.plan()
    assert plan.gaps == (datetime(2024, 1, 3),)
    fetching.run(plan)
    stand.publish("tamsat", "2024-01-03")
    assert stand.fetch("tamsat").steps == 1
    stand.check("tamsat", days(JANUARY, 5))


def test_another_box_or_stream_is_refused_and_nothing_changes(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01/2024-01-02")
    stand.fetch("tamsat", "2024-01-01")
    with pytest.raises(InvalidRequestError, match="begun with the box 34 -2 40 3"):
        stand.fetch("tamsat", box=Box(33.0, -2.0, 40.0, 3.0))
    with pytest.raises(InvalidRequestError, match="no stream 'finall'; it has final"):
        stand.fetch("tamsat", streams=("finall",))
    stand.check("tamsat", days(JANUARY, 2))


def test_a_box_outside_of_the_data_is_refused(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01")
    with pytest.raises(InvalidRequestError, match="the box 100 -2 110 3 lies outside the data"):
        stand.fetch("tamsat", "2024-01-01", box=Box(100.0, -2.0, 110.0, 3.0))


def test_a_file_of_another_day_than_its_name_says_is_refused(stand: Stand) -> None:
    (path,) = stand.publish("tamsat", "2024-01-02")
    shelf = stand.replay.shelf
    old = shelf.files[path]
    shelf.files[path] = type(old)(
        path, old.product, old.stream, (datetime(2024, 1, 9),), old.modified
    )
    done = stand.fetch("tamsat", "2024-01-01")
    assert not done.steps
    assert "called" in done.failures[0].why


def test_a_provider_that_fails_and_fails_is_left_alone(stand: Stand) -> None:
    paths = stand.publish("tamsat", "2024-01-01/2024-01-20")
    for path in paths:
        stand.replay.troubles[path] = [lambda handler, _: refuse(handler)] * 9
    done = stand.fetch("tamsat", "2024-01-01")
    assert len(done.failures) == 5
    assert done.skipped == 15


def refuse(handler: object) -> bool:
    handler.send_page("<html>down</html>", 503)  # type: ignore[attr-defined]
    return True


def test_a_folder_that_is_not_there_is_told(stand: Stand) -> None:
    with pytest.raises(FetchError, match="is not there"):
        stand.fetch("tamsat", "2024-01-01", "2024-01-05")


@pytest.mark.slow
def test_files_follow_the_cf_conventions_and_open_without_a_warning(stand: Stand) -> None:
    """With several marks of missing values, and with packed numbers; as they come, and folded."""
    stand.publish("tamsat_monthly", "2023-01/2024-01")
    stand.publish("eviirs_ndvi_east_africa", "2024-01-01/2024-01-05")
    for name in ("tamsat_monthly", "eviirs_ndvi_east_africa"):
        stand.fetch(name, "2023-01-01")
        for path, _ in stand.archive(name).files():
            assert complaints(path) == []
            xr.open_dataset(path, engine="netcdf4").close()


def test_a_product_of_several_names_is_fetched_into_its_folder(stand: Stand) -> None:
    """The catalog finds CHIRPS 2 by the names of ClimateSERV, or of its provider."""
    stand.publish("chirps", "2024-03-01")
    stand.fetch("chirps", "2024-03-01", "2024-03-01")
    assert (stand.folder / "chirps" / "chirps-v2.0.20240301.days_p05.nc").exists()
    assert [path.name for path in stand.folder.iterdir()] == ["chirps"]
    stand.check("chirps", {datetime(2024, 3, 1): "final"})
