"""The dashboard, as a person with a browser meets it."""

from __future__ import annotations

import csv
import json
import re
import time
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import quote, urlparse

import geopandas
import pytest
import shapely
from playwright.sync_api import Browser, Locator, Page, expect

from csserv import Area, Service, TaskState, Zone
from csserv.catalog.own_layers.layer_folder import GLANCE
from csserv.errors import TaskNotFoundError
from tests.browser.conftest import PAGES, PATIENCE, READY, ROOT, Dashboard, Visitor
from tests.districts import district_frame

expect.set_options(timeout=PATIENCE)

TRIANGLE = {
    "type": "Feature",
    "properties": {"name": "Triangle"},
    "geometry": {"type": "Polygon", "coordinates": [[[36, 0], [38, 0], [37, 2], [36, 0]]]},
}

#: of a page in the dark
DARK = "rgb(15, 23, 32)"

#: by how much something reaches beyond the right edge of the page [pixels]
TOO_WIDE = "main => Math.max(0, main.scrollWidth - window.innerWidth)"


#: parts of a column that are longer than their room
HIDDEN_ENDS = """(column) => [...column.shadowRoot.children]
    .filter((part) => part.scrollHeight > part.clientHeight + 2).map((part) => part.className)"""


#: what the maps of a page show: the ends of their axes
RANGES = """() => Bokeh.documents.flatMap((one) => [...one._all_models.values()])
    .filter((one) => one.type === "Figure")
    .map((one) => [one.x_range.start, one.x_range.end, one.y_range.start].join()).join("; ")"""

#: whether they show what they did when this was asked before
ARE_STILL = f"""() => {{
  const [before, now] = [window.rangesBefore, ({RANGES})()];
  window.rangesBefore = now;
  return before === now;
}}"""


def wait_until_still(page: Page) -> None:
    """Wait until the maps have shown the same for a second."""
    page.evaluate("() => { window.rangesBefore = null; }")
    page.wait_for_function(ARE_STILL, polling=1000)


def map_of(page: Page) -> dict[str, float]:
    """Where the map is on the screen, once it shows the dataset's extent."""
    figure = page.locator(".bk-Figure").first
    figure.wait_for()
    expect(page.get_by_text("2019-01-01 to 2019-04-30").first).to_be_visible()
    wait_until_still(page)  # the map goes there
    box = figure.bounding_box()
    assert box is not None
    return box


def tap(page: Page, across: float, down: float) -> None:
    """Tap the map at a share of its width and height."""
    box = map_of(page)
    page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down, steps=3)
    page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)


def chip(page: Page, name: str | re.Pattern[str]) -> Locator:
    """A chosen zone in the list; the map shows the name of what is under the pointer, too."""
    return page.locator(".pill").get_by_text(name, exact=True)


def submit(page: Page) -> None:
    expect(page.get_by_text("Ready.")).to_be_visible()
    page.get_by_role("button", name="Submit request").click()
    page.wait_for_url(re.compile("page=result&task="))


def task_id(page: Page) -> str:
    found = re.search(r"task=([0-9a-f-]{36})", page.url)
    assert found, page.url
    return found[1]


def download(page: Page, label: str) -> Path:
    with page.expect_download() as waited:
        link = page.get_by_role("link", name=label, exact=True)
        page.get_by_role("button", name=label, exact=True).or_(link).click()
    return Path(waited.value.path())


#: what the map draws: names of towns and zones, how wide it is on the ground, and their texts
PLACES = """() => {
    const f = [...Bokeh.documents[0]._all_models.values()].find((one) => one.name === "area_map");
    const texts = f.renderers.filter((one) => one.glyph.type === "Text");
    const names = texts.flatMap((one) => one.data_source.data.name);
    const {range} = f.center.find((one) => one.type === "ScaleBar");
    return {names, ground: range.end, span: f.x_range.end - f.x_range.start};
}"""

#: centre of the map on the equator, and 60 degrees north, where Mercator doubles lengths
CENTRE = """(lat) => {
    const f = [...Bokeh.documents[0]._all_models.values()].find((one) => one.name === "area_map");
    const y = 6378137 * Math.asinh(Math.tan(lat * Math.PI / 180));
    f.x_range.setv({start: 0, end: 1e6});
    f.y_range.setv({start: y - 3e5, end: y + 3e5});
}"""

