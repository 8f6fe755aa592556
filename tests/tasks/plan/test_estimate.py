from __future__ import annotations

import pytest

from csserv import Area, Service, Settings
from csserv.errors import AreaTooLargeError, RequestTooLargeError
from csserv.request import Options

BOX = Area.from_box(22.0, -2.0, 26.0, 2.0)


def test_cells_steps_and_files_are_counted(service: Service) -> None:
    found = service.estimate("rain", "mean", BOX, "2019-01-30/2019-02-02")
    assert (found.zones, found.cells, found.steps, found.granules) == (1, 16, 4, 2)
    assert found.missing_steps == 0
    assert found.refused is None


def test_a_half_covered_cell_counts(service: Service) -> None:
    found = service.estimate("rain", "mean", Area.from_box(22.5, 0.0, 24.0, 1.0), "2019-01-01")
    assert found.cells == 2


def test_longer_steps_are_fewer_than_those_read(service: Service) -> None:
    found = service.estimate("rain", "mean", BOX, "2019-01/2019-02", Options(time_step="monthly"))
    assert (found.steps, found.steps_read) == (2, 59)


def test_what_files_lack_is_told(service: Service) -> None:
    found = service.estimate("rain", "mean", BOX, "2018-12-30/2019-03-01")
    assert [(run.first, run.last, run.steps) for run in found.missing] == [
        ("2018-12-30", "2018-12-31", 2),
        ("2019-03-01", "2019-03-01", 1),
    ]
    assert found.missing_steps == 3


def test_an_estimate_makes_no_task(service: Service) -> None:
    service.estimate("rain", "mean", BOX, "2019-01")
    assert service.tasks() == []


def test_too_large_an_answer_is_refused_and_the_estimate_says_so_beforehand(
    settings: Settings,
) -> None:
    own = settings.model_copy(update={"max_result": 0.008})
    with Service(own, starts_runner=False) as service:
        found = service.estimate("rain", "mean", BOX, "2019-01/2019-02")
        assert found.result_bytes > 8000
        assert found.refused is not None
        assert "1 series x 59 steps, about 0.0097 MB; at most 0.008 MB" in found.refused
        with pytest.raises(RequestTooLargeError, match="CSSERV_MAX_RESULT"):
            service.submit("rain", "mean", BOX, "2019-01/2019-02")
        # it reads as many days, and has two steps
        months = Options(time_step="monthly")
        assert service.estimate("rain", "mean", BOX, "2019-01/2019-02", months).refused is None


def test_a_limit_refuses_and_the_estimate_says_so_beforehand(settings: Settings) -> None:
    own = settings.model_copy(update={"max_cell_steps": 100.0})
    with Service(own, starts_runner=False) as service:
        found = service.estimate("rain", "mean", BOX, "2019-01")
        assert found.refused is not None
        assert "16 cells x 31 steps = 496; at most 100" in found.refused
        with pytest.raises(RequestTooLargeError, match="496"):
            service.submit("rain", "mean", BOX, "2019-01")
        assert service.tasks() == []
        service.submit("rain", "mean", BOX, "2019-01-01/2019-01-06")  # 96 are allowed


def test_cells_of_the_area_count_not_those_of_its_box(settings: Settings) -> None:
    two = Area.from_geojson(
        {
            "type": "MultiPoint",
            "coordinates": [[20.5, -7.5], [39.5, 7.5]],  # the box around them has 320 cells
        }
    )
    own = settings.model_copy(update={"max_cell_steps": 100.0})
    with Service(own, starts_runner=False) as service:
        service.submit("rain", "mean", two, "2019-01")


def test_a_limit_of_the_area_is_told_too(settings: Settings) -> None:
    own = settings.model_copy(update={"max_vertices": 4})
    with Service(own, starts_runner=False) as service:
        found = service.estimate("rain", "mean", BOX, "2019-01")
        assert found.refused is not None
        assert "5 vertices; at most 4" in found.refused
        with pytest.raises(AreaTooLargeError, match="at most 4"):
            service.request("rain", "mean", BOX, "2019-01")


def test_an_estimate_says_a_range_in_words(service: Service) -> None:
    found = service.estimate("rain", "mean", BOX, "2019-01")
    assert 0 < found.seconds_low <= found.seconds <= found.seconds_high
    assert found.takes == "less than 1 s (first guess)"  # no task has run here
