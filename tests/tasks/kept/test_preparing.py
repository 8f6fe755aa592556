"""Preparing: numbers of all zones are kept beforehand, and no more than what is missing is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.cli import main
from csserv.errors import InvalidRequestError
from csserv.request import Options
from csserv.tasks.kept.kept_store import FOLDER, KeptStore
from csserv.tasks.log.task import TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.plan.costs.duration import expected_duration
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.attempt_plan import plan_attempt
from csserv.tasks.run.fetching.prepared_again import queue_preparations
from tests.halfway import known_here, run, write_year
from tests.tasks.kept.rain_files import STORE, WIDE, ZONES, choose, kept_steps, result, settings_of

THREE = Area(ZONES[:3], "three")


def planned(own: Settings, store: KeptStore) -> Attempt:
    """Claim the oldest task and plan it."""
    log = TaskLog(own.home)
    task = log.claim(60.0)
    assert task is not None
    catalog = Catalog.read(own.data, own.catalog)
    return plan_attempt(task, log.area(task.request), catalog, own.home, store)


def done(own: Settings, store: KeptStore) -> list[str]:
    """Do the oldest task; return the names of its calls."""
    attempt = planned(own, store)
    every = [call for calls in (attempt.waiting, *attempt.later) for call in calls]
    for call in every:
        run(call)
    TaskLog(own.home).succeed(attempt.task, steps=attempt.total, kept=attempt.kept)
    return [call.function.__name__ for call in every]


@pytest.fixture
def own(place: Path, tmp_path: Path) -> Settings:
    """Settings of the files, with a home of their own."""
    return settings_of(place).model_copy(update={"home": tmp_path / "home"})


@pytest.fixture
def store(own: Settings) -> KeptStore:
    return KeptStore(own.home / FOLDER, STORE)


def prepare(own: Settings, **asked: Any) -> None:
    with Service(own, starts_runner=False) as service:
        service.prepare("rain", asked.pop("area", THREE), **asked)


def test_prepared_zones_are_asked_for_one_by_one_and_nothing_is_read(
    own: Settings, store: KeptStore
):
    prepare(own, operation="mean,max")
    # since 2018 files have other chunks, which one block cannot read with the others
    assert done(own, store) == ["prepare_weights", "process_block", "process_block"]
    for zone in ZONES[:3]:
        asked = {"operation": "max", "area": Area((zone,), "one"), "period": "2012"}
        assert kept_steps(result(own, store, "rain", **asked)) == 59 + 61 + 61
    prepare(own, operation="mean,max")
    assert done(own, store) == ["prepare_weights"]


def test_what_was_kept_counts_for_no_speed_of_estimates(own: Settings, store: KeptStore):
    for _ in range(2):
        prepare(own, period="2012")
        done(own, store)
    prepare(own, period="2012/2013")
    done(own, store)
    longer, again, first = TaskLog(own.home).find(TaskFilter(), 0, 9)
    assert (again.request.bytes, longer.request.bytes) == (0, first.request.bytes)
    assert expected_duration(10**9, "mean", [again]) == expected_duration(10**9, "mean", [])


def test_what_came_since_is_added(own: Settings, store: KeptStore, place: Path):
    choose(place, 2012, 3, 0)
    prepare(own)
    done(own, store)
    choose(place, 2012, 3, 1)
    catalog = Catalog.read(own.data, own.catalog)
    (task,) = queue_preparations(own, TaskLog(own.home), catalog, "rain")
    assert (task.request.what, task.request.zones) == ("prepare mean", 3)
    assert not queue_preparations(own, TaskLog(own.home), catalog, "rain")  # it waits already
    attempt = planned(own, store)
    (call,) = attempt.waiting
    assert (call.function.__name__, call.steps) == ("keep_block", 61)
    run(call)
    prepare(own)
    assert planned(own, store).kept == 1
    choose(place, 2012, 3, 0)


def test_preparation_of_a_period_is_not_made_again_by_itself(own: Settings, store: KeptStore):
    prepare(own, period="2012")
    done(own, store)
    catalog = Catalog.read(own.data, own.catalog)
    assert not queue_preparations(own, TaskLog(own.home), catalog, "rain")


def test_steps_that_several_calls_share_are_prepared(tmp_path: Path):
    own = known_here(tmp_path, write_year(tmp_path / "data"))
    store = KeptStore(own.home / FOLDER, STORE)
    with Service(own, starts_runner=False) as service:
        service.prepare("columns", WIDE)
    attempt = planned(own, store)
    calls = [call for group in (attempt.waiting, *attempt.later) for call in group]
    assert [call.function.__name__ for call in calls[-2:]] == ["process_block", "keep_shared"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"operation": "geotiff"}, "numbers of geotiff are not kept"),
        ({"options": Options(against="2010/2019", time_step="monthly")}, "what is normal is"),
        ({"period": "1890"}, "1890"),
    ],
)
def test_what_cannot_be_prepared_is_refused_in_words(
    own: Settings, asked: dict[str, Any], said: str
):
    with pytest.raises(Exception, match=said):
        prepare(own, **asked)
    assert not TaskLog(own.home).open_ids()


def test_more_than_there_is_room_for_is_refused(own: Settings):
    with pytest.raises(InvalidRequestError, match=r"about \d+ MB; CSSERV_STORE_MAX is 0 MB"):
        prepare(own.model_copy(update={"store_max": 0.01}))


def test_task_that_prepared_has_no_result_and_says_so(own: Settings, store: KeptStore):
    prepare(own)
    done(own, store)
    with Service(own, starts_runner=False) as service:
        (task,) = service.tasks()
        assert task.state is TaskState.SUCCEEDED
        with pytest.raises(InvalidRequestError, match="has prepared numbers of rain"):
            service.result(task)


def test_command_shows_what_is_kept_and_removes_it(own: Settings, store: KeptStore):
    prepare(own, operation="mean,p90")
    done(own, store)
    variables = {"CSSERV_HOME": str(own.home), "CSSERV_DATA": str(own.data)}
    command = CliRunner(env=variables)
    listed = json.loads(command.invoke(main, ["store", "--json"]).stdout)
    assert {(one["operation"], one["zones"], one["steps"]) for one in listed} == {
        ("mean", 3, 1810),
        ("p90", 3, 1810),
    }
    assert all(one["usable"] for one in listed)
    wrong = command.invoke(main, ["store", "snow"])
    assert (wrong.exit_code, "there are some of rain" in wrong.output) == (1, True)
    assert command.invoke(main, ["store", "rain", "--clear"]).exit_code == 0
    assert json.loads(command.invoke(main, ["store", "--json"]).stdout) == []
