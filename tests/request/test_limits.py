"""Limits: what is too large is refused with the limit and the amount."""

from __future__ import annotations

import pytest
import shapely

from csserv import Service, Settings
from csserv.errors import AreaTooLargeError, RequestTooLargeError
from csserv.request import Area, Zone
from csserv.request.limits import Limits

BOX = Area.from_box(0, 0, 1, 1)  # 5 vertices, the last one is the first
TWO = Area(
    (Zone("a", "a", shapely.box(0, 0, 1, 1)), Zone("b", "b", shapely.box(1, 0, 2, 1))), "two"
)


@pytest.mark.parametrize(
    ("limits", "area", "words"),
    [
        (Limits(vertices=9), TWO, r"has 10 vertices; at most 9 are allowed \(CSSERV_MAX_VERTICES"),
        (Limits(zones=1), TWO, r"has 2 zones; at most 1 are allowed \(CSSERV_MAX_ZONES"),
        (Limits(area_km2=12_000), BOX, r"has 12,36\d km2; at most 12,000 km2 .*CSSERV_MAX_AREA"),
    ],
)
def test_too_large_an_area_is_refused_with_limit_and_amount(limits: Limits, area: Area, words: str):
    with pytest.raises(AreaTooLargeError, match=words):
        area.check(limits)


def test_what_is_just_allowed_passes_and_no_limit_allows_all():
    TWO.check(Limits(vertices=10, zones=2, area_km2=24_800))
    TWO.check(Limits())
    Limits().check_size(10**9, 10**9)


def test_too_large_an_answer_is_refused_with_limit_and_amount():
    limits = Limits(result_mb=2000)
    limits.check_answer(2_000_000_000, 4556, 14_610)
    words = (
        r"4,556 series x 14,610 steps, about 2,001 MB; at most 2,000 MB are allowed "
        r"\(CSSERV_MAX_RESULT\)"
    )
    with pytest.raises(RequestTooLargeError, match=words):
        limits.check_answer(2_000_600_000, 4556, 14_610)
    Limits().check_answer(10**12, 1, 1)


def test_request_that_reads_too_much_is_refused_with_limit_and_amount():
    limits = Limits(cell_steps=5e10)
    limits.check_size(1_000_000, 50_000)
    with pytest.raises(
        RequestTooLargeError, match=r"x 50,001 steps = 50,001,000,000; .*50,000,000,"
    ):
        limits.check_size(1_000_000, 50_001)


def test_limits_are_those_of_the_settings_and_hold_at_submit(settings: Settings):
    tight = settings.model_copy(update={"max_vertices": 4, "max_cell_steps": None})
    with Service(tight, starts_runner=False) as service:
        assert service.limits.vertices == 4
        assert service.limits.cell_steps is None
        with pytest.raises(AreaTooLargeError, match="5 vertices"):
            service.submit("rain", "mean", Area.from_box(30, 0, 32, 2), "2019-01")
        assert service.tasks() == []