#: whether what is drawn around names is shown
HALOS = """() => {
    const f = [...Bokeh.documents[0]._all_models.values()].find((one) => one.name === "area_map");
    const texts = f.renderers.filter((one) => one.glyph.type === "Text");
    return texts.slice(0, texts.length / 2).map((one) => one.visible);
}"""

#: show or hide all texts of the map
SHOW_TEXTS = """(shown) => {
    const f = [...Bokeh.documents[0]._all_models.values()].find((one) => one.name === "area_map");
    for (const one of f.renderers) if (one.glyph.type === "Text") one.visible = shown;
}"""


def test_map_names_places_and_chosen_zones_and_has_a_true_scale(visitor: Visitor):
    page = visitor.visit("?area=KEN")
    map_of(page)
    page.wait_for_function(
        f"() => {{ const {{names}} = ({PLACES})();"
        "return ['Nairobi', 'Mombasa', 'Kenya', 'UGANDA', 'Lake Victoria']"
        ".every((one) => names.includes(one)) && !names.includes('KENYA'); }"
    )
    expect(page.get_by_text("Dashed box: the extent of the dataset")).to_be_visible()
    # beside fields that scroll, the map goes to the end of the window, and Submit is always seen
    box = page.locator(".bk-Figure").first.bounding_box()
    assert box is not None
    assert 970 < box["y"] + box["height"] <= 1000
    expect(page.get_by_role("button", name="Submit request")).to_be_in_viewport(ratio=1)
    assert page.locator(".main-content").evaluate("one => one.scrollHeight - one.clientHeight") == 0
    page.get_by_text("More options").click()
    page.get_by_role("combobox", name="How cells on a border count").wait_for()
    assert page.locator(".fields").evaluate(HIDDEN_ENDS) == []  # none lies over another's end
    figure = page.locator(".bk-Figure").first
    with_names = figure.screenshot()
    page.evaluate(SHOW_TEXTS, False)
    page.wait_for_timeout(500)
    assert figure.screenshot() != with_names
    for lat, share in ((0, 1.0), (60, 0.5)):
        page.evaluate(CENTRE, lat)
        assert not any(page.evaluate(HALOS))  # a moving map is drawn often
        page.wait_for_timeout(1000)  # the map is at rest
        assert all(page.evaluate(HALOS))
        there = page.evaluate(PLACES)
        assert there["span"] == 1e6
        assert there["ground"] == pytest.approx(share * 1e6)


def test_name_of_a_town_is_text_whatever_it_says(visitor: Visitor):
    name = "<img src=x onerror='window.broken = true'>"
    town = {"name": [name], "lon": [3800], "lat": [0], "rank": [0], "capital": [1]}
    empty = {"name": [], "zoom": [], "shape": []}
    places = {"lakes": empty, "rivers": empty, "towns": town}
    page = visitor.visit()
    page.route("**/places.json", lambda route: route.fulfill(json=places))
    page.reload()
    page.wait_for_function(READY)
    map_of(page)
    page.wait_for_function(f"(name) => ({PLACES})().names.includes(name)", arg=name)
    assert page.evaluate("() => window.broken === undefined")
    assert page.locator("img[src=x]").count() == 0


def test_polygon_drawn_by_mouse_becomes_a_chart_and_files(visitor: Visitor, service: Service):
    page = visitor.visit()
    map_of(page)
    page.get_by_role("button", name="Polygon").click()
    for across, down in ((0.45, 0.35), (0.6, 0.38), (0.55, 0.6), (0.45, 0.35)):
        tap(page, across, down)
        page.wait_for_timeout(400)  # no double click
    expect(page.get_by_text("polygon", exact=True).last).to_be_visible()
    with visitor.dashboard.halted():
        submit(page)
        expect(page.get_by_role("progressbar").first).to_be_visible()
    expect(page.get_by_text("succeeded")).to_be_visible()
    origin = page.get_by_text("Where the numbers come from")
    origin.wait_for()
    expect(page.locator(".bk-Figure >> visible=true").first).to_be_visible()
    places = [origin, page.get_by_text("An index of this result"), page.get_by_text("succeeded")]
    heights = [box["y"] for one in places if (box := one.bounding_box())]
    assert heights == sorted(heights)  # none lies over those before it
    assert len(heights) == 3
    plain = json.loads(download(page, "JSON").read_text())
    with download(page, "CSV").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    [series] = plain["series"]
    assert [row["time"] for row in rows] == series["time"]
    assert [float(row["value"]) for row in rows] == pytest.approx(series["value"])
    assert zipfile.is_zipfile(download(page, "XLSX"))
    assert download(page, "NetCDF").read_bytes()[:4] == b"\x89HDF"
    assert download(page, "Chart PNG").read_bytes()[:4] == b"\x89PNG"
    assert b"<svg" in download(page, "Chart SVG").read_bytes()
    assert plain["id"] == task_id(page)
    corners = service.task_area(plain["id"]).zones[0].geometry
    assert len(corners.exterior.coords) == 4


