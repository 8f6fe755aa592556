"""How a season will end is asked by a form, and shown as a sentence, a chart and a table."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.models import Line, VArea

from csserv import Area, Service, Settings
from csserv.climatology.season import SeasonSteps, season_outlook
from csserv.errors import InvalidRequestError
from csserv.outlooks import SeasonAnswer
from csserv.outlooks.ask_season import AskedSeason
from csserv.views.outlooks.season_chart import season_chart
from csserv.views.outlooks.season_form import NO_AREA, SeasonForm
from csserv.views.outlooks.season_texts import OWN, season_of, season_rows
from csserv.views.outlooks.season_view import SeasonView
from tests.catalog.read.place.grids import degrees, write_field
from tests.files import LAT, LON, Layout, write_granule

MONTHS = ("2024-03-01", "2024-04-01", "2024-05-01")


def answer(known: int = 2, calendar: str = "standard", forecast: str = "") -> SeasonAnswer:
    """Ten mm each month in one zone, 20 in the other of the same name; years of 1 to 12 mm."""
    now = np.tile([10.0, 20.0], (3, 1))
    now[known:] = np.nan
    years = np.broadcast_to(np.arange(1.0, 13.0)[:, None, None], (12, 3, 2))
    return SeasonAnswer(
        found=season_outlook(SeasonSteps(now, years)),
        zones=("<b>East</b>", "<b>East</b>"),
        times=MONTHS,
        end="2024-06-01",
        units="mm",
        reference="1991/2002",
        calendar=calendar,
        forecast=forecast,
        notes=("synthetic",),
        tasks=("0" * 32, "1" * 32)[: 1 + bool(forecast)],
    )


def test_each_zone_has_a_row_also_two_of_one_name():
    found = season_rows(answer())
    assert found.titles[:4] == ("Zone", "So far [mm]", "% of normal", "May end with [mm]")
    assert [row[1:4] for row in found.rows] == [("20", "154", "26"), ("40", "308", "46")]
    assert found.rows[0][4] == "22 to 31"
    first, second = str(answer()).splitlines()
    assert ("20 mm" in first, "40 mm" in second) == (True, True)


def test_fan_goes_on_from_what_fell_and_is_not_there_when_the_season_is_over():
    chart = season_chart(answer(), 0)
    bands = [one.data_source.data for one in chart.renderers if isinstance(one.glyph, VArea)]
    assert len(bands) == 4
    assert bands[0]["x"][0] == np.datetime64("2024-03-01")
    assert bands[2]["x"].tolist() == bands[0]["x"][2:].tolist()
    assert bands[2]["y1"][0] == bands[2]["y2"][0] == 20.0  # the total at the end of April
    over = season_chart(answer(known=3), 1)
    assert sum(isinstance(one.glyph, VArea) for one in over.renderers) == 2
    (so_far,) = [one for one in over.renderers if getattr(one.glyph, "line_width", 0) == 3]
    assert isinstance(so_far.glyph, Line)
    assert so_far.data_source.data["value"].tolist() == [0.0, 20.0, 40.0, 60.0]


def test_days_that_only_other_calendars_have_are_drawn():
    found = answer(calendar="360_day")
    late = SeasonAnswer(**{**vars(found), "times": ("2024-02-30", *MONTHS[1:])})
    bands = season_chart(late, 0).renderers[0].data_source.data
    assert np.all(np.diff(bands["x"]) > np.timedelta64(0))


def test_view_takes_no_markup_from_names_and_leads_to_what_it_is_made_of():
    view = SeasonView()
    view.show(answer(forecast="ahead"))
    assert "&lt;b&gt;East" in view.said.object
    assert "<b>East" not in view.said.object + view.table.object
    assert view.zone.visible
    view.zone.value = "1"
    assert "40 mm" in view.said.object
    view.show(answer())
    assert "20 mm" in view.said.object
    view.clear()
    assert not view.__panel__().visible


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("March to May", "24", ""), "the year is '24'"),
        ((OWN, "2024", " "), "first and the last month"),
    ],
)
def test_what_no_season_is_is_refused_in_words(given: tuple[str, str, str], said: str):
    with pytest.raises(InvalidRequestError, match=said):
        season_of(*given)
    assert season_of(OWN, "", "2024-03/2024-05-10") == "2024-03/2024-05-10"


@pytest.fixture
def service(tmp_path: Path) -> Any:
    """Months of 13 years, and a forecast of two members."""
    months = np.arange("2000-01", "2012-04", dtype="datetime64[M]").astype("datetime64[D]")
    days = (months - np.datetime64("2019-01-01")).astype(int)
    values = np.ones((len(days), len(LAT), len(LON)), "f4")
    said = Layout(attributes={"units": "mm", "cell_methods": "time: sum"})
    write_granule(tmp_path / "data" / "rain" / "a.nc", values, LAT, LON, said, days=days)
    members = np.ones((3, 2, len(LAT), len(LON)), "f4")
    at = degrees(LAT, LON) | {"member": (("member",), np.array([1, 2]), {})}
    path = tmp_path / "data" / "ahead" / "a.nc"
    write_field(path, members, ("time", "member", "lat", "lon"), at)
    rows = (
        f'[{name}]\ntitle = "{name}"\nvariable = "rain"\nfiles = "{name}/*.nc"\n'
        for name in ("rain", "ahead")
    )
    (tmp_path / "own.toml").write_text("\n".join(rows))
    settings = Settings(
        home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml"
    )
    with Service(settings, starts_runner=False) as found:
        yield found


def test_form_suggests_the_season_that_the_data_end_in_and_queues_it(service: Any):
    asked: list[AskedSeason] = []

    async def take(one: AskedSeason) -> None:
        asked.append(one)

    form = SeasonForm(service, {"rain": "Rain"}, take)

    async def ask() -> None:
        await form.load()
        assert (form.season.value, form.year.value) == ("March to May", "2012")
        assert "Its data end on 2012-03-31." in form.message.object
        await form._ask(None)
        assert NO_AREA[1:] in form.message.object
        form.area = Area.from_box(20.0, 7.0, 22.0, 8.0)
        form.years.value = "2000 to 2011"
        await form._ask(None)

    asyncio.run(ask())
    (found,) = asked
    assert (str(found.season), found.reference) == ("2012-03-01/2012-05-31", "2000/2011")
    assert [one.request.period for one in found.tasks] == ["2000-01-01/2012-05-31"]
    form.forecast.choose("ahead")
    assert form.question().select == {"member": "*"}
    form.forecast.choose("")
    form.years.value = "2000 to 2004"
    asyncio.run(form._ask(None))
    assert "which is 5 years" in form.message.object
    assert not form.button.loading
