from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import Message

import pytest

from csserv.errors import FetchCancelledError, FetchError
from csserv.ingest.open_fetch import Asked, Fetching
from csserv.ingest.products.product_table import Product
from csserv.ingest.replay.cds_jobs import PATH as JOBS
from csserv.ingest.replay.cds_jobs import CdsJobs
from csserv.ingest.replay.cmr_search import PATH as SEARCH
from csserv.ingest.replay.cmr_search import CmrSearch
from csserv.ingest.replay.published import PublishedFile
from csserv.ingest.replay.replay_server import Replay, ReplayHandler, serve_replay
from csserv.request import Period

from .conftest import BOX, QUICK, Stand
from .troubles import answered, heard, refused, reset, sent_to

FIRST = datetime(2024, 1, 1)


@pytest.fixture
def searched(stand: Stand) -> Stand:
    stand.replay.parts[SEARCH] = CmrSearch(stand.replay)
    return stand


def test_a_search_of_many_pages_is_read_to_its_end(searched: Stand) -> None:
    name, many = "imerg_late_half_hourly", 45
    searched.publish(name, "2024-01-01/2024-02-14")
    plan = searched.fetching(name, "2024-01-01", "2024-02-14").plan()
    assert plan.steps == many * 48 > 2000
    assert plan.gaps == ()
    assert [path for _, path in searched.replay.asked] == [SEARCH] * 2
    links = {file.address for due in plan.due for file in due.files}
    assert all(one.startswith("http") and one.endswith(".HDF5") for one in links)


def test_a_granule_of_a_newer_version_takes_the_place_of_the_older(searched: Stand) -> None:
    name = "imerg_late"
    (path,) = searched.publish(name, "2024-01-01")
    searched.fetch(name, "2024-01-01", "2024-01-01")
    shelf = searched.replay.shelf
    old = shelf.files[path]
    newer = path.replace("V07", "V07C")
    later = old.modified + timedelta(days=50)
    shelf.files[newer] = type(old)(newer, old.product, "another", old.starts, later)
    done = searched.fetch(name, "2024-01-01", "2024-01-01", recheck=True)
    assert (done.steps, done.replaced) == (1, 1)
    searched.check(name, {FIRST: "another"})
    assert not searched.fetch(name, "2024-01-01", "2024-01-01", recheck=True).steps


def test_a_day_that_is_listed_and_not_there_yet_comes_the_next_time(searched: Stand) -> None:
    """GES DISC answers with 200 and a page of its own."""
    name = "imerg_late"
    first, second = searched.publish(name, "2024-01-01/2024-01-02")
    searched.replay.troubles[first] = [refused(404)]
    searched.replay.troubles[second] = [refused(200)]
    done = searched.fetch(name, "2024-01-01", "2024-01-02")
    assert (done.steps, done.failures, len(done.absent)) == (0, [], 2)
    assert searched.fetch(name, "2024-01-01", "2024-01-02").steps == 2


def test_who_is_not_logged_in_is_told_how_to_be(searched: Stand) -> None:
    name = "imerg_late"
    (path,) = searched.publish(name, "2024-01-01")
    with serve_replay() as urs:
        urs.troubles["/oauth/authorize"] = [refused(200)]
        searched.replay.troubles[path] = [sent_to(f"{urs.address}oauth/authorize")]
        done = searched.fetch(name, "2024-01-01", "2024-01-01")
    assert "make a free account at https://urs.earthdata.nasa.gov" in done.failures[0].why


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"<html>down</html>", "gives no list of files"),
        (b'{"feed": {}}', "gives no list of files"),
        (b'{"feed": {"entry": ["x"]}}', "gives no list of files"),
    ],
)
def test_an_answer_that_is_no_list_is_told(searched: Stand, answer: bytes, why: str) -> None:
    searched.replay.troubles[SEARCH] = [answered(answer)]
    with pytest.raises(FetchError, match=why):
        searched.fetching("imerg_late", "2024-01-01").plan()


def test_a_search_that_is_refused_says_why(searched: Stand) -> None:
    body = json.dumps({"errors": ["Parameter [x] was not recognized."]}).encode()
    trouble = answered(body, {"Content-Type": "application/json"}, 400)
    searched.replay.troubles[SEARCH] = [trouble]
    with pytest.raises(FetchError, match=r"Parameter \[x\] was not recognized"):
        searched.fetching("imerg_late", "2024-01-01").plan()


def test_a_search_that_gives_one_page_for_ever_ends(searched: Stand) -> None:
    page = answered(json.dumps({"feed": {"entry": [{"links": None}] * 2000}}).encode())
    searched.replay.troubles[SEARCH] = [page] * 9
    with pytest.raises(FetchError, match="same list of files without end"):
        searched.fetching("imerg_late", "2024-01-01").plan()


