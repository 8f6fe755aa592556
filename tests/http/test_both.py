"""One suite over both: the service of this machine, and a server's through its HTTP API."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from csserv import Area, RemoteService, Service, TaskState
from csserv.errors import (
    EmptySelectionError,
    InvalidAreaError,
    InvalidRequestError,
    TaskCancelledError,
    TaskNotFinishedError,
    TaskNotFoundError,
    UnknownDatasetError,
)
from csserv.opening import connect
from csserv.request import Options, Period
from csserv.tasks.log.task_filter import TaskFilter
from tests.http.conftest import Server
from tests.processes import halted_runners

BOX = Area.from_box(22.0, -2.0, 26.0, 2.0)


@pytest.fixture(params=["local", "remote"])
def service(server: Server, request: pytest.FixtureRequest) -> Iterator[Service | RemoteService]:
    where = server.settings if request.param == "local" else server.url
    with connect(where) as service:
        yield service


def test_a_request_is_answered(service: Service | RemoteService) -> None:
    task = service.submit("rain", "mean", area=BOX, period="2019-01-01/2019-01-03")
    seen = list(service.watch(task))
    assert seen[-1].state is TaskState.SUCCEEDED
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    series = service.result(task).to_xarray()
    np.testing.assert_allclose(series, [1.0, 2.0, 3.0], rtol=1e-12)
    assert service.file_names(task) == [f"{task.id}.json"]
    assert service.partial(task)["series"][0]["time"][0] == "2019-01-01"


def test_an_export_brings_its_files(service: Service | RemoteService) -> None:
    task = service.submit("rain", "geotiff", area=BOX, period="2019-01-01")
    files = service.result(task).files
    assert [path.name for path in files] == [f"{task.id}.json", f"{task.id}.zip"]
    assert files[1].read_bytes()[:2] == b"PK"


def test_an_area_may_be_a_name(service: Service | RemoteService) -> None:
    task = service.submit("rain", "mean", area="Uganda", period="2019-01-01")
    assert service.wait(task).request.area_title == "Uganda"
    assert [zone.name for zone in service.layers.find("Uganda").zones] == ["Uganda"]


def test_options_are_kept(service: Service | RemoteService) -> None:
    task = service.submit("rain", "mean", BOX, "2019", time_step="monthly", least_valid=50)
    assert task.request.options == {"time_step": "monthly", "least_valid": 50.0}
    assert service.result(task).to_xarray().sizes["time"] == 2


def test_the_same_id_again_is_the_same_task(service: Service | RemoteService) -> None:
    own = "0b6f9d2e-6a0c-4f0e-9d0a-1c2b3d4e5f60"
    first = service.submit("rain", "mean", BOX, "2019-02-01", task_id=own)
    again = service.submit("rain", "mean", BOX, "2019-02-01", task_id=own)
    assert first.submitted == again.submitted


def test_wrong_requests_are_refused_alike(service: Service | RemoteService) -> None:
    with pytest.raises(UnknownDatasetError, match="did you mean"):
        service.submit("rian", "mean", BOX, "2019")
    with pytest.raises(InvalidAreaError, match="Kenya"):
        service.submit("rain", "mean", "Kenyya", "2019")
    with pytest.raises(TaskNotFoundError):
        service.task("0b6f9d2e-6a0c-4f0e-9d0a-000000000000")


def test_a_cancelled_task_has_no_result(service: Service | RemoteService, server: Server) -> None:
    with halted_runners(server.settings.home):
        task = service.submit("long", "p33", "Kenya", "2019/2026")
        with pytest.raises(TaskNotFinishedError):
            service.delete(task)
        assert service.cancel(task).state is TaskState.CANCELLED
    assert service.cancel(task).state is TaskState.CANCELLED
    with pytest.raises(TaskCancelledError):
        service.result(task)
    service.delete(task)
    with pytest.raises(TaskNotFoundError):
        service.task(task)


def test_tasks_are_listed_in_pages(service: Service | RemoteService) -> None:
    ids = [service.submit("rain", "max", BOX, "2019-02-02", client="c").id for _ in range(5)]
    wanted = TaskFilter(client="c")
    found = [task.id for task in service.tasks(wanted, first=1, count=3)]
    assert found == ids[::-1][1:4]


def test_an_estimate_says_what_it_costs(service: Service | RemoteService) -> None:
    found = service.estimate("rain", "mean", BOX, "2019-01/2019-03", Options(time_step="monthly"))
    assert (found.cells, found.steps, found.steps_read, found.granules) == (16, 2, 59, 2)
    assert found.missing_steps == 31
    assert found.missing[0].first == "2019-03-01"
    assert 0 < found.seconds_low <= found.seconds <= found.seconds_high


def test_what_there_is_can_be_asked(service: Service | RemoteService) -> None:
    assert service.extent("rain") == ("2019-01-01", "2019-02-28")
    assert service.has_runner()
    assert service.count_open() >= 0
    assert len(service.workers()) >= 1


def test_coverage_tells_gaps_and_what_a_period_lacks(service: Service | RemoteService) -> None:
    found = service.coverage("rain")
    assert (found.steps, found.time_step, found.gaps) == (59, "daily", ())
    assert found.bounds == (20.0, -8.0, 40.0, 8.0)
    missing = found.missing(Period.parse("2019-02-27/2019-03-02"))
    assert (missing.steps, missing.runs[0].first, missing.runs[0].last) == (
        *(2, "2019-03-01", "2019-03-02"),
    )
    with pytest.raises(EmptySelectionError, match="no files on this server"):
        service.coverage("imerg_late")


def test_only_what_needs_the_files_or_the_process_at_hand_is_left_out() -> None:
    def methods(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    here = {"refusal", "revision", "recent", "ensure_runner", "runner_state", "pool"}
    assert methods(Service) - methods(RemoteService) == here


def test_a_server_keeps_its_files_to_itself_and_says_so(server: Server) -> None:
    with RemoteService(server.url) as service:
        for method in (service.explain, service.verify, service.moved):
            with pytest.raises(InvalidRequestError, match=f"lie on the machine of {server.url}"):
                method("some task")
