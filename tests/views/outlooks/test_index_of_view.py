"""An index of the result that is shown is offered by the table of indices, and computed there."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from csserv import Area, Service, Settings
from csserv.tasks.log.task import Task, TaskState
from csserv.views.outlooks.index_of_view import NO_OTHER, IndexOfView
from csserv.views.outlooks.index_offers import as_request, kinds_of, suits_beside
from csserv.views.result.loaded_result import load_result
from tests.files import LAT, LON, Layout, write_granule
from tests.outputs.exports import export

#: of panel-material-ui's own FileDownload, whatever it is given
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant' and 'button_style'")

AREA = Area.from_box(20.0, 7.0, 22.0, 8.0)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Months of rain and of temperature of 14 years, and one result of each."""
    home = tmp_path_factory.mktemp("months")
    months = np.arange("2000-01", "2014-01", dtype="datetime64[M]").astype("datetime64[D]")
    days = (months - np.datetime64("2019-01-01")).astype(int)
    chance = np.random.default_rng(3)
    rain = chance.gamma(2, 40, (len(days), 2, 4)).astype("f4")
    warm = (22 + 4 * np.sin(np.arange(len(days)) / 2))[:, None, None] + np.zeros((1, 2, 4))
    amounts = Layout(attributes={"units": "mm", "cell_methods": "time: sum"})
    degrees = Layout(attributes={"units": "degC", "standard_name": "air_temperature"})
    for name, values, said in (("rain", rain, amounts), ("warm", warm.astype("f4"), degrees)):
        write_granule(home / f"data/{name}/a.nc", values, LAT[:2], LON[:4], said, days)
    rows = (
        f'[{name}]\ntitle = "{name}"\nvariable = "rain"\nfiles = "{name}/*.nc"\n'
        for name in ("rain", "warm")
    )
    (home / "own.toml").write_text("\n".join(rows), encoding="utf-8")
    settings = Settings(home=home / "home", data=home / "data", catalog=home / "own.toml")
    for name, operation, period in (
        ("rain", "mean,max", "2000/2013"),
        ("warm", "mean", "2000/2013"),
        ("rain", "mean", "2012/2013"),
    ):
        export(settings, name, operation, AREA, period=period)
    with Service(settings, starts_runner=False) as found:
        yield found


def tasks_of(service: Any) -> dict[tuple[str, str], Task]:
    """Dataset and operation → its task."""
    every = service.tasks()
    return {(one.request.dataset, one.request.operation): one for one in every}


def load(service: Any, task: Task, operation: str = "mean") -> Any:
    assert task.state is TaskState.RUNNING  # claimed, and computed beside the log
    return load_result(Opened(service), task, operation)


class Opened:
    """A service whose results are opened though no runner has said that they are there."""

    def __init__(self, service: Any) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def result(self, task: Any, wait: bool = True) -> Any:
        from csserv.outputs import Result

        return Result(self._service.settings.home / "results" / task.id)


async def nothing(task: Task) -> None:
    """Take a request that nobody fills in."""


def compute(view: IndexOfView, index: str) -> None:
    view.fields.index.choose(index)
    asyncio.run(view._compute(None))


def test_indices_are_those_of_the_table_that_suit_units_and_steps(service: Any) -> None:
    known = tasks_of(service)
    view = IndexOfView(Opened(service), nothing)  # type: ignore[arg-type]
    assert view.offer(load(service, known["rain", "mean,max"]), {})
    offered = [value for _, value in view.fields.index.rows]
    assert offered == ["", "spi", "spei", "pnp", "deciles", "eddi"]
    assert view.button.disabled
    view.fields.index.choose("spei")
    assert NO_OTHER in view.message.object
    assert view.button.disabled
    assert view.offer(load(service, known["warm", "mean"]), {})
    offered = [value for _, value in view.fields.index.rows]
    assert offered == ["", "spei", "eddi"]
    assert not view.offer(None, {})


def test_an_index_of_one_and_of_two_results_is_that_of_the_service(service: Any) -> None:
    known = tasks_of(service)
    rain, warm = known["rain", "mean,max"], known["warm", "mean"]
    view = IndexOfView(Opened(service), nothing)  # type: ignore[arg-type]
    view.offer(load(service, rain, "max"), {"temperature": warm})
    view.accumulate.value = "3"
    compute(view, "spi")
    assert view.answer.visible
    assert "SPI-3" in view.said.object
    largest = Opened(service).result(rain).select("max")
    alone = service.index_of({"precipitation": largest}, "spi", accumulate=3)
    np.testing.assert_array_equal(view.series._table.values[:, 0], alone.to_xarray())
    compute(view, "spei")
    both = {"precipitation": largest, "temperature": Opened(service).result(warm)}
    again = service.index_of(both, "spei", accumulate=3)
    np.testing.assert_array_equal(view.series._table.values[:, 0], again.to_xarray())
    assert "Temperature of the step" in view.table.table.object


def test_a_result_that_is_too_short_is_told_and_asked_for_as_a_request(service: Any) -> None:
    asked: list[Task] = []

    async def take(task: Task) -> None:
        asked.append(task)

    short = next(one for one in service.tasks() if one.request.period.startswith("2012"))
    view = IndexOfView(Opened(service), take)  # type: ignore[arg-type]
    view.offer(load(service, short), {})
    compute(view, "spi")
    assert not view.answer.visible
    assert "at least 10 years" in view.message.object
    view.accumulate.value = "two"
    compute(view, "spi")
    assert "&#x27;two&#x27;" in view.message.object or "'two'" in view.message.object
    view.accumulate.value = "2"
    assert view.ask.visible
    asyncio.run(view._ask(None))
    options = asked[0].request.options
    assert (options["index"], options["accumulate"]) == ("spi", 2)


def test_an_index_with_steps_of_its_own_is_asked_for_and_not_computed(service: Any) -> None:
    view = IndexOfView(Opened(service), nothing)  # type: ignore[arg-type]
    view.offer(load(service, tasks_of(service)["rain", "mean,max"]), {})
    view.fields.index.choose("cdd")
    assert "ask for it of the whole record" in view.message.object
    assert (view.button.disabled, view.ask.visible) == (True, True)
    view.fields.index.choose("deciles")
    assert (view.message.object, view.button.disabled) == ("", False)


def test_what_each_of_two_results_is_follows_from_units() -> None:
    rain, warm = {"a": "mm"}, {"b": "degC"}
    assert kinds_of("spi", rain) == {"precipitation": "a"}
    assert kinds_of("eddi", warm) == {"temperature": "b"}
    expected = {"temperature": "b", "precipitation": "a"}
    assert kinds_of("spei", rain | warm) == kinds_of("spei", warm | rain) == expected
    assert kinds_of("spei", {"a": "mm", "c": "mm/day"}) == {"precipitation": "a", "pet": "c"}


def test_only_results_of_the_same_area_period_and_steps_stand_beside_one(service: Any) -> None:
    known = tasks_of(service)
    rain, warm = known["rain", "mean,max"], known["warm", "mean"]
    assert suits_beside(rain, warm)
    assert not suits_beside(rain, rain)
    assert not suits_beside(known["rain", "mean"], warm)
    assert not suits_beside(rain, as_request(warm, "eddi", 1, {}))
