from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bokeh.models import CustomJSTickFormatter, HoverTool
from bokeh.plotting import figure
from playwright._impl._driver import compute_driver_executable

from csserv.language import Language, date_patterns, known_languages, speaking
from csserv.views.charts.local_dates import HOVER, TICK, name_pointed_time, name_times

ARABIC, FRENCH = Language.of("ar"), Language.of("fr")


def run(code: str, calls: list[dict[str, Any]]) -> list[str]:
    """What the browser's code returns, for each set of arguments; by the engine of Chromium."""
    names = ", ".join(calls[0])
    program = (
        f"const call = ({{{names}}}) => {{ {code} }};"
        f"console.log(JSON.stringify({json.dumps(calls)}.map(call)));"
    )
    node = compute_driver_executable()[0]
    done = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def times_of(first: datetime, step: timedelta, count: int) -> list[float]:
    return [(first + n * step).timestamp() * 1000 for n in range(count)]


def labels(language: Language, ticks: list[float], with_year: bool = True) -> list[str]:
    with speaking(language):
        f = figure(x_axis_type="datetime")
        name_times(f, with_year)
    (formatter,) = {axis.formatter for axis in f.xaxis}
    assert isinstance(formatter, CustomJSTickFormatter)
    assert formatter.code == TICK
    each = [{"tick": one, "index": n, "ticks": ticks} for n, one in enumerate(ticks)]
    return run(TICK, [one | dict(formatter.args) for one in each])


def pointed(language: Language, values: list[str | float]) -> list[str]:
    with speaking(language):
        hover = HoverTool(tooltips=[("", "@time{%F} (UTC)"), ("v", "@value")])
        name_pointed_time(hover, "time")
    assert hover.tooltips == [("", "@time{custom} (UTC)"), ("v", "@value")]
    args = dict(hover.formatters["@time"].args)
    return run(HOVER, [{"value": one} | args for one in values])


@pytest.mark.slow
def test_months_of_an_axis_are_named_in_the_language_of_the_page() -> None:
    firsts = datetime(2020, 11, 1, tzinfo=UTC), datetime(2020, 12, 1, tzinfo=UTC)
    months = [day.timestamp() * 1000 for day in (*firsts, datetime(2021, 1, 1, tzinfo=UTC))]
    assert labels(FRENCH, months) == ["nov.\n2020", "déc.", "janv.\n2021"]
    assert labels(FRENCH, months, with_year=False) == ["nov.", "déc.", "janv."]
    january, february = datetime(2021, 1, 1, tzinfo=UTC), datetime(2021, 2, 1, tzinfo=UTC)
    spoken = labels(ARABIC, [january.timestamp() * 1000, february.timestamp() * 1000])
    assert [one.replace("\u200f", "") for one in spoken] == ["يناير\n2021", "فبراير"]


@pytest.mark.slow
def test_what_a_tick_says_follows_from_how_far_ticks_are_apart() -> None:
    first = datetime(2021, 3, 30, tzinfo=UTC)
    hours = times_of(first, timedelta(hours=6), 5)
    assert labels(FRENCH, hours) == ["30 mars\n2021", "06:00", "12:00", "18:00", "31 mars"]
    assert labels(FRENCH, hours[1:3]) == ["30 mars 06:00\n2021", "12:00"]
    days = times_of(first, timedelta(days=1), 3)
    assert labels(FRENCH, days) == ["30 mars\n2021", "31 mars", "1 avr."]
    years = [datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000 for year in (1960, 1980, 2000)]
    assert labels(FRENCH, years) == ["1960", "1980", "2000"]
    assert labels(FRENCH, days[:1]) == ["30 mars\n2021"]


@pytest.mark.slow
def test_a_time_under_the_pointer_is_written_as_the_language_does() -> None:
    moment = datetime(2021, 3, 1, 6, tzinfo=UTC).timestamp() * 1000
    given = [moment, "2021-03", "2021-02-30", "2021", "2021-03 (in part)", "2021-03-01T00:00:00"]
    assert pointed(FRENCH, given) == [
        *("1 mars 2021 06:00", "mars 2021", "30 février 2021", "2021"),
        *("mars 2021 (en partie)", "1 mars 2021"),
    ]
    assert pointed(FRENCH, ["no data", "2021-13", "winter", "2021 (in part)"]) == [
        *("pas de données", "2021-13", "winter", "2021 (en partie)"),
    ]
    assert pointed(Language.of("pt"), ["2021-03-01", "2021-03"]) == [
        *("1 de março de 2021", "março de 2021"),
    ]
    assert pointed(ARABIC, ["2021-02"]) == ["فبراير 2021"]


def test_english_stays_as_bokeh_and_results_write_it() -> None:
    f = figure(x_axis_type="datetime")
    before = [axis.formatter for axis in f.xaxis]
    hover = HoverTool(tooltips=[("", "@time{%F}")])
    name_times(f)
    name_pointed_time(hover, "time")
    assert [axis.formatter for axis in f.xaxis] == before
    assert hover.tooltips == [("", "@time{%F}")]


def test_each_language_says_twelve_months_and_how_a_date_is_written() -> None:
    for language in known_languages().values():
        with speaking(language):
            found = date_patterns()
        assert len(set(found.short)) == len(set(found.wide)) == len(set(found.alone)) == 12
        assert all(part in found.day for part in ("%(d)s", "%(y)s"))


def test_patterns_with_what_a_script_does_not_know_cannot_be() -> None:
    known = date_patterns()
    with pytest.raises(ValueError, match="GGGG"):
        replace(known, day="%(d)s %(GGGG)s")
    with pytest.raises(ValueError, match="12 are wanted"):
        replace(known, short=known.short[:11])
