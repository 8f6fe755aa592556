"""Asking what is normal on a page: what is offered, what is said, what is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from csserv import Area, Request, Service, Settings
from csserv.errors import CsservError
from csserv.request import Options, Period
from csserv.tasks.log.task import RequestRecord, Task
from csserv.views.request.comparison_fields import NO_INDEX, NO_YEARS, OWN, REFERENCES
from csserv.views.request.preview import preview_text
from csserv.views.request.request_code import as_curl, as_python
from csserv.views.request.request_fields import RequestFields
from csserv.views.request.request_form import RequestForm
from csserv.views.tasks.task_texts import compared_with
from tests.files import LAT, LON, write_granule
from tests.views.request.test_asking import weighed

BOX = Area.from_box(30, 0, 32, 2)

TABLE = """
[years]
title = "Sixteen years"
variable = "rain"
files = "years/*.nc"
units = "mm"

[few]
title = "Three years"
variable = "rain"
files = "few/*.nc"
units = "mm"

[hours]
title = "Hours of 2019"
variable = "rain"
files = "hours/*.nc"
units = "mm"
"""


def months(first: str, last: str) -> Any:
    return (pd.date_range(first, last, freq="MS") - pd.Timestamp("2019-01-01")).days.to_numpy()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("years")
    times = {
        "years": months("2000-01", "2015-12"),
        "few": months("2017-01", "2019-12"),
        "hours": np.arange(0, 20, 0.25),
    }
    for name, days in times.items():
        values = np.ones((len(days), len(LAT), len(LON)), "f4")
        write_granule(folder / "data" / name / "all.nc", values, LAT, LON, days=days)
    (folder / "own.toml").write_text(TABLE)
    settings = Settings(
        home=folder / "home", data=folder / "data", catalog=folder / "own.toml", access="open"
    )
    with Service(settings, starts_runner=False) as service:
        yield service


@pytest.fixture
def fields() -> RequestFields:
    found = RequestFields({"years": "Sixteen years"}, lambda *events: None)
    found.period.choose(Period.parse("2015"))
    return found


def test_an_index_is_offered_of_one_operation_and_years_of_any(fields: RequestFields):
    mine = fields.comparison
    assert mine.reference.visible
    hidden = (mine.years, mine.own_year, mine.told)
    assert not any(one.visible for one in hidden)
    mine.reference.choose("default")
    assert mine.own_year.visible
    assert fields.to_request(BOX).options.against == "default"
    fields.further_operations.value = ["max"]
    assert mine.reference.visible
    assert not mine.index.visible
    assert not mine.told.visible
    assert fields.to_request(BOX).options.against == "default"
    mine.index.choose("spi")
    assert mine.told.visible
    assert NO_INDEX in mine.told.object
    assert not fields.to_request(BOX).options.index
    mine.index.choose("")
    fields.further_operations.value = []
    assert fields.to_request(BOX).options.against == "default"
    fields.operation.choose("geotiff")
    assert mine.reference.visible


def test_what_is_hidden_is_not_asked(fields: RequestFields):
    fields.comparison.own_year.choose("out")
    fields.comparison.years.value = "1981 to 2010"
    assert fields.to_request(BOX).options == Options()
    fields.comparison.reference.choose("default")
    fields.comparison.index.choose("spi")
    assert not fields.comparison.own_year.visible
    assert fields.to_request(BOX).options == Options(against="default", index="spi")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1981 to 2010", "1981/2010"),
        (" 1981-2010", "1981/2010"),
        ("1981\u20132010", "1981/2010"),
        ("", NO_YEARS),
        ("2001/2005", "which is 5 years; normals need at least 10"),
        ("1991", "which is 1 year; normals"),
        ("2010 1981", "allowed are first and last year"),
        ("long ago", "'long ago'; allowed are first and last year, such as 1991/2020"),
        ("1991-03/2020-02", "allowed are first and last year"),
    ],
)
def test_years_are_read_as_people_write_them(fields: RequestFields, written: str, said: str):
    fields.comparison.reference.choose(OWN)
    assert fields.comparison.years.visible
    fields.comparison.years.value = written
    try:
        found = fields.to_request(BOX).options.against
    except CsservError as error:
        found = str(error)
    assert said in found


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(time_step="monthly", against="1981/2010", own_year="out"),
        Options(against="1991/2020"),
        Options(against="2000/2015", index="spi", index_options=(("distribution", "pearson"),)),
        Options(accumulate=3, index="deciles"),
    ],
)
def test_form_asks_again_for_what_a_task_compared(fields: RequestFields, options: Options):
    request = Request("years", "mean", BOX, Period.parse("2015"), options)
    task = Task.of(RequestRecord.of(request, [], 1), 3, "anybody")
    fields.fill_in(task)
    assert fields.to_request(BOX) == request
    if options.index:
        fields.comparison.index.choose("pnp")
        assert fields.to_request(BOX).options.index_options == ()
    plain = Request("years", "mean", BOX, request.period)
    fields.fill_in(Task.of(RequestRecord.of(plain, [], 1), 3, "anybody"))
    assert fields.to_request(BOX).options == Options()


def test_a_task_keeps_a_period_that_its_last_step_ends(service: Service):
    """December of 2015 begins on its 1st, the last day that can be chosen."""
    request = Request("years", "mean", BOX, Period.parse("2015"))
    task = Task.of(RequestRecord.of(request, [], 1), 3, "anybody")

    async def ask() -> None:
        form = RequestForm(service, {"years": "Sixteen years"}, "somebody")
        form.fields.fill_in(task)
        await form.load()
        assert form.fields.to_request(BOX) == request

    asyncio.run(ask())


def test_preview_says_what_is_read_to_compare(service: Service):
    period = Period.parse("2015-03/2015-05")
    found = service.estimate("years", "mean", BOX, period, Options(against="default"))
    assert (found.against, found.reference_years) == ("2000/2015", 16)
    said = preview_text(found, period)
    read = "3 steps, compared with the same days of 2000 to 2015 (16 years): 48 steps of the data"
    assert read in said
    found = service.estimate("years", "mean", BOX, period, Options(against="1991/2020"))
    assert "of 1991 to 2020 (16 of 30 years have data)" in preview_text(found, period)
    of_all = preview_text(found, period, "spi")
    assert "spi is computed of all these steps, and given for the period." in of_all
    plain = service.estimate("years", "mean", BOX, period)
    assert "compared" not in preview_text(plain, period)


@pytest.mark.parametrize(
    ("dataset", "operation", "period", "against", "said"),
    [
        ("few", "mean", "2019", "default", "few has 3, from 2017-01-01 to 2019-12-01"),
        ("few", "mean", "2019", "1991/2020", "the data begin in 2017 and end in 2019"),
        ("hours", "mean", "2019-01-02", "1991/2020", "steps shorter than a day have no normals"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(
    service: Service, dataset: str, operation: str, period: str, against: str, said: str
):
    options = Options(against=against)
    for ask in (service.estimate, lambda *words: service.submit(*words[:4], options=words[4])):
        with pytest.raises(CsservError, match=said):
            ask(dataset, operation, BOX, Period.parse(period), options)


def test_own_year_without_a_reference_is_refused(service: Service):
    with pytest.raises(CsservError, match="own_year is 'out', which says something with against"):
        service.submit("years", "mean", BOX, "2015", own_year="out")


def test_form_says_at_once_why_nothing_is_compared(service: Service):
    async def ask() -> None:
        form = RequestForm(service, {"few": "Three years"}, "somebody")
        await form.load()
        assert "Ready" in await weighed(form, BOX)
        form.fields.comparison.reference.choose("default")
        said = await weighed(form, Area.from_box(30, 0, 34, 4))
        assert "Normals need at least 10 whole years; few has 3" in said
        assert form.button.disabled

    asyncio.run(ask())


@pytest.mark.parametrize(
    "options",
    [
        {"against": "2000/2012", "own_year": "out"},
        {"against": "2000/2015", "index": "spi", "index_options": (("distribution", "pearson"),)},
    ],
)
def test_code_that_is_shown_asks_the_same(service: Service, options: dict[str, Any]):
    asked = Options(time_step="monthly", **options)
    request = Request("years", "mean", BOX, Period.parse("2015"), asked)
    text = as_python(request, service.layers).partition("series =")[0]
    names: dict[str, Any] = {"here": service}
    exec(text.replace("csserv.connect()", "here"), names)
    assert names["task"].request.fingerprint == request.fingerprint
    assert '"against": "2000/' in as_curl(request, service.layers, "http://here")


def test_card_of_a_task_says_what_it_compares_with():
    def said(**options: str) -> str:
        own = Options(**options)  # type: ignore[arg-type]
        request = Request("years", "mean", BOX, Period.parse("2015"), own)
        return compared_with(Task.of(RequestRecord.of(request, [], 1), 3, "anybody"))

    assert said() == ""
    assert said(against="1981/2010") == "compared with 1981 to 2010"
    assert said(against="1981/2010", index="spi") == "index spi, compared with 1981 to 2010"
    assert said(index="cdd") == "index cdd"
    assert said(against="1981/2010", own_year="out").endswith("without a value's own year")


def test_each_choice_has_words():
    assert list(REFERENCES.values()) == ["", "default", OWN]
    assert "1991 to 2020" in next(words for words, name in REFERENCES.items() if name == "default")