CDS = "era5_land_temperature"


@pytest.fixture
def jobs(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> CdsJobs:
    monkeypatch.setenv("CDSAPI_KEY", "key")
    jobs = CdsJobs(stand.replay, [stand.table[CDS]], key="key")
    stand.replay.parts[JOBS] = jobs
    return jobs


def test_a_job_is_waited_for_and_asks_for_what_is_lacking_only(stand: Stand, jobs: CdsJobs) -> None:
    jobs.states = ("accepted", "running", "running", "running", "successful")
    assert stand.fetch(CDS, "2024-01-30", "2024-02-02").steps == 4
    stand.check(CDS, {datetime(2024, 1, 30) + timedelta(days=n): "final" for n in range(4)})
    months = [(one["year"], one["month"], one["day"]) for one in jobs.asked]
    assert months == [("2024", ["01"], ["30", "31"]), ("2024", ["02"], ["01", "02"])]
    assert jobs.asked[0]["area"] == [3.0, 34.0, -2.0, 40.0]  # north, west, south, east
    assert jobs.asked[0]["variable"] == ["2m_temperature"]
    assert stand.fetch(CDS, "2024-01-30", "2024-02-03").steps == 1
    assert jobs.asked[2]["day"] == ["03"]


@pytest.mark.parametrize("state", ["failed", "rejected", "dismissed"])
def test_a_job_that_fails_says_why(stand: Stand, jobs: CdsJobs, state: str) -> None:
    jobs.fails, jobs.states = "MARS returned no data", ("accepted", state)
    done = stand.fetch(CDS, "2024-01-30", "2024-01-31")
    assert re.search(f"is {state}: MARS returned no data$", done.failures[0].why)


def test_a_licence_that_is_not_accepted_is_told_with_the_page(stand: Stand, jobs: CdsJobs) -> None:
    jobs.refuses = "required licences not accepted; please visit https://cds.example/#licences"
    done = stand.fetch(CDS, "2024-01-30", "2024-01-31")
    assert "required licences not accepted; please visit" in done.failures[0].why
    assert "accept the licence on the page of the dataset" in done.failures[0].why


def test_a_wrong_key_is_told(stand: Stand, jobs: CdsJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDSAPI_KEY", "another")
    done = stand.fetch(CDS, "2024-01-30", "2024-01-31")
    assert "asks for a login (401" in done.failures[0].why
    assert "put your key into CDSAPI_KEY" in done.failures[0].why


def test_the_key_does_not_go_to_the_machine_that_keeps_the_files(
    stand: Stand, jobs: CdsJobs
) -> None:
    said: list[Message] = []
    with serve_replay(Replay(stand.replay.shelf)) as store:
        jobs.store = store.address
        store.troubles["/cache/job-1.nc"] = [heard(said)]
        assert stand.fetch(CDS, "2024-01-30", "2024-01-31").steps == 2
    assert [one["PRIVATE-TOKEN"] for one in said] == [None]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("processes/derived-era5-land-daily-statistics/execution", "does not say which it is"),
        ("jobs/job-1/results", "does not say where"),
        ("jobs/job-1", "no JSON"),
    ],
)
def test_answers_that_are_none_are_told(stand: Stand, jobs: CdsJobs, path: str, why: str) -> None:
    body = b"<html>" if why == "no JSON" else b'{"status": "accepted"}'
    stand.replay.troubles[JOBS + path] = [answered(body)]
    done = stand.fetch(CDS, "2024-01-30", "2024-01-31")
    assert why in done.failures[0].why


def test_a_stop_is_heard_while_a_job_waits(stand: Stand, jobs: CdsJobs) -> None:
    jobs.states = ("accepted",) * 2
    stop = threading.Event()
    asked = Asked(date(2024, 1, 30), date(2024, 1, 31), BOX)
    fetching = Fetching(stand.catalog, stand.products[CDS], asked, stop, QUICK)
    plan = fetching.plan()
    threading.Timer(0.5, stop.set).start()
    with pytest.raises(FetchCancelledError, match="stopped; what it has is kept"):
        fetching.run(plan)
    assert jobs.called_off == ["job-1"]


