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
from csserv.catalog.sample import SampleSpec, build_sample_archive
from csserv.settings import read_settings
from tests.browser.conftest import CHROME, PATIENCE, READY, Dashboard, find_chrome
from tests.processes import free_port

IMAGES = Path(__file__).parent.parent / "notebooks" / "how_to" / "images"

#: the part of the sample data that the pictures are about
SAMPLE = SampleSpec(west=32, south=-6, east=43, north=6, years=(2018, 2019), forecast_days=30)

#: so many colours are enough for a page, and take a third of the room
COLOURS = 200


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    name: str
    width: int
    height: int
    dark: bool = False


LOOKS = (Look("light", 1300, 900), Look("dark", 1300, 900, dark=True), Look("phone", 390, 844))

#: name → what the address asks for, and text that is there once the page is whole
PAGES: Mapping[str, tuple[str, str]] = {
    "request": ("page=request", "2018-01-01 to 2019-12-31"),
    "tasks": ("page=tasks", "Kenya, each unit"),
    "result": ("page=result&task={series}", "Where the numbers come from"),
    "result-maps": ("page=result&task={maps}", "Where the numbers come from"),
    "data": ("page=data", "Ask of this dataset"),
    "workers": ("page=workers", "idle"),
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
    )
    for name, (query, text) in PAGES.items():
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{url}?{query.format(**tasks)}")
        page.wait_for_function(READY)
        page.locator("main").get_by_text(text).first.wait_for()
        page.wait_for_timeout(2500)  # charts are drawn, maps go to their place
        save(page, IMAGES / f"{name}-{look.name}.png")
        page.close()
    context.close()


def save(page: Page, path: Path) -> None:
    """Save what is in sight, in as few colours as will do."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLOURS).save(path, optimize=True)
    print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


if __name__ == "__main__":
    sys.exit(main())