def test_address_is_the_request_and_submits_only_by_a_click(visitor: Visitor, service: Service):
    asked = "?page=request&dataset=chirps&area=KEN-eastern&period=2019-01&time_step=monthly"
    page = visitor.visit(f"{asked}&operation=max&accumulate=x&submit=1")
    expect(chip(page, "Eastern")).to_be_visible()
    expect(page.get_by_text("accumulate: 'x' is no number")).to_be_visible()
    step = page.get_by_role("combobox", name=re.compile("^Time step"))
    expect(step).to_have_value("monthly")
    expect(page.get_by_role("button", name="Submit this request")).to_be_enabled()
    before = len(service.tasks())
    page.get_by_role("combobox", name=re.compile("^Statistic")).select_option("min")
    page.wait_for_url("**?page=request&*operation=min&period=2019-01-01/2019-01-31*")
    page.get_by_role("button", name="Last 30 days of data (to 30 Apr 2019)").click()
    page.wait_for_url("**period=2019-04-01/2019-04-30&area=KEN-eastern&time_step=monthly")
    expect(page).to_have_title("Request: Eastern · csserv")
    written = page.url
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page).to_have_title("Data · csserv")
    page.go_back()
    expect(page).to_have_title("Request: Eastern · csserv")
    assert page.url == written
    assert len(service.tasks()) == before
    submit(page)
    task = service.task(task_id(page))
    assert (task.request.operation, task.request.period) == ("min", "2019-04-01/2019-04-30")
    assert task.request.options == {"time_step": "monthly"}


