"""Take a picture of each page of the dashboard: light, dark, and on a phone."""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from csserv import Service, Settings
from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from csserv.settings import read_settings
from tests.browser.conftest import CHROME, PATIENCE, READY, Dashboard, find_chrome
from tests.processes import free_port

IMAGES = Path(__file__).parent.parent / "notebooks" / "how_to" / "images"

#: the part of the sample data that the pictures are about
SAMPLE = SampleSpec(west=32, south=-6, east=43, north=6, years=(2018, 2019), forecast_days=30)

#: as many figures are on the page as there shall be
DRAWN = """count => {
  let found = 0;
  const look = root => root.querySelectorAll("*").forEach(one => {
    found += one.matches(".bk-Figure");
    if (one.shadowRoot) look(one.shadowRoot);
  });
  look(document);
  return found >= count;
}"""

#: so many colours are enough for a page, and take a third of the room
COLOURS = 256


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    name: str
    width: int
    height: int
    dark: bool = False
    language: str = "en"
    pages: tuple[str, ...] = ()  #: that are looked at; all if empty


LOOKS = (
    Look("light", 1300, 900),
    Look("dark", 1300, 900, dark=True),
    Look("phone", 390, 844),
    Look("arabic", 1300, 900, language="ar", pages=("request", "result")),
)


@dataclass(frozen=True)
class Shown:
    """A page: what the address asks for, what is there once it is whole, and how much of it."""

    query: str
    text: str
    figures: int = 0
    height: int = 0  #: of the window; else that of the look


#: by the name of the picture
PAGES: Mapping[str, Shown] = {
    "request": Shown("page=request&area=KEN", "Ready.", 1, 1040),
    "tasks": Shown("page=tasks", "Kenya, each unit"),
    "result": Shown("page=result&task={series}", "Where the numbers come from", 2, 1720),
    "result-maps": Shown("page=result&task={maps}", "Where the numbers come from", 2, 1720),
    "data": Shown("page=data", "Ask of this dataset"),
    "workers": Shown("page=workers", "idle", 1, 1240),
}


def main() -> int:
    """Make sample data, serve them, ask something, and look at each page."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="csserv-pictures-") as name, sync_playwright() as play:
        folder = Path(name)
        build_sample_archive(folder / "data", spec=SAMPLE)
        dashboard = Dashboard(
            read_settings(home=folder / "home", data=folder / "data"), free_port()
        )
        dashboard.start()
        browser = play.chromium.launch(executable_path=find_chrome(), args=CHROME)
        try:
            tasks = ask(dashboard.settings)
            for look in LOOKS:
                take(browser, dashboard.url, look, tasks)
        finally:
            browser.close()
            dashboard.stop()
    return 0


def ask(settings: Settings) -> dict[str, str]:
    """Submit what the pictures show, and wait for it."""
    with Service(settings, starts_runner=False) as service:
        series = service.submit("chirps", "mean", "Kenya/*", "2018/2019", client="anna")
        maps = service.submit("chirps", "geotiff", "Kenya", "2019-04", client="anna")
        point = service.submit("chirps", "max", "Uganda", "2019", time_step="monthly")
        for task in (series, maps, point):
            service.wait(task)
    return {"series": series.id, "maps": maps.id}


def take(browser: Browser, url: str, look: Look, tasks: Mapping[str, str]) -> None:
    """Take the pictures of one look."""
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.dark else "light",
        locale=look.language,
    )
    for name, shown in PAGES.items():
        if look.pages and name not in look.pages:
            continue
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": look.width, "height": shown.height or look.height})
        page.goto(f"{url}?{shown.query.format(**tasks)}")
        page.wait_for_function(READY)
        if look.language == "en":
            page.locator("main").get_by_text(shown.text).first.wait_for()
        page.wait_for_function(DRAWN, arg=shown.figures)
        page.wait_for_timeout(2000)  # maps go to their place
        if name == "request":
            show_map(page)
        save(page, IMAGES / f"{name}-{look.name}.png")
        page.close()
    context.close()


def show_map(page: Page) -> None:
    """Go to the step that has the map, where the page has steps."""
    where = page.locator("nav button[data-key=where]")
    if where.is_visible():
        where.click()
        page.wait_for_timeout(2000)


def save(page: Page, path: Path) -> None:
    """Save what is in sight, in as few colours as will do."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLOURS).save(path, optimize=True)
    print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


if __name__ == "__main__":
    sys.exit(main())