def test_a_job_that_is_taken_while_a_stop_comes_is_called_off(stand: Stand, jobs: CdsJobs) -> None:
    stop = threading.Event()

    def stopped(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        stop.set()
        return False

    dataset = stand.table[CDS].further["request"]["dataset"]
    stand.replay.troubles[f"{JOBS}processes/{dataset}/execution"] = [stopped]
    asked = Asked(date(2024, 1, 30), date(2024, 1, 31), BOX)
    fetching = Fetching(stand.catalog, stand.products[CDS], asked, stop, QUICK)
    with pytest.raises(FetchCancelledError):
        fetching.run(fetching.plan())
    assert jobs.called_off == ["job-1"]


def test_a_job_whose_state_nobody_can_be_asked_for_is_called_off(
    stand: Stand, jobs: CdsJobs
) -> None:
    stand.replay.troubles[f"{JOBS}jobs/job-1"] = [refused(503)] * QUICK.tries
    assert "503" in stand.fetch(CDS, "2024-01-30", "2024-01-31").failures[0].why
    assert jobs.called_off == ["job-1"]


def test_what_calls_a_job_off_need_not_be_answered(stand: Stand, jobs: CdsJobs) -> None:
    trouble = [*[refused(503)] * QUICK.tries, reset]
    stand.replay.troubles[f"{JOBS}jobs/job-1"] = trouble
    assert "503" in stand.fetch(CDS, "2024-01-30", "2024-01-31").failures[0].why
    assert not trouble


def test_jobs_that_end_by_themselves_are_not_called_off(stand: Stand, jobs: CdsJobs) -> None:
    assert stand.fetch(CDS, "2024-01-30", "2024-01-31").steps == 2
    jobs.fails = "MARS returned no data"
    assert stand.fetch(CDS, "2024-01-30", "2024-02-01").failures
    assert not jobs.called_off


def test_nobody_guesses_the_size_of_a_file_that_is_not_made(stand: Stand, jobs: CdsJobs) -> None:
    fetching = stand.fetching(CDS, "2024-01-30", "2024-01-31")
    assert fetching.size(fetching.plan()) is None
    assert not stand.replay.asked


def test_a_server_that_does_not_tell_sizes_keeps_nobody(stand: Stand) -> None:
    (path,) = stand.publish("tamsat", "2024-01-01")
    fetching = stand.fetching("tamsat", "2024-01-01", "2024-01-01")
    plan = fetching.plan()
    assert fetching.size(plan)
    stand.replay.troubles[path] = [refused(405)]
    assert fetching.size(plan) is None


def row_of(**row: object) -> Product:
    """A row of a kind that the table has none of now, and that a table of one's own may have."""
    usual = {"family": "folders", "base": "https://rain.example.org/", "form": "netcdf"}
    further = {"step": "day", "since": date(2020, 1, 1), "field": "rfe_filled", "units": "mm/day"}
    return Product.of("tamsat", {**usual, **further, **row})


@pytest.mark.parametrize(
    "row",
    [
        {"family": "addresses", "streams": {"final": "%Y/rain.%Y%m%d.nc"}},
        {"family": "addresses", "streams": {"final": "%Y/rain.%Y%m.nc"}},
        {"family": "addresses", "streams": {"final": "rain.%Y.nc"}},
        {"streams": {"final": "%Y/rain.%Y%m.nc"}},
        {"streams": {"final": "rain.%Y.nc"}},
    ],
)
def test_files_of_days_months_and_years_are_taken_with_and_without_a_list(
    stand: Stand, row: dict[str, object]
) -> None:
    own = row_of(**row)
    stand.replay.shelf.publish(own, "final", Period.parse("2024-01-29/2024-02-02"))
    served = replace(own, base=f"{stand.replay.address}rain.example.org/")
    fetching = stand.fetching("tamsat", "2024-01-30", "2024-02-01", product=served)
    done = fetching.run(fetching.plan())
    assert (done.steps, done.failures, done.absent) == (3, [], [])
    stand.check("tamsat", {datetime(2024, 1, 30) + timedelta(days=n): "final" for n in range(3)})


def test_days_that_only_asking_finds_missing_come_later(stand: Stand) -> None:
    own = row_of(family="addresses", streams={"final": "rain.%Y%m%d.nc"})
    stand.replay.shelf.publish(own, "final", Period.parse("2024-01-01"))
    served = replace(own, base=f"{stand.replay.address}rain.example.org/")
    fetching = stand.fetching("tamsat", "2024-01-01", "2024-01-02", product=served)
    done = fetching.run(fetching.plan())
    assert (done.steps, done.absent, done.failures) == (1, [datetime(2024, 1, 2)], [])
    stand.replay.shelf.publish(own, "final", Period.parse("2024-01-02"))
    again = stand.fetching("tamsat", "2024-01-01", "2024-01-02", product=served)
    assert again.run(again.plan()).steps == 1
