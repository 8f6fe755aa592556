"""Asking: what is drawn becomes zones; facts, presets, and the same request in other words."""

from __future__ import annotations

import asyncio
import shlex
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from csserv import Area, Request, Service, Settings
from csserv.catalog import CatalogEntry, Layers
from csserv.errors import InvalidAreaError, InvalidRequestError
from csserv.language import Language, speaking
from csserv.request import Options, Period
from csserv.tasks.log.task import RequestRecord, Task
from csserv.views.area.drawn_shapes import (
    DrawnShape,
    admin_unit_area,
    box,
    country_area,
    polygon,
    toggled,
)
from csserv.views.area.place_lookup import box_of, place_names
from csserv.views.maps.mercator import LAST_LATITUDE, to_degrees, to_mercator
from csserv.views.maps.outlines import admin_units, countries_near, world
from csserv.views.request import coverage_texts
from csserv.views.request.dataset_card import time_strip_html
from csserv.views.request.period_picker import PeriodPicker
from csserv.views.request.period_presets import PRESETS
from csserv.views.request.request_code import as_climateserv, as_curl, as_python
from csserv.views.request.request_fields import RequestFields
from csserv.views.request.request_form import RequestForm
from tests.files import LAT, LON, write_granule
from tests.outputs.ensembles import write_ensembles

LAYERS = Layers.bundled()
SERVER = "http://here:5006"


def drawn(kind: str, *corners: tuple[float, float], metres: float = 1000.0) -> DrawnShape:
    x, y = to_mercator([lon for lon, _ in corners], [lat for _, lat in corners])
    return DrawnShape(kind, x.tolist(), y.tolist(), metres)


@given(st.floats(-180, 180), st.floats(-LAST_LATITUDE, LAST_LATITUDE))
def test_map_and_back_is_the_same_place(lon: float, lat: float):
    assert np.allclose(to_degrees(*to_mercator(lon, lat)), (lon, lat), atol=1e-9)


def test_screen_has_each_country_of_the_layer():
    layer = LAYERS["country"]
    assert world().ids == tuple(feature.id for feature in layer.features)
    assert "KEN" in countries_near((36, -1, 38, 1))["id"]
    assert "BRA" not in countries_near((36, -1, 38, 1))["id"]


def test_shapes_that_are_drawn_become_zones():
    corners = [(36.0, 0.0), (38.0, 0.0), (37.0, 2.0)]
    assert polygon(drawn("polygon", *corners)).geometry.equals_exact(
        shapely.normalize(shapely.Polygon(corners)), 1e-5
    )
    assert box(drawn("box", (38, 2), (36, 0))).geometry.bounds == (36.0, 0.0, 38.0, 2.0)
    with pytest.raises(InvalidAreaError, match="the box is empty"):
        box(drawn("box", (36, 0), (36, 2)))
    with pytest.raises(InvalidAreaError, match="broken"):
        polygon(drawn("polygon", (0, 0), (2, 2), (2, 0), (0, 2)))


def test_tap_hits_a_country_then_its_regions():
    nairobi = drawn("country", (36.8, -1.3))
    assert country_area(LAYERS, nairobi).zones[0].id == "KEN"
    area = admin_unit_area(LAYERS, "KEN", nairobi)
    assert area is not None
    assert area.zones[0].id == "KEN-nairobi"
    assert "8 provinces of before 2013" in area.notes[0].text
    assert admin_unit_area(LAYERS, "UGA", nairobi) is None
    with pytest.raises(InvalidAreaError, match="no country there"):
        country_area(LAYERS, drawn("country", (-30.0, 0.0)))
    assert len(admin_units(LAYERS["admin_1_earth"], "KEN").ids) == 8


def test_further_zones_join_and_the_same_again_goes():
    first, second = Area.from_box(0, 0, 1, 1), Area.from_box(2, 0, 3, 1)
    area = toggled(toggled(None, first), second)
    assert area is not None
    assert [zone.id for zone in area.zones] == ["box", "box 2"]
    assert toggled(toggled(None, first), first) is None


def test_notes_of_further_zones_are_told_once():
    units = [LAYERS.find(f"Kenya/{name}") for name in ("Coast", "Eastern")]
    area = toggled(toggled(toggled(None, Area.from_box(0, 0, 1, 1)), units[0]), units[1])
    assert area is not None
    assert area.notes == units[0].notes


def test_a_note_goes_with_the_last_zone_that_it_is_about():
    kenya = [LAYERS.find(f"Kenya/{name}") for name in ("Coast", "Eastern")]
    ghana = LAYERS.find("Ghana/Volta")
    area = None
    for found in (*kenya, ghana):
        area = toggled(area, found)
    assert area is not None
    assert area.notes == (*kenya[0].notes, *ghana.notes)
    without_one = toggled(area, kenya[0])
    assert without_one is not None
    assert without_one.notes == area.notes
    without_both = toggled(without_one, kenya[1])
    assert without_both is not None
    assert without_both.notes == ghana.notes
    several = LAYERS.find("Ghana/*")
    fewer = toggled(several, ghana)
    assert fewer is not None
    assert fewer.notes == several.notes