def test_areas_and_questions_are_saved_in_the_browser_and_come_back_in_all_its_tabs(
    visitor: Visitor, tmp_path: Path
):
    fine = json.loads(json.dumps(TRIANGLE))
    fine["geometry"]["coordinates"][0][1] = [38.123456789, 0.25]
    (tmp_path / "fine.geojson").write_text(json.dumps(fine))
    tabs = visitor.browser.new_context(viewport={"width": 1300, "height": 1000})
    page, other = tabs.new_page(), tabs.new_page()
    asked = "?page=request&period=2019-02&operation=max&time_step=monthly"
    for one, query in ((page, asked), (other, "?page=request&area=KEN")):
        one.set_default_timeout(PATIENCE)
        visitor.seen.watch(one)
        one.goto(f"{visitor.dashboard.url}{query}")
        one.wait_for_function(READY)
    page.get_by_text("From a file:").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "fine.geojson")
    expect(chip(page, "Triangle")).to_be_visible()
    drawn = download(page, "GeoJSON").read_text()
    page.get_by_text("Saved areas").click()
    other.get_by_text("Saved areas").click()
    save(other, "area", "Home")
    save(page, "area", "Farm")
    expect(page.get_by_role("button", name="Home", exact=True)).to_be_visible()
    save(page, "area", " Farm ", "There is a saved area Farm already")
    page.get_by_text("Favourite questions").click()
    save(page, "question", "")
    expect(page.get_by_text("write 1 to 60 printable letters")).to_be_visible()
    save(page, "question", "February <b>")
    other.get_by_text("Favourite questions").click()
    other.get_by_role("button", name="February <b>", exact=True).click()
    expect(chip(other, "Triangle")).to_be_visible()
    assert download(other, "GeoJSON").read_text() == drawn
    expect(other.get_by_text("Ready.")).to_be_visible()
    other.wait_for_url("**operation=max&period=2019-02-01/2019-02-28&area=*&time_step=monthly")
    other.get_by_role("button", name="Rename Farm").click()
    other.get_by_label("New name of Farm").fill("Field")
    other.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Field", exact=True)).to_be_visible()
    page.reload()
    page.wait_for_function(READY)
    page.get_by_text("Saved areas").click()
    page.get_by_role("button", name="Remove Home").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(other.get_by_role("button", name="Home", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Field", exact=True)).to_be_visible()


def save(page: Page, kind: str, name: str, told: str = "") -> None:
    """Save the area or the question of a page."""
    page.get_by_label(f"Name of the {kind}").fill(name)
    page.get_by_role("button", name=f"Save this {kind}").click()
    if name:
        expect(page.get_by_text(told or f"{name.strip()} is saved.")).to_be_visible()


@pytest.mark.parametrize(
    "broken",
    [
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked') }})",
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }",
    ],
)
def test_a_browser_that_keeps_nothing_says_so_and_the_page_loses_nothing(
    visitor: Visitor, broken: str
):
    page = visitor.visit("?page=request&area=KEN")
    page.add_init_script("localStorage.setItem('csserv:area:Old', '{\"query\": \"?area=UGA\"}')")
    page.add_init_script(broken)
    page.reload()
    page.wait_for_function(READY)
    page.get_by_text("Saved areas").click()
    save(page, "area", "Home", "its storage is blocked or full. Home lasts until")
    page.get_by_role("button", name="Clear the area").click()
    page.get_by_role("button", name="Home", exact=True).click()
    expect(chip(page, "Kenya")).to_be_visible()
    if "setItem" in broken:
        page.get_by_role("button", name="Old", exact=True).click()
        expect(chip(page, "Uganda")).to_be_visible()


def test_page_reads_the_scripts_once_and_fonts_of_its_own_letters_only(visitor: Visitor):
    page = visitor.visit()
    map_of(page)
    read: list[str] = page.evaluate(
        "performance.getEntriesByType('resource').map(one => one.name.split('/').at(-1))"
    )
    assert len([name for name in read if name.startswith("panel-material-ui.bundle.js")]) == 1
    assert not [name for name in read if re.match("roboto-(cyrillic|greek|vietnamese)", name)]


def test_country_region_and_box_are_chosen_on_the_map(visitor: Visitor):
    page = visitor.visit()
    tap(page, 0.45, 0.45)
    expect(chip(page, "Kenya")).to_be_visible()
    page.get_by_role("button", name="Region").click()
    tap(page, 0.45, 0.45)
    page.wait_for_timeout(1500)  # the map goes to Kenya's regions
    tap(page, 0.5, 0.5)
    expect(chip(page, re.compile("^(Rift Valley|Eastern|Central|Coast)$"))).to_be_visible()
    page.get_by_role("button", name="Box").click()
    box = map_of(page)
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 260, steps=5)
    page.mouse.up()
    expect(chip(page, re.compile(r"^box \d"))).to_be_visible()
    page.get_by_label("Box: west south east north").fill("36 0 38")
    page.get_by_label("Box: west south east north").press("Enter")
    expect(page.get_by_text("write four numbers")).to_be_visible()
    search = page.get_by_role("combobox", name="Search a country or region")
    search.fill("cote d")
    page.get_by_role("option", name="Côte d'Ivoire (Cote d'Ivoire)", exact=True).click()
    search.fill("no such place")  # at once: what the server says of the choice comes later
    expect(chip(page, "Côte d'Ivoire")).to_be_visible()
    expect(page.get_by_text("Côte d'Ivoire lies outside chirps")).to_be_visible()
    expect(page.get_by_role("button", name="Submit request")).to_be_disabled()
    expect(search).to_have_value("no such place")
    expect(page.get_by_text("draw it, upload it, or add a layer")).to_be_visible()
    search.fill("كينيا")
    page.get_by_role("option", name="كينيا (Kenya)").click()
    expect(chip(page, "Kenya")).to_be_visible()


