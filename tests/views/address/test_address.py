"""An address asks what the form asks that wrote it; what is wrong in it is said, the rest kept."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs

import panel_material_ui as pmui
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from csserv import Area, Service, Zone
from csserv.catalog import Layers
from csserv.request import Options, Period
from csserv.request.limits import FILE_LIMITS
from csserv.views.address.area_words import LONGEST, area_words, read_area
from csserv.views.address.asked_query import AskedQuery, read_query, write_query
from csserv.views.address.fitting import fill_fields, misfits, query_of
from csserv.views.request.address_notice import AddressNotice
from csserv.views.request.period_presets import titles
from csserv.views.request.request_fields import RequestFields
from csserv.views.request.request_form import RequestForm
from tests.outputs.ensembles import write_ensembles

LAYERS = Layers.bundled()

OPTIONS = st.builds(
    Options,
    time_step=st.sampled_from(["native", "monthly", "period"]),
    least_valid=st.integers(0, 100).map(float),
    over_time=st.sampled_from(["", "sum", "max"]),
    accumulate=st.integers(1, 12),
    units=st.text("mkg/² ^-1&=?#+%", max_size=6).map(str.strip),
    weighting=st.sampled_from(["area", "centre"]),
    against=st.sampled_from(["", "default", "1981/2010"]),
    own_year=st.sampled_from(["in", "out"]),
    select=st.dictionaries(st.sampled_from(["member", "lead time"]), st.text("0*,m ", min_size=1))
    .map(lambda given: {name: value.strip() for name, value in given.items() if value.strip()})
    .map(lambda given: tuple(given.items())),
)


def words(search: str) -> dict[str, list[str]]:
    return parse_qs(search.removeprefix("?"))


@given(OPTIONS, st.dates(), st.sampled_from(["mean", "mean,max,p90", "geotiff"]))
def test_what_an_address_is_written_of_is_read_of_it(options: Options, day: date, operation: str):
    asked = AskedQuery("rain", operation, Period(day, day), ("KEN", "36 0 38 2"), options)
    assert read_query(words(write_query(asked))) == asked


def test_an_index_and_what_it_is_told_stand_in_the_address():
    options = Options("monthly", index="spi", index_options=(("distribution", "pearson"),))
    search = write_query(AskedQuery("rain", options=options))
    assert "index=spi" in search
    assert "index_option.distribution=pearson" in search
    assert read_query(words(search)).options == options


def test_each_bad_value_is_told_and_spoils_no_other():
    asked = read_query(
        {
            "dataset": ["rain"],
            "operation": ["meen"],
            "period": ["2019-13"],
            "time_step": ["hourly"],
            "accumulate": ["x"],
            "least_valid": ["nan"],
            "against": ["2019"],
            "own_year": ["out"],
            "index_option.scale": ["3"],
            "perod": ["2019"],
            "utm_source": ["bulletin"],
            "submit": ["1"],
        }
    )
    assert (asked.dataset, asked.operation, asked.period) == ("rain", "", None)
    assert asked.options == Options(own_year="out")
    assert asked.submits
    told = [one.partition(":")[0] for one in asked.problems]
    plain = ["operation", "period", "time_step", "accumulate", "least_valid", "against"]
    assert sorted(told) == sorted([*plain, "index_option.scale", "perod"])
    assert read_query({"page": ["request"], "theme": ["dark"]}).is_empty


TRIANGLE = shapely.Polygon([(36, 0), (38, 0), (37, 2)])


@pytest.mark.parametrize(
    ("area", "written"),
    [
        (LAYERS.find("Kenya"), ("KEN",)),
        (LAYERS.find("Kenya/*"), ("KEN/*",)),
        (LAYERS.find("Kenya/Eastern"), ("KEN-eastern",)),
        (Area.from_box(36, -1.5, 38, 2), ("36 -1.5 38 2",)),
        (Area.from_point(36.8, -1.3), ("POINT (36.8 -1.3)",)),
        (
            Area.from_geometry(TRIANGLE, "Tri: angle"),
            ("Tri  angle: POLYGON ((36 0, 37 2, 38 0, 36 0))",),
        ),
    ],
)
def test_words_of_an_area_are_read_as_that_area(area: Area, written: tuple[str, ...]):
    assert area_words(area, LAYERS) == written
    again, problems = read_area(written, LAYERS, FILE_LIMITS)
    assert again is not None
    assert problems == ()
    assert [one.geometry for one in again.zones] == [one.geometry for one in area.zones]
    assert [one.name for one in again.zones] == [one.name.replace(":", " ") for one in area.zones]


def test_zones_of_several_kinds_stand_side_by_side_and_those_that_are_none_are_told():
    zones = (*LAYERS.find("Kenya").zones, Zone("2", "Farm", TRIANGLE))
    written = area_words(Area(zones, "both"), LAYERS)
    assert written is not None
    again, problems = read_area((*written, "Atlantis", "1 2 3", *written), LAYERS, FILE_LIMITS)
    assert again is not None
    assert [one.name for one in again.zones] == ["Kenya", "Farm"]
    assert len(problems) == 2
    assert "Atlantis" in problems[0]


def test_area_that_no_address_can_hold_is_left_out():
    circle = shapely.Point(36, 0).buffer(1, quad_segs=200)
    assert len(shapely.to_wkt(circle, rounding_precision=5)) > LONGEST
    assert area_words(Area.from_geometry(circle), LAYERS) is None
    assert area_words(None, LAYERS) == ()


def test_form_takes_what_its_dataset_has_and_tells_the_rest(tmp_path: Path):
    settings = write_ensembles(tmp_path, ("ensemble",))
    query = "dataset=ENSEMBLE&period=2019-01&select.member=*&select.level=3&time_step=monthly"

    async def ask(service: Service, given: str) -> tuple[RequestForm, tuple[str, ...]]:
        form = RequestForm(service, {"ensemble": "Members"})
        asked = read_query(words(given))
        lost = fill_fields(asked, form.fields, service.catalog)
        await form.load()
        assert form.coverage is not None
        return form, (*lost, *misfits(asked, form.fields, form.coverage))

    with Service(settings, starts_runner=False) as service:
        form, told = asyncio.run(ask(service, query))
        assert told == ("select.level: ensemble has no level; further dimensions: member",)
        again = query_of(form.fields, ("KEN",))
        assert again is not None
        assert again.options == Options("monthly", select=(("member", "*"),))
        assert (again.dataset, str(again.period)) == ("ensemble", "2019-01-01/2019-01-31")
        query = "dataset=ensembel&index=cdd&over_time=sum&time_step=monthly"
        _, told = asyncio.run(ask(service, query))
        assert "ensemble" in told[0]
        assert told[1] == "index: cdd is not possible here with ensemble; it is now nothing"
        assert len(told) == 2


def test_form_with_a_wrong_field_leaves_the_address_as_it_is():
    fields = RequestFields({"rain": "Rain"}, lambda *events: None)
    assert query_of(fields, ()) == AskedQuery("rain", "mean", options=Options())
    fields.comparison.reference.choose("own")
    fields.comparison.years.value = "1991"
    assert query_of(fields, ()) is None


def test_address_submits_nothing_without_a_click():
    submit = pmui.Button(label="Submit request")
    notice = AddressNotice(submit)
    notice.tell(("period: '<b>' is no period",), asks_to_submit=True)
    assert notice.button.visible
    assert "&lt;b&gt;" in str(notice.wrong.object)
    assert submit.clicks == 0
    notice.button.clicks += 1
    assert submit.clicks == 1
    notice.tell()
    assert not notice.button.visible
    assert not notice.wrong.visible


def test_buttons_of_periods_say_of_when():
    assert [title for _, title in titles(date(2021, 12, 31))] == [
        *("Last 30 days of data (to 31 Dec 2021)", "Season to 31 Dec 2021", "Last year", "All")
    ]
