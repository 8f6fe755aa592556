"""The page of a result for those who only read: answer, evidence, origin; light and closed."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from csserv.errors import InvalidRequestError
from csserv.language import Language, speaking
from csserv.outputs import Result
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.views.plain.number_rows import MOST_ZONES
from csserv.views.plain.plain_page import Address, Chosen, problem_page, result_page, task_page
from tests.outputs.compared import AREA, document, series_of, write_result

RECORD = RequestRecord("rain", "mean", "2025-01-01/2025-12-31", "0" * 64, "two zones", 2, "f" * 64)
WHERE = Address("https://rain.example/r/1", {"CSV": "../api/v1/tasks/1/result?format=csv"})


def task_of(state: TaskState = TaskState.SUCCEEDED, **known: Any) -> Task:
    task = Task("5f0c2f3e-0000-4000-8000-000000000000", RECORD, "2026-01-01T00:00:00.000Z")
    return replace(task, state=state, **known)


def rain() -> np.ndarray:
    """Months of 1991 to 2025 in two zones, of which the second has twice as much."""
    years = np.repeat(np.arange(35) % 30 + 1.0, 12)
    return np.stack([years, 2 * years], axis=1)


@pytest.fixture
def result(tmp_path: Path) -> Result:
    return write_result(tmp_path, series_of(rain(), range(2024, 2026)))


def in_memory(plain: dict[str, Any]) -> Result:
    made = Result(Path("/nowhere"), AREA)
    vars(made)["json"] = plain
    return made


def page_of(result: Result, **chosen: Any) -> str:
    return result_page(task_of(), result, Chosen(**chosen), WHERE)


def order(page: str, *texts: str) -> list[int]:
    return [page.index(text, page.index("<main>")) for text in texts]


def test_the_answer_comes_first_then_evidence_and_origin_and_last_the_task(result: Result):
    page = page_of(result)
    said = html.escape(result.in_words(zone="West"))
    places = order(page, f"<h1>{said}</h1>", "<svg", "2 zones", "Step by step", "Downloads")
    places += order(page, "Where the numbers come from", "How to cite", "The task")
    assert places == sorted(places)
    assert f'og:title" content="{said.partition(";")[0]}"' in page
    assert 'og:image" content="https://rain.example/r/1/chart.png"' in page
    assert "[mm]" in page


def test_another_zone_is_an_address_away(result: Result):
    task = task_of()
    page = result_page(task, result, Chosen(), WHERE)
    assert f'href="{task.id}?series=1">East</a>' in page
    other = result_page(task, result, Chosen(series=1), WHERE)
    assert f"<h1>{result.in_words(zone='East')}</h1>" in other
    with pytest.raises(InvalidRequestError, match="no series 2; it has 0 to 1"):
        page_of(result, series=2)
    with pytest.raises(InvalidRequestError, match="has no max; it has mean"):
        page_of(result, operation="max")


def test_members_of_several_zones_are_counted_as_series(tmp_path: Path):
    members = tuple(str(n) for n in range(40))
    numbers = np.repeat(rain(), len(members), axis=1)
    page = page_of(write_result(tmp_path, series_of(numbers, range(2024, 2026), members)))
    assert re.search("<h2>80 series, .*</h2>", page)
    assert "These are 60 of 80 series; the CSV file has the 20 others, too." in page


def test_zones_are_listed_by_rank_and_what_is_cut_is_said(result: Result):
    plain = result.json
    many = [
        plain["series"][n % 2] | {"zone": {"id": str(n), "name": f"zone {n}"}} for n in range(4556)
    ]
    page = page_of(in_memory(plain | {"series": many}))
    assert f"These are {MOST_ZONES} of 4,556 zones" in page
    assert "has the 4,496 others" in page
    assert len(page) < 100_000


def of_members(result: Result, count: int) -> Result:
    """As of an ensemble: the first zone, with a series of each member."""
    plain = result.json
    labels = [str(number + 1) for number in range(count)]
    first = plain["series"][0]
    series = [{"zone": first["zone"], "select": {"member": one}, **first} for one in labels]
    member = {"labels": labels, "coordinates": list(range(1, count + 1)), "dtype": "int16"}
    return in_memory(plain | {"series": series, "dimensions": {"member": member}})


def test_series_of_members_are_not_called_zones(result: Result):
    page = page_of(of_members(result, 70))
    assert "70 series, 2025-12-01" in page
    assert "These are 60 of 70 series" in page
    assert "zones" not in page[page.index("<main>") :].partition("Step by step")[0].lower()


def test_what_the_values_are_is_told_with_the_comma_of_the_language(result: Result):
    with speaking(Language.of("ar")):
        page = page_of(result)
    assert ", " not in re.findall('<p class="soft">(.*?)</p>', page)[0]


def test_a_long_series_with_normals_stays_light(tmp_path: Path):
    values = np.random.default_rng(1).gamma(2, 20, (35 * 360, 2))
    series = series_of(values, range(1991, 2026), steps=360)
    # 360 steps of a year, each of which stands for a month, as only the number counts here
    times = tuple(
        series.times[0].replace(year=1000 + n // 12, month=n % 12 + 1)
        for n in range(len(series.times))
    )
    long = replace(series, times=times)
    plain = document(long) | {"series": long.to_list()}
    assert len(plain["series"][0]["value"]) == 12600
    assert len(page_of(in_memory(plain))) < 100_000


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(result: Result):
    page = page_of(result)
    assert not re.search(r"<script|<link|<img|@import|url\(|\son\w+=", page)
    led = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert led
    assert not [one for one in led if "//" in one]


def test_what_others_wrote_is_text(result: Result):
    evil = '"><script>alert(1)</script>'
    plain = result.json
    zones = [one | {"zone": {"id": "1", "name": evil}} for one in plain["series"]]
    request = plain["request"] | {"area": evil}
    notes = [{"code": "other", "text": evil, "where": evil}]
    whole = plain | {"series": zones, "request": request, "notes": notes}
    ended = task_of(client=evil)
    pages = [
        result_page(ended, in_memory(whole), Chosen(), Address(f"http://{evil}", {evil: evil})),
        task_page(task_of(TaskState.FAILED, error=evil), WHERE),
        problem_page(evil, evil, WHERE),
    ]
    for page in pages:
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_synthetic_data_are_called_so_wherever_the_page_is_seen(result: Result):
    note = {"code": "synthetic", "text": "made up", "where": ""}
    page = page_of(in_memory(result.json | {"notes": [note]}))
    (title,) = re.findall(r'og:title" content="([^"]*)"', page)
    (heading,) = re.findall("<h1>(.*)</h1>", page)
    assert "synthetic" in title
    assert "synthetic" in heading
    assert "Synthetic data, not observed." in page[page.index("<svg") :]
    assert "ynthetic" not in page_of(result)


def test_a_task_that_runs_looks_again_and_one_that_failed_says_why():
    running = task_page(task_of(TaskState.RUNNING, done=3, total=4), WHERE)
    assert '<meta http-equiv="refresh" content="5">' in running
    assert 'value="75"' in running
    assert "3 of 4 steps" in running
    assert "Waiting for its turn" in task_page(task_of(TaskState.QUEUED), WHERE)
    failed = task_page(task_of(TaskState.FAILED, error="rain_1.nc is damaged"), WHERE)
    assert "refresh" not in failed
    assert "It failed. Rain_1.nc is damaged." in failed
    assert "Cancelled." in task_page(task_of(TaskState.CANCELLED), WHERE)