def test_zones_of_a_layer_of_ones_own_are_tapped_and_searched(visitor: Visitor, service: Service):
    frame = district_frame().translate(xoff=14)  # into the sample data
    service.add_layer("lakeland", district_frame().set_geometry(frame), title="Lakeland")
    time.sleep(GLANCE)  # a page that somebody opened just before has looked for layers
    try:
        page = visitor.visit()
        expect(page.get_by_label("Regions to choose from")).to_be_hidden()
        map_of(page)
        before = page.evaluate(RANGES)
        page.get_by_role("button", name="Region").click()
        page.get_by_label("Regions to choose from").select_option("lakeland")
        expect(page.get_by_text("Tap a zone of Lakeland.")).to_be_visible()
        # the map goes to the zones, from west to east
        page.wait_for_function(f"(before) => ({RANGES})() !== before", arg=before)
        tap(page, 0.45, 0.5)
        expect(chip(page, "Central")).to_be_visible()
        tap(page, 0.25, 0.5)
        expect(chip(page, "Turkana")).to_be_visible()
        page.get_by_label("Search a country or region").fill("murang")
        page.get_by_role("option", name="Murang").click()
        expect(chip(page, "Murang'a / Côte")).to_be_visible()
        expect(page.get_by_text("Ready.")).to_be_visible()  # it reads the layer until then
    finally:
        service.remove_layer("lakeland")


def test_uploads_are_read_or_refused_in_words(visitor: Visitor, tmp_path: Path):
    good, broken = tmp_path / "good.geojson", tmp_path / "broken.geojson"
    zipped, torn = tmp_path / "districts.zip", tmp_path / "torn.zip"
    _write_shapefile(zipped, tmp_path / "districts")
    torn.write_bytes(zipped.read_bytes()[:300])
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n")
    good.write_text(json.dumps({"type": "FeatureCollection", "features": [TRIANGLE]}))
    broken.write_text('{"type": "FeatureCollection", "features": [')
    page = visitor.visit()
    map_of(page)
    page.get_by_text("From a file:").click()
    files = page.locator("input[type=file]")
    files.set_input_files(broken)
    expect(page.get_by_text("the GeoJSON is no JSON")).to_be_visible()
    files.set_input_files(torn)
    expect(page.get_by_text("torn.zip cannot be read")).to_be_visible()
    files.set_input_files(photo)
    expect(page.get_by_text("photo.png is no area file")).to_be_visible()
    files.set_input_files(zipped)
    expect(chip(page, "districts (2 zones)")).to_be_visible()
    files.set_input_files(good)
    expect(chip(page, "Triangle")).to_be_visible()
    expect(page.get_by_text("Ready.")).to_be_visible()
    page.get_by_text("Show as Python").click()
    expect(page.get_by_text("csserv.Area.from_geojson(AREA)")).to_be_visible()
    saved = download(page, "GeoJSON")
    assert Area.from_geojson(saved.read_text()).zones[0].name == "Triangle"


def test_a_request_in_other_words_is_copied_from_each_tab(visitor: Visitor):
    page = visitor.visit("?page=request&dataset=chirps&area=Kenya&period=2019-02")
    page.get_by_text("Show as Python").click()
    for name in ("Python", "curl", "ClimateSERV", "Link"):
        page.get_by_role("tab", name=name).click()
        page.get_by_role("button", name="Copy", exact=True).locator("visible=true").click()
        expect(page.get_by_role("button", name="Copied").locator("visible=true")).to_be_visible()
        expect(page.get_by_role("button", name="Copied")).to_have_count(0)