def test_boxes_are_typed_and_places_found_without_accents():
    assert box_of("33.9, -4.7; 41.9 5").bounds == (33.9, -4.7, 41.9, 5.0)
    with pytest.raises(InvalidAreaError, match="write four numbers"):
        box_of("33.9 -4.7 41.9")
    names = place_names(LAYERS)
    assert names["Côte d'Ivoire (Cote d'Ivoire)"] == "CIV"
    assert next(name for name in names if "niger" in name.casefold()) == "Niger"
    assert names["Kenya, each region"] == "KEN/*"
    with speaking(Language.of("fr")):
        assert place_names(LAYERS)["Kenya, chaque région"] == "KEN/*"
    assert names["Rift Valley, Kenya"] == "KEN-rift-valley"


@pytest.mark.parametrize(
    ("days", "last"),
    [
        ([0, 31, 59], date(2019, 3, 31)),  # months
        ([0, 7, 14], date(2019, 1, 21)),
        ([0, 0.25, 0.5, 0.75], date(2019, 1, 1)),
        ([0, 3, 4, 11], date(2019, 1, 12)),
    ],
)
def test_days_to_choose_end_with_the_end_of_the_last_step(
    tmp_path: Path, days: list[float], last: date
):
    values = np.ones((len(days), len(LAT), len(LON)))
    path = tmp_path / "own" / "a.nc"
    write_granule(path, values, LAT, LON, days=np.array(days, dtype=float))
    row = {"title": "Own", "variable": "rain", "files": "own/*.nc"}
    there = CatalogEntry.of("own", tmp_path, row).coverage()
    assert coverage_texts.selectable_days(there) == (date(2019, 1, 1), last)


def test_dataset_offers_what_its_files_have(service: Service, tmp_path: Path):
    there = service.coverage("rain")
    assert coverage_texts.selectable_days(there) == (date(2019, 1, 1), date(2019, 2, 28))
    assert (coverage_texts.frequency(there), coverage_texts.gaps(there)) == ("daily", "no gaps")
    assert coverage_texts.selectable_time_steps(there)[:3] == ["native", "pentad", "weekly"]
    assert coverage_texts.extent(there) == "20° E to 40° E, 8° S to 8° N"
    days = np.arange(64, 66)  # 6 and 7 March
    values = np.zeros((2, len(LAT), len(LON)))
    write_granule(tmp_path / "data" / "rain" / "rain_3.nc", values, LAT, LON, days=days)
    there = service.coverage("rain")
    assert coverage_texts.gaps(there) == "5 steps missing: 2019-03-01 to 2019-03-05"
    [(left, width)] = coverage_texts.gap_spans(there)
    assert (left, width) == (pytest.approx(100 * 59 / 66), pytest.approx(100 * 5 / 66))
    assert "5 steps missing" in time_strip_html(there)


async def weighed(form: RequestForm, area: Area) -> str:
    """What the form says of an area once the person has paused."""
    before = form.message.object
    form.area = area
    for _ in range(600):
        await asyncio.sleep(0.1)
        if form.message.object != before:
            break
    return str(form.message.object)


def test_form_says_what_a_request_costs_what_it_lacks_and_why_it_is_refused(settings: Settings):
    small = settings.model_copy(update={"max_cell_steps": 500.0})

    async def ask(service: Service) -> None:
        form = RequestForm(service, {"rain": "Rain"}, "somebody")
        await form.load()
        assert "Choose an area" in str(form.message.object)
        form.fields.period.choose(Period(date(2019, 2, 20), date(2019, 3, 2)))
        said = await weighed(form, Area.from_box(30, 0, 32, 2))
        assert "1 zone of 4 cells, 9 steps; reads 1 file" in said
        assert "2 steps are missing in this period</b>: 2019-03-01 to 2019-03-02" in said
        assert form.request is not None
        said = await weighed(form, Area.from_box(20, -8, 40, 8))
        assert "<b>Refused:</b> the request reads 320 cells x 9 steps" in said
        assert form.button.disabled

    with Service(small, starts_runner=False) as service:
        asyncio.run(ask(service))


@pytest.mark.parametrize(
    ("name", "last", "period"),
    [
        ("Last 30 days", date(2019, 3, 30), "2019-03-01/2019-03-30"),
        ("This season", date(2019, 2, 10), "2018-12-01/2019-02-10"),
        ("This season", date(2019, 7, 4), "2019-06-01/2019-07-04"),
        ("Last year", date(2019, 7, 4), "2018-01-01/2018-12-31"),
        ("Last year", date(2019, 12, 31), "2019-01-01/2019-12-31"),
        ("All", date(2019, 7, 4), "2015-05-05/2019-07-04"),
    ],
)
def test_presets_count_from_the_last_day(name: str, last: date, period: str):
    assert str(PRESETS[name](date(2015, 5, 5), last)) == period


@given(st.dates(), st.dates())
def test_periods_that_are_chosen_are_those_that_are_read(one: date, other: date):
    picker = PeriodPicker()
    assert picker.period is None
    period = Period(min(one, other), max(one, other))
    picker.choose(period)
    assert picker.period == period


