"""A real server of the dashboard, on sample data, and a real browser on it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlparse

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from csserv import Service, Settings
from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from tests.made_once import own_copy
from tests.processes import environment, eventually, free_port, has_ended, is_worker

ROOT = Path(__file__).parent.parent.parent
SAMPLE = SampleSpec(
    west=33, south=-6, east=43, north=6, years=(2019,), months=(1, 2, 3, 4), forecast_days=5
)
CHROME = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

#: the computers that run the tests may be busy [ms]
PATIENCE = 60_000

#: whether all of a page is there, and nothing any more of what is shown before its scripts are
READY = """() => window.Bokeh && Bokeh.documents.length && Bokeh.documents[0].is_idle
  && !document.getElementById("csserv-shell")"""


#: page → a text that is there once all of it is
PAGES = {
    "request": "2019-01-01 to 2019-04-30",
    "tasks": "time step as the data",
    "result": "Where the numbers come from",
    "data": "files on this server",
    "season": "Its data end on",
    "workers": "Usage by day and dataset",
}

#: as people have them
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

#: draws the same, and opens a page in two thirds of the time: it has no windows of its own
SHELL = "chromium-headless-shell"


def find_chrome(names: Iterable[str] = (SHELL, *BROWSERS)) -> str | None:
    """Where a browser is that was not installed by Playwright."""
    return next((path for path in map(shutil.which, names) if path), None)


@dataclass
class Dashboard:
    """The server process, and what it works on."""

    settings: Settings
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/app"

    @property
    def log(self) -> Path:
        return self.settings.home.parent / "panel.log"

    def command(self) -> list[str]:
        """How a person starts it who has Panel."""
        words = ["--address", "127.0.0.1", "--port", str(self.port), "--warm"]
        words += ["--plugins", "csserv.http"]
        words += ["--allow-websocket-origin", f"127.0.0.1:{self.port}"]
        words += ["--websocket-compression-level", "6", "--websocket-compression-mem-level", "8"]
        return [sys.executable, "-m", "panel", "serve", "dashboard/app.py", *words]

    def start(self) -> None:
        known = {name: getattr(self.settings, name) for name in ("home", "data", "login")}
        # workers are halted to look at tasks that go on: the runner would answer small ones itself,
        # and those of kept numbers
        known |= {"small_request": 0, "store_max": 0}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env=environment(known) | {"PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=output,
            )
        eventually(self._answers, 120, what=self.log.read_text(errors="replace"), pause=0.2)

    def stop(self) -> None:
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        self.process.wait(60)
        # the runner ends with its parent
        eventually(lambda: all(map(has_ended, children)), 60, "something outlives the server")

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Let no worker work for a while."""
        workers = self._workers()
        for worker in workers:
            worker.suspend()
        try:
            yield
        finally:
            for worker in workers:
                worker.resume()

    def _workers(self) -> list[psutil.Process]:
        assert self.process is not None
        found: list[psutil.Process] = []

        def look() -> bool:
            children = psutil.Process(self.process.pid).children(recursive=True)
            found[:] = [one for one in children if is_worker(one)]
            return len(found) == 2

        eventually(look, 120, what="the workers did not start")
        return found

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text(errors="replace")
        try:
            return urllib.request.urlopen(self.url, timeout=30).status == 200
        except OSError:
            return False


@dataclass
class Seen:
    """What a browser complained about, and whom it asked."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlparse(request.url).netloc))

    def _said(self, message: object) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")


def sample(factory: pytest.TempPathFactory) -> Path:
    """Sample data of a server's own."""
    return own_copy(factory, "coarse", partial(build_sample_archive, spec=SAMPLE))


@pytest.fixture(scope="package")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """One for all modules, as one takes ten seconds to start: leave it as it was found."""
    folder = tmp_path_factory.mktemp("dashboard")
    made = Dashboard(Settings(home=folder / "home", data=sample(tmp_path_factory)), free_port())
    made.start()
    yield made
    made.stop()
    assert failures(made.log.read_text(errors="replace")) == []


@pytest.fixture
def service(dashboard: Dashboard) -> Iterator[Service]:
    """Another face on the same log."""
    with Service(dashboard.settings, starts_runner=False) as other:
        yield other


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # while it is open, its event loop runs in this thread: close it before other tests run
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_chrome(), args=CHROME)
        yield opened
        opened.close()


@dataclass
class Visitor:
    """Somebody with a browser."""

    browser: Browser
    dashboard: Dashboard
    seen: Seen = field(default_factory=Seen)

    def visit(
        self, query: str = "", width: int = 1300, height: int = 1000, prefers: str = "light"
    ) -> Page:
        size = {"width": width, "height": height}
        page = self.browser.new_page(viewport=size, color_scheme=prefers)
        page.set_default_timeout(PATIENCE)
        self.seen.watch(page)
        page.goto(f"{self.dashboard.url}{query}")
        page.wait_for_function(READY)
        return page


@pytest.fixture
def visitor(browser: Browser, dashboard: Dashboard) -> Iterator[Visitor]:
    """A visitor who hears no complaint, and whose browser asks our server only."""
    visitor = Visitor(browser, dashboard)
    yield visitor
    for context in browser.contexts:
        context.close()
    assert visitor.seen.complaints == []
    assert visitor.seen.hosts - {""} == {f"127.0.0.1:{dashboard.port}"}


#: what bokeh logs of a browser that went: it was written to, or its last words were still handled
GONE = ("WebSocketClosedError", "assert self._session is not None")


def failures(log: str) -> list[str]:
    """Errors in the log of the server, but those of browsers that went in the middle of a word."""
    parts = re.split(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", log, flags=re.MULTILINE)
    return [p for p in parts if "Traceback" in p and not any(sign in p for sign in GONE)]