def test_districts_named_in_arabic_are_shown_and_named_by_the_field_that_is_chosen(
    visitor: Visitor, tmp_path: Path
):
    boxes = [
        shapely.box(34 + i % 30 / 4, j / 4 - 3, 34.25 + i % 30 / 4, j / 4 - 2.75)
        for i, j in ((i, i // 30) for i in range(600))
    ]
    fields = {
        "ADM2_PCODE": [f"SD{i:03}" for i in range(600)],
        "ADM2_EN": [f"District {i}" for i in range(600)],
        "ADM2_AR": [f"{'نيالا'} {i}" for i in range(600)],
    }
    path = tmp_path / "sudan.gpkg"
    geopandas.GeoDataFrame(fields, geometry=boxes, crs="EPSG:4326").to_file(path)
    page = visitor.visit()
    map_of(page)
    page.get_by_text("From a file:").click()
    page.locator("input[type=file]").set_input_files(path)
    expect(chip(page, "sudan (600 zones)")).to_be_visible()
    expect(page.get_by_text("600 zones: District 0, District 1")).to_be_visible()
    page.get_by_label("Names of zones").select_option("ADM2_AR")
    expect(page.get_by_text("600 zones: نيالا 0, نيالا 1")).to_be_visible()
    wait_until_still(page)  # the map goes there
    box = map_of(page)
    page.mouse.move(box["x"] + 0.5 * box["width"] + 4, box["y"] + 0.5 * box["height"] + 4)
    expect(page.locator(".bk-Tooltip", has_text=re.compile(r"^نيالا \d+$"))).to_be_visible()
    submit(page)
    expect(page.get_by_text("succeeded")).to_be_visible()
    expect(page.get_by_role("button", name="نيالا 0", exact=True)).to_be_visible()


def _write_shapefile(target: Path, folder: Path) -> None:
    """Write two districts as a zipped shapefile."""
    folder.mkdir()
    boxes = [shapely.box(36, 0, 37, 1), shapely.box(37, 0, 38, 1)]
    frame = geopandas.GeoDataFrame({"name": ["West", "East"]}, geometry=boxes, crs="EPSG:4326")
    frame.to_file(folder / "districts.shp")
    with zipfile.ZipFile(target, "w") as archive:
        for part in folder.iterdir():
            archive.write(part, part.name)


def test_task_and_every_page_are_followed_through_a_restart_of_the_server(
    visitor: Visitor, dashboard: Dashboard, service: Service
):
    with dashboard.halted():
        task = service.submit("chirps", "mean", "Kenya/*", "2019-01/2019-04")
        page = visitor.visit(f"?task={task.id}")
        expect(page.get_by_text("mean of chirps, Kenya, each unit")).to_be_visible()
        page.reload()
        expect(page.get_by_text(re.compile("queued|running")).first).to_be_visible()
    expect(page.get_by_text("succeeded")).to_be_visible()
    expect(page.locator(".bk-Figure >> visible=true").first).to_be_visible()
    pages = {name: visitor.visit(f"?page={name}&task={task.id}") for name in PAGES}
    for name, text in PAGES.items():
        expect(pages[name].get_by_text(text).first).to_be_visible()
        pages[name].evaluate("window.isTheOldOne = true")
    heard = len(visitor.seen.complaints)
    dashboard.stop()
    for one in (page, *pages.values()):
        expect(one.get_by_role("alert").filter(has_text="connection")).to_be_visible()
    dashboard.start()
    for name, text in PAGES.items():  # by themselves, as nothing was filled in
        pages[name].wait_for_function("!window.isTheOldOne")
        pages[name].wait_for_function(READY)
        expect(pages[name].get_by_text(text).first).to_be_visible()
        expect(pages[name].locator("#csserv-connection")).to_have_count(0)
    del visitor.seen.complaints[heard:]  # it was said in many ways that no server answered
    expect(page.get_by_text("succeeded")).to_be_visible()
    expect(page.locator(".bk-Figure >> visible=true").first).to_be_visible()


def test_a_row_stays_below_the_finger_until_it_is_lifted(
    visitor: Visitor, dashboard: Dashboard, service: Service
):
    page = visitor.visit("?page=tasks")
    page.locator("table").wait_for()
    with dashboard.halted():
        first = service.submit("chirps", "min", "Kenya", "2019-01", client="first")
        row = page.locator("tr", has_text="first")
        row.hover()
        page.mouse.down()
        second = service.submit("chirps", "min", "Kenya", "2019-02", client="second")
        page.wait_for_timeout(3000)  # the table hears of it, and would be drawn anew
        assert not page.locator("tr", has_text="second").count()
        page.mouse.up()
        page.get_by_role("button", name="Cancel").wait_for()
        expect(page).to_have_url(re.compile(f"page=tasks&task={first.id}"))
        expect(page.locator("tr", has_text="second")).to_be_visible()
        for task in (first, second):
            service.cancel(task)


def test_two_visitors_see_a_task_begin_and_be_cancelled(
    visitor: Visitor, dashboard: Dashboard, service: Service
):
    pages = [visitor.visit("?page=tasks"), visitor.visit("?page=tasks")]
    for page in pages:
        page.locator("table").wait_for()
    with dashboard.halted():
        task = service.submit("chirps", "max", "Uganda", "2019-01", client="somebody")
        rows = [page.locator("tr", has_text="somebody") for page in pages]
        for row in rows:
            expect(row).to_contain_text(re.compile("queued|running"))
        cancel = pages[0].get_by_role("button", name="Cancel")
        rows[0].click()
        cancel.click()
        for row in rows:
            expect(row).to_contain_text("cancelled")
    assert service.task(task).state is TaskState.CANCELLED
    expect(pages[0]).to_have_url(re.compile(f"page=tasks&task={task.id}"))
    first = pages[0]
    first.get_by_label("Mark max of chirps, Uganda").check()
    first.get_by_text("1 task marked").wait_for()
    # the card of the task has one as well, once it has heard of the end
    expect(first.get_by_role("button", name="Delete").locator("visible=true")).to_have_count(2)
    first.get_by_role("button", name="Delete").last.click()
    first.get_by_text("This cannot be undone.").wait_for()
    first.get_by_role("button", name="Keep").locator("visible=true").click()
    expect(first.get_by_text("This cannot be undone.")).to_be_hidden()
    assert service.task(task).state is TaskState.CANCELLED
    first.get_by_role("button", name="Delete").last.click()
    first.get_by_text("This cannot be undone.").wait_for()
    first.get_by_role("button", name="Delete", exact=True).locator("visible=true").last.click()
    expect(rows[0]).to_have_count(0)
    with pytest.raises(TaskNotFoundError):
        service.task(task)
    first.get_by_label("Search tasks").fill("nothing has this in it")
    expect(first.get_by_text(re.compile("^No tasks?[. ]"))).to_be_visible()  # others may be there


def test_names_and_addresses_are_shown_as_they_are_written_and_run_nothing(
    visitor: Visitor, service: Service
):
    spell = '<img src=x onerror="window.hit=1"> *a*'
    zone = Zone("1", spell, Area.from_box(36, 0, 37, 1).zones[0].geometry)
    task = service.submit("chirps", "mean", Area((zone,), spell), "2019-01-01", client=spell)
    service.wait(task)
    page = visitor.visit(f"?page=tasks&task={task.id}")
    expect(page.get_by_role("heading", name=f"mean of chirps, {spell}")).to_be_visible()
    expect(page.get_by_text(f"UTC by {spell}")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text(f"Delete mean of chirps, {spell}, with")).to_be_visible()
    page.get_by_role("button", name="Show result").click()
    page.get_by_text("How to cite").locator("visible=true").wait_for()
    assert page.evaluate("window.hit") is None
    page.goto(f"{visitor.dashboard.url}?page=result&task={quote(spell)}")
    expect(page.get_by_text("There is no such task here")).to_be_visible()
    expect(page.get_by_text("Time series")).to_be_hidden()
    assert page.evaluate("window.hit") is None


def ask_in_steps(page: Page) -> None:
    """Fill in a request step by step: back and forth, and nothing is wider than the window."""
    steps, shown = (
        page.get_by_role("navigation", name="Steps of the form"),
        page.get_by_role("heading", level=2),
    )
    submit, figure = page.get_by_role("button", name="Submit request"), page.locator(".bk-Figure")
    expect(shown.locator("visible=true")).to_have_text("1 · What")
    expect(figure.first).to_be_hidden()
    expect(submit).to_be_hidden()
    page.get_by_role("button", name="Next").click()
    expect(shown.locator("visible=true")).to_have_text("2 · Where")
    expect(figure.first).to_be_visible()
    page.get_by_label("Box: west south east north").fill("36 0 38 2")
    page.get_by_label("Box: west south east north").press("Enter")
    expect(chip(page, "box 36 0 38 2")).to_be_visible()
    assert page.locator("main").evaluate(TOO_WIDE) == 0
    steps.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Ready.")).to_be_visible()
    expect(submit).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Season to 30 Apr 2019").click()
    steps.get_by_role("button", name="What").click()
    page.get_by_role("combobox", name=re.compile("^Statistic")).select_option("max")
    page.wait_for_url("**operation=max&period=2019-03-01/2019-04-30&area=36+0+38+2")
    page.reload()
    page.wait_for_function(READY)
    expect(shown.locator("visible=true")).to_have_text("4 · Check and submit")
    expect(page.get_by_text("Area: box 36 0 38 2")).to_be_visible()
    expect(submit).to_be_enabled()
    assert page.locator("main").evaluate(TOO_WIDE) == 0


def test_pages_fit_a_phone_and_are_as_dark_as_one_likes(visitor: Visitor):
    page = visitor.visit(width=390, height=844, prefers="dark")
    main = page.locator("main")
    expect(main).to_have_css("background-color", DARK)
    ask_in_steps(page)
    page.get_by_role("button", name="Open drawer").click()
    page.get_by_role("link", name="Tasks").click()
    page.locator("table").wait_for()
    expect(page).to_have_url(re.compile("page=tasks"))
    expect(page.get_by_text("4 · Check and submit")).to_be_hidden()
    assert page.locator("main").evaluate(TOO_WIDE) == 0
    page.get_by_role("button", name="Toggle theme").click()
    expect(main).not_to_have_css("background-color", DARK)
    page.wait_for_function("() => document.cookie.includes('csserv_paper=light')")
    page.reload()
    page.wait_for_function(READY)
    page.wait_for_timeout(500)
    expect(main).not_to_have_css("background-color", DARK)


def test_the_api_is_on_the_same_port(dashboard: Dashboard, service: Service):
    task = service.submit("chirps", "mean", Area.from_point(36.5, 1.5), "2019-01-01")
    service.wait(task)
    with urllib.request.urlopen(
        f"http://127.0.0.1:{dashboard.port}/api/v1/tasks/{task.id}", timeout=60
    ) as answer:
        assert json.load(answer)["state"] == "succeeded"


def test_a_page_shows_what_it_is_before_its_scripts_are_there(
    dashboard: Dashboard, browser: Browser
):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(dashboard.url + "?page=request", wait_until="commit")
    shown = page.locator("#csserv-shell")
    expect(shown.locator("h1")).to_have_text("Request", timeout=PATIENCE)
    assert "/r/TASK" in page.content()
    context.close()
    page = browser.new_page()
    page.goto(dashboard.url)
    page.wait_for_function(READY, timeout=PATIENCE)
    expect(page.locator("#csserv-shell")).to_have_count(0)
    page.close()


#: countries on the map of the page Request
COUNTRIES = """() => {
    const f = [...Bokeh.documents[0]._all_models.values()].find((one) => one.name === "area_map");
    return Math.max(...f.renderers.map((one) => (one.data_source.data.name ?? []).length));
}"""


def test_what_a_page_can_do_without_is_not_sent_or_sent_last(
    dashboard: Dashboard, browser: Browser
):
    """The page cuts up the list of scripts that Panel writes: another Panel may write another."""
    page, asked = browser.new_page(), []
    page.on("request", lambda one: asked.append(urlparse(one.url).path.rpartition("/")[2]))
    page.goto(dashboard.url)
    page.wait_for_function(READY, timeout=PATIENCE)
    page.wait_for_function(f"() => ({COUNTRIES})() > 150", timeout=PATIENCE)
    scripts = [name for name in asked if name.endswith(".js")]
    assert len(scripts) == len(set(scripts))  # what is read ahead is not asked for twice
    largest = "panel-material-ui.bundle.js"
    needed = ["bokeh.min.js", "bokeh-widgets.min.js", "bokeh-tables.min.js", "panel.min.js"]
    assert {*needed, largest} <= set(scripts)
    assert "bokeh-gl.min.js" not in scripts
    # while bokeh's script is run, and before a page asks for it
    assert all(asked.index(name) < asked.index(largest) for name in needed)
    assert page.evaluate("() => document.querySelectorAll('link[rel=modulepreload]').length") == 1
    # the map is filled when the fields can be used
    texts = [name for name in asked if name.endswith(".json")]
    assert sorted(texts) == ["places.json", "world.json"]
    assert all(asked.index(one) > asked.index("nav_links.css") for one in texts)
    page.close()


def test_no_chart_draws_by_webgl():
    """The page leaves out the script of bokeh that does."""
    folders = (ROOT / "csserv", ROOT / "dashboard")
    files = [path for folder in folders for path in folder.rglob("*.py")]
    assert len(files) > 500
    assert [path for path in files if "webgl" in path.read_text("utf-8").lower()] == []