def test_days_that_are_none_are_refused_and_those_that_are_not_there_are_not_kept():
    picker = PeriodPicker(start="275760-09-13", end="2019-01-02")
    with pytest.raises(InvalidRequestError, match="'275760-09-13' is no day"):
        _ = picker.period
    picker.set_available(date(2018, 1, 1), date(2019, 6, 30), PRESETS["Last year"])
    assert str(picker.period) == "2018-01-01/2018-12-31"
    picker.set_available(date(2018, 1, 1), date(2020, 6, 30), PRESETS["Last year"])
    assert str(picker.period) == "2018-01-01/2018-12-31"
    picker._handle_msg("Last 30 days")
    assert str(picker.period) == "2020-06-01/2020-06-30"
    picker._handle_msg("nothing that is offered")
    assert str(picker.period) == "2020-06-01/2020-06-30"


def test_a_period_that_is_asked_for_stays_however_often_its_dataset_is_read(service: Service):
    fields = RequestFields({"other": "Other", "rain": "Rain"}, lambda *events: None)
    asked = Period.parse("2019-02/2019-05")
    fields.choose("rain", "mean", asked, Options())
    for _ in range(2):  # when the dataset is chosen, and when the form is loaded
        fields.set_coverage(service.coverage("rain"))
        assert fields.period.period == asked
    fields.period.param.update(start="2019-01-05")
    fields.period.param.update(end="2019-01-09")
    fields.set_coverage(service.coverage("rain"))
    assert str(fields.period.period) == "2019-01-05/2019-01-09"


def test_python_that_is_shown_asks_the_same(service: Service):
    zones = service.layers.area("country", ["KEN", "UGA"])
    drawn_area = Area.from_geometry(shapely.box(30, 0, 32, 2).buffer(0.1), "polygon")
    for area in (service.area("KEN"), zones, Area.from_box(30, 0, 32, 2), drawn_area):
        request = Request("rain", "mean", area, Period.parse("2019-01"), Options("monthly"))
        text = as_python(request, service.layers).partition("series =")[0]
        names = {"here": service}
        exec(text.replace("csserv.connect()", "here"), names)
        asked = names["task"].request
        assert asked.fingerprint == request.fingerprint


def test_calls_are_those_that_servers_know(service: Service):
    kenya = service.area("KEN")
    request = Request("chirps", "mean", kenya, Period.parse("2019-01"))
    curl = shlex.split(as_curl(request, service.layers, SERVER).replace("\\\n", " "))
    assert curl[1] == f"{SERVER}/api/v1/tasks"
    assert '"area": "KEN"' in curl[-1]
    address = as_climateserv(request, service.catalog, service.layers, SERVER)
    asked = parse_qs(urlparse(address.strip()).query)
    assert asked["datatype"] == ["0"]
    assert asked["operationtype"] == ["5"]
    assert (asked["begintime"], asked["endtime"]) == (["01/01/2019"], ["01/31/2019"])
    assert (asked["layerid"], asked["featureids"]) == (["country"], ["KEN"])
    odd = Request("chirps", "p90", kenya, Period.parse("2019"), Options("dekad"))
    with pytest.raises(InvalidRequestError, match="the operation p90; dekad steps"):
        as_climateserv(odd, service.catalog, service.layers, SERVER)


def test_form_asks_again_for_all_that_a_task_asked_for():
    options = Options(
        time_step="monthly", accumulate=3, over_time="sum", units="cm", weighting="share"
    )
    kenya = Area.from_box(34, -4, 41, 4)
    request = Request("rain", "mean,max,p95", kenya, Period.parse("2019"), options)
    task = Task.of(RequestRecord.of(request, [], 1), 3, "anybody")
    fields = RequestFields({"rain": "Rain"}, lambda *events: None)

    fields.fill_in(task)

    assert fields.to_request(kenya) == request
    assert fields.operations_text == "mean: area-weighted mean, max, p95"
    fields.operation.choose("max")
    fields.accumulate.value = 1
    fields.time_step.choose("native")
    again = fields.to_request(kenya)
    assert (again.operation, again.options.over_time) == ("max,p95", "")


def test_form_asks_for_all_members_and_keeps_what_a_task_chose(tmp_path: Path):
    settings = write_ensembles(tmp_path, ("ensemble",))
    area = Area.from_box(30, 0, 32, 2)

    async def ask(service: Service) -> None:
        form = RequestForm(service, {"ensemble": "Members"}, "somebody")
        await form.load()
        form.fields.period.choose(Period.parse("2019-01"))
        (member,) = form.fields.further_dimensions
        member.choose("*")
        assert "1 zone of 4 cells, 3 series, 31 steps" in await weighed(form, area)
        await form._submit(None)
        assert form.submitted is not None
        assert form.submitted.request.options["select"] == [["member", "*"]]
        again = RequestForm(service, {"ensemble": "Members"}, "somebody")
        again.fields.fill_in(form.submitted)
        await again.load()
        assert again.fields.to_request(area) == form.request

    with Service(settings, starts_runner=False) as service:
        asyncio.run(ask(service))
