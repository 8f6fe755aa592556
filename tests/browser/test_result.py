"""The page of a result: it fills, it is compared, its maps are played, its files are had."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import shapely
from playwright.sync_api import Page, expect

from csserv import Area, Service, Task, Zone
from csserv.catalog.catalog import TABLE
from csserv.catalog.toml_table import put_rows
from tests.browser.conftest import PATIENCE, Dashboard, Visitor
from tests.browser.page_faults import words_on_paper
from tests.processes import eventually

expect.set_options(timeout=PATIENCE)

RAIN = "precipitation_amount"

#: year → its first day, since 1980; of each, there are 365
YEARS = {2021: 14976.0, 2022: 15341.0, 2023: 15706.0}
DAYS = 365 * len(YEARS)

#: steps in the first line of the newest chart; none where there is no chart
STEPS = """() => {
  const charts = Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
    .filter((model) => model.name == "series_chart");
  const lines = charts.length ? charts[charts.length - 1].renderers : [];
  return lines.length ? lines[0].data_source.data.value.filter((v) => !isNaN(v)).length : 0;
}"""

#: lines of the newest chart, and its axes; none where there is no chart
LINES = """() => {
  const charts = Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
    .filter((model) => model.name == "series_chart");
  if (!charts.length) return [0, 0];
  const chart = charts[charts.length - 1];
  const legend = chart.below.find((one) => one.type == "Legend");
  const axes = [...chart.left, ...chart.right].filter((one) => one.type == "LinearAxis");
  return [legend ? legend.items.length : 1, axes.length];
}"""

#: title of the vertical axis of the newest chart, and the values of its first line
CHARTS = """Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
    .filter((model) => model.name == "series_chart").slice(-1)"""
TITLE = f"() => {CHARTS}.map((chart) => chart.left[0].axis_label)[0]"
VALUES = f"() => [...{CHARTS}[0].renderers[0].data_source.data.value]"

#: shades of the step that the map shows
SHADES = """() => {
  const maps = Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
    .filter((model) => model.name == "raster_map");
  const images = maps.flatMap((map) => map.renderers).filter((r) => r.glyph.type == "Image");
  return images[0].data_source.data.step[0];
}"""


def arrived(page: Page) -> None:
    page.get_by_text("How to cite").wait_for()


def download(page: Page, label: str | re.Pattern[str]) -> tuple[str, Path]:
    """Name and place of a file."""
    with page.expect_download() as waited:
        link = page.get_by_role("link", name=label)
        page.get_by_role("button", name=label).or_(link).first.click()
    return waited.value.suggested_filename, Path(waited.value.path())


def opened(visitor: Visitor, service: Service, *asked: Any) -> tuple[Page, Task]:
    """The page of the result of a request, and its task."""
    task = service.submit(*asked)
    service.wait(task)
    page = visitor.visit(f"?task={task.id}")
    arrived(page)
    return page, task


def test_the_answer_comes_first_and_the_task_last_and_a_page_can_be_shared(
    visitor: Visitor, service: Service
) -> None:
    page, task = opened(visitor, service, "chirps", "mean", "Kenya/*", "2019-01")
    answer = page.get_by_role("heading", name="31 January 2019: ")
    chart, machinery = page.get_by_text("Time series"), page.get_by_text(f"Task {task.id}")
    order = [answer, chart, machinery]

    def tops() -> list[float]:
        return [one.bounding_box()["y"] for one in order]  # type: ignore[index]

    eventually(lambda: (seen := tops()) == sorted(seen))  # once all parts have their heights
    zone = service.result(task).json["series"][0]["zone"]["name"]
    assert answer.inner_text().startswith(zone)
    page.get_by_role("link", name="Page to share").click()
    page.wait_for_url(f"**/r/{task.id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(zone)
    page.get_by_role("link", name="Open in the dashboard").click()
    arrived(page)


#: of the map of zones: the numbers of the marked ones, and where a zone's name stands [pixels]
#: of a page that is still loading, nothing is there
MAP = """(globalThis.Bokeh?.documents ?? []).flatMap((doc) => [...doc._all_models.values()])
    .filter((model) => model.name == "zone_map").slice(-1)[0]"""
ZONES = f"{MAP}?.renderers.find((one) => one.data_source.data.label_x)?.data_source"
MARKED = f"() => {ZONES}?.selected.indices.join()"
PLACE = f"""(zone) => {{
  const view = Bokeh.index.find_one({MAP}), {{label_x, label_y}} = {ZONES}.data;
  const {{x_scale, y_scale}} = view.frame;
  view.el.scrollIntoView({{block: "center"}});
  const at = view.el.getBoundingClientRect();
  return [at.x + x_scale.compute(label_x[zone]), at.y + y_scale.compute(label_y[zone])];
}}"""

#: places of charts that are seen at the moment at which a tab was clicked
SEEN_AT_ONCE = """(tab) => {
  tab.click();
  const places = Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
    .filter((model) => /^SeriesView|^ChartPlaces/.test(model.name ?? ""));
  return places.filter((one) => one.visible).map((one) => one.name.replace(/^[^_]*_/, ""));
}"""


def boxes(rows: int, columns: int) -> Area:
    """Equal boxes, named by row and column, from the south-west on."""
    found = []
    for y, x in np.ndindex(rows, columns):
        west, south = 35 + x / 10, -1 + y / 10
        shape = shapely.box(west, south, west + 0.1, south + 0.1)
        found.append(Zone(f"{y}-{x}", f"Box {y} {x}", shape))
    return Area(tuple(found), "boxes")


def test_map_table_and_chart_are_one_among_six_hundred_zones(
    visitor: Visitor, service: Service
) -> None:
    page, task = opened(visitor, service, "chirps", "mean", boxes(20, 30), "2019-01")
    rows = page.locator("tr[data-zone]")
    rows.first.wait_for()
    assert rows.count() < 60  # those in sight, of 600
    values = np.array([one["value"] for one in service.result(task).json["series"]])
    wettest = int(np.nansum(values, axis=1).argmax())
    page.get_by_role("columnheader", name="Value").get_by_role("button").click()
    expect(rows.first).to_have_attribute("data-zone", str(wettest))
    page.get_by_label("Search zones").fill("box 7 1")
    page.get_by_text("11 of 600 zones").wait_for()
    page.get_by_role("button", name="Box 7 12", exact=True).click()
    page.get_by_role("heading", name="Box 7 12, ").first.wait_for()
    page.wait_for_function(f"({MARKED})() == '{7 * 30 + 12}'")
    page.wait_for_function(f"{MAP}.inner_width > 50")
    page.mouse.click(*page.evaluate(PLACE, 7 * 30 + 1))
    page.get_by_role("heading", name="Box 7 1, ").first.wait_for()
    expect(page.locator("tr.marked")).to_contain_text("Box 7 1")
    tab = page.get_by_role("tab", name="Adding up")
    page.wait_for_function("(tab) => tab.isConnected", arg=tab.element_handle())
    assert tab.evaluate(SEEN_AT_ONCE) == ["totals"]
    expect(page.get_by_text("Years begin in")).to_be_visible()
    there = f"page=result&task={task.id}&chart=totals&zone=Box+7+1"
    page.wait_for_url(f"**?{there}")
    page.reload()
    sees_totals_of_box(page)
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page).to_have_title(re.compile("^Data"))
    page.go_back()
    page.wait_for_url(f"**?{there}")
    sees_totals_of_box(page)
    # on paper, all of a hundred zones at most, and of more how many
    assert re.search(r"Printed: \d\d of 600 zones", words_on_paper(page))
    page.get_by_label("Search zones").fill("box 7")
    page.get_by_text("30 of 600 zones").wait_for()
    assert rows.count() < 30
    said = words_on_paper(page)
    assert all(f"Box 7 {column} " in said for column in range(30))
    assert "Printed:" not in said
    # what the map of zones shows, also in the other colour scheme
    time = page.get_by_role("combobox", name="Time", exact=True)
    time.select_option("one step")
    at_step = there.replace("&zone", "&at=2019-01-31&zone")
    page.wait_for_url(f"**?{at_step}")
    drawn = page.evaluate(f"{MAP}.id")
    page.get_by_role("button", name="Toggle theme").click()
    page.wait_for_function(f"(drawn) => {MAP}.id != drawn", arg=drawn)  # it is drawn anew
    expect(time).to_have_value("one step")
    page.reload()
    sees_totals_of_box(page)
    expect(time).to_have_value("one step")
    page.wait_for_url(f"**?{at_step}")
    # the address of another zone, in the same page
    page.evaluate(f"history.pushState({{}}, '', '?page=result&task={task.id}&zone=Box+0+3')")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    page.get_by_role("heading", name="Box 0 3, ").first.wait_for()
    page.go_back()
    sees_totals_of_box(page)


def sees_totals_of_box(page: Page) -> None:
    """Wait until the page shows the zone and the chart that were chosen."""
    page.get_by_role("heading", name="Box 7 1, ").first.wait_for()
    expect(page.get_by_role("tab", name="Adding up")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("Years begin in")).to_be_visible()
    page.wait_for_function(f"({MARKED})() == '{7 * 30 + 1}'")


def add_years(data: Path) -> None:
    """Add a dataset: some years of one number, enough for several blocks of work."""
    row = {"title": "Some years", "variable": RAIN, "files": "years/*.nc4"}
    put_rows(data / TABLE, {"years": row})
    (data / "years").mkdir()
    with netCDF4.Dataset(next(data.glob("chirps/*201904.nc4"))) as known:
        axes = {name: known[name][:] for name in ("time", "latitude", "longitude")}
        units = {name: known[name].units for name in (*axes, RAIN)}
    for year, first in YEARS.items():
        axes["time"] = first + np.arange(365)
        path = data / "years" / f"{year}.nc4"
        with netCDF4.Dataset(path, "w") as file:
            for name, values in axes.items():
                file.createDimension(name, len(values))
                file.createVariable(name, "f8", (name,)).units = units[name]
                file[name][:] = values
            shape = (31, *(len(axes[name]) for name in ("latitude", "longitude")))
            rain = file.createVariable(RAIN, "f4", tuple(axes), zlib=True, chunksizes=shape)
            rain.units = units[RAIN]
            rain[:] = 1.0


def knows(part: dict[str, Any]) -> bool:
    """Whether there are some steps already."""
    return any(one["time"] for one in part["series"])


@contextmanager
def half_done(dashboard: Dashboard, service: Service) -> Iterator[Task]:
    """A task of which some steps are known: a worker that is halted keeps others to itself."""
    workers = dashboard._workers()
    box = Area.from_box(33, -6, 43, 6)
    # both have shown then that they can read the data: who has not gets no steps to keep
    service.wait(service.submit("years", "mean", box, "2021/2023"))
    task = service.submit("years", "median", box, "2021/2023")
    try:
        for turn in range(6):
            halted, other = workers[turn % 2], workers[1 - turn % 2]
            halted.suspend()
            other.resume()
            with suppress(AssertionError):  # it was the one that others wait for
                eventually(lambda: knows(service.partial(task)), 10)
                break
        assert not service.task(task).state.is_final
        yield task
    finally:
        for worker in workers:
            worker.resume()


def test_chart_fills_while_the_task_runs(
    visitor: Visitor, dashboard: Dashboard, service: Service
) -> None:
    add_years(dashboard.settings.data)
    with half_done(dashboard, service) as task:
        page = visitor.visit(f"?task={task.id}")
        page.wait_for_function(f"({STEPS})() > 0")
        assert 0 < page.evaluate(STEPS) < DAYS
        expect(page.get_by_text("The chart fills as soon as")).not_to_be_visible()
        expect(page.get_by_text("How to cite")).not_to_be_visible()
    arrived(page)
    page.wait_for_function(f"({STEPS})() == {DAYS}")


def test_results_are_compared_on_one_axis_or_two(visitor: Visitor, service: Service) -> None:
    places = ("Kenya", "Uganda", "Tanzania")
    tasks = [service.submit("chirps", "mean", place, "2019-01/2019-02") for place in places]
    for task in tasks:
        service.wait(task)
    page = visitor.visit(f"?task={tasks[0].id}")
    arrived(page)
    page.get_by_role("combobox", name=re.compile("Compare with other")).click()
    for place in places[1:]:
        page.locator("li", has_text=f"mean of chirps, {place}").click()
    page.mouse.click(4, 400)  # beside everything: the list closes
    page.wait_for_function(f"({LINES})().join() == '3,1'")
    page.get_by_role("button", name="An axis for the others").click()
    page.wait_for_function(f"({LINES})().join() == '3,2'")


def test_one_of_several_operations_is_shown_and_can_be_chosen(
    visitor: Visitor, service: Service
) -> None:
    page, task = opened(visitor, service, "chirps", "mean,max,count", "Kenya", "2019-01")
    page.get_by_text("mean (in mm/day), max (in mm/day), count (in cells)").wait_for()
    shown = {}
    for name, title in (
        ("mean", "rainfall, averaged over the area [mm/day]"),
        ("max", "rainfall, highest cell of the area [mm/day]"),
        ("count", "cells of the area with data [cells]"),
    ):
        page.get_by_label("Operation shown").select_option(name)
        page.wait_for_function(f"({TITLE})() == '{title}'")
        shown[name] = page.evaluate(VALUES)
    (series,) = service.result(task).json["series"]
    assert shown == {"mean": series["value"], **series["further"]}


def test_maps_of_an_export_are_played_and_files_are_named_by_what_is_in_them(
    visitor: Visitor, service: Service
) -> None:
    import nbformat  # takes a third of a second, at each collection of the tests

    page, _ = opened(visitor, service, "chirps", "geotiff", "Kenya", "2019-01")
    page.get_by_text("31 January 2019 UTC").wait_for()
    page.get_by_role("button", name="Previous frame").click()
    page.get_by_text("30 January 2019 UTC").wait_for()
    assert page.evaluate(SHADES) == 29
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"({SHADES})() < 9")  # after the last one, it begins anew
    page.get_by_role("button", name="Pause").click()
    name, path = download(page, re.compile("^ZIP"))
    assert name == "chirps_geotiff_Kenya_2019-01.zip"
    assert len(zipfile.ZipFile(path).namelist()) == 31
    name, _ = download(page, "XLSX")
    assert name == "chirps_geotiff_Kenya_2019-01.xlsx"
    name, path = download(page, "Open as notebook")
    assert name == "chirps_geotiff_Kenya_2019-01.ipynb"
    notebook = json.loads(path.read_text())
    nbformat.validate(nbformat.from_dict(notebook))
    server = f"http://127.0.0.1:{visitor.dashboard.port}"
    assert f"SERVER = '{server}'" in notebook["cells"][1]["source"]


#: names of towns on a map
TOWNS = """(map) => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((model) => model.name == map).flatMap((f) => f.renderers)
  .filter((one) => one.glyph.type == "Text" && "size" in one.data_source.data)
  .flatMap((one) => one.data_source.data.name)"""


def test_maps_of_results_name_towns_where_no_zone_has_its_name(
    visitor: Visitor, service: Service
) -> None:
    box = Area.from_box(36, -2, 38, 0)  # whose name stands in its middle
    named = {"name": ["Beside", "Below"], "lon": [3620, 3700], "lat": [-20, -100]}
    towns = named | {"rank": [0, 0], "capital": [0, 0]}
    empty: dict[str, list[Any]] = {"name": [], "zoom": [], "shape": []}
    places = {"lakes": empty, "rivers": empty, "towns": towns}
    page = visitor.visit()
    page.route("**/places.json", lambda route: route.fulfill(json=places))
    for operation, map_name, seen in (
        ("geotiff", "raster_map", "Beside,Below"),
        ("mean", "zone_map", "Beside"),
    ):
        task = service.submit("chirps", operation, box, "2019-01")
        service.wait(task)
        page.goto(f"{visitor.dashboard.url}?task={task.id}")
        arrived(page)
        drawn = f"[...new Set(({TOWNS})('{map_name}'))]"
        page.wait_for_function(f"() => String({drawn}) == '{seen}'")
        expect(page.get_by_text("Towns: GeoNames, CC BY 4.0.")).to_be_visible()
