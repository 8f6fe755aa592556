"""How heavy the dashboard is: its first page, and what open sessions cost while a task streams."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from csserv import Service, Settings
from csserv.catalog.sample import SampleSpec, build_sample_archive
from csserv.settings import read_settings
from tests.browser.conftest import CHROME, READY, Dashboard, find_chrome
from tests.processes import eventually, free_port

#: three years in small cells: a request that runs for some seconds
SAMPLE = SampleSpec(
    west=33, south=-6, east=43, north=6, cell=0.05, years=(2017, 2018, 2019), forecast_days=5
)

#: visits of a page before it is measured
BEFORE = 3

#: the peer: a page of the same library with nothing on it
EMPTY = """
import panel_material_ui as pmui
pmui.Page(title="empty").servable()
"""


#: note when each share of the newest task in the table is seen for the first time
WATCH = """
() => {
  const bars = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
    one.shadowRoot ? bars(one.shadowRoot) : one.matches("tbody [role=progressbar]") ? [one] : []);
  window.seen = {};
  setInterval(() => {
    const bar = bars(document)[0];
    if (bar) window.seen[bar.getAttribute("aria-valuenow")] ??= Date.now();
  }, 20);
}
"""


#: note by the page's own clock when it is drawn and has a text [ms]: who looks at it from outside,
#: by the protocol of the browser's debugger, sees it a tenth of a second later
USABLE = """
(text) => {
  const has = (root) => [...root.querySelectorAll("*")].some((one) => one.shadowRoot
    ? has(one.shadowRoot) : !one.childElementCount && one.textContent.includes(text));
  const look = () => {
    const drawn = window.Bokeh?.documents?.[0]?.is_idle;
    if (drawn && has(document)) window.usable = performance.now();
    else setTimeout(look, 10);
  };
  look();
}
"""

#: page → what is written on it once it is whole
TEXTS = {"/app": "Choose an area", "/empty": "empty"}


#: page → how long until it is usable [s], and what the server sent [kB], visit by visit
Visits = dict[str, list[tuple[float, float]]]


@dataclass
class Meter:
    """Counts what a server sends, on its way through a port of our own."""

    target: int
    port: int
    sent: int = 0  #: by the server [bytes]

    async def serve(self) -> None:
        """Pass on what comes, until cancelled."""
        server = await asyncio.start_server(self._visit, "127.0.0.1", self.port)
        async with server:
            await server.serve_forever()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self._pass(reader, to, 0), self._pass(there, writer, 1))

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, counted: int
    ) -> None:
        try:
            while chunk := await source.read(2**16):
                self.sent += counted * len(chunk)
                sink.write(chunk)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()


class Cost(NamedTuple):
    """CPU time [s]."""

    loop: float  #: of the event loop, which is the main thread
    all: float  #: of all threads


@dataclass(frozen=True)
class Server:
    """A dashboard process, and the port at which its bytes are counted."""

    process: psutil.Process
    meter: Meter
    settings: Settings

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.meter.port}"

    def cpu(self) -> Cost:
        """CPU time of the server process so far [s]."""
        spent = {one.id: one.user_time + one.system_time for one in self.process.threads()}
        return Cost(spent[self.process.pid], sum(spent.values()))

    def memory(self) -> float:
        """Memory of the server process [MB]."""
        return float(self.process.memory_info().rss / 1e6)


@dataclass
class WithPeer(Dashboard):
    """Serves the empty page as well, under another port, too."""

    counted: int = 0

    def command(self) -> list[str]:
        """How it is started."""
        words = super().command()
        after = words.index("dashboard/app.py") + 1
        peer = str(self.settings.home.parent / "empty.py")
        origin = ["--allow-websocket-origin", f"127.0.0.1:{self.counted}"]
        return [*words[:after], peer, *words[after:], *origin]


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """Serve the dashboard and the empty page on the sample data."""
    (folder / "empty.py").write_text(EMPTY)
    settings = read_settings(home=folder / "home", data=folder / "data")
    made = WithPeer(settings, free_port(), counted=free_port())
    made.start()
    running = psutil.Process(made.process.pid if made.process else 0)
    meter = Meter(made.port, made.counted)
    threading.Thread(target=asyncio.run, args=(meter.serve(),), daemon=True).start()
    try:
        yield Server(running, meter, settings)
    finally:
        made.stop()


def visit(context: BrowserContext, server: Server, path: str) -> tuple[float, float]:
    """Open a page; return how long until it is usable [s], and what the server sent [kB]."""
    page = context.new_page()
    page.add_init_script(f"({USABLE})({TEXTS[path]!r})")
    before = server.meter.sent
    page.goto(f"{server.url}{path}")
    took: float = page.wait_for_function("window.usable").json_value()
    page.wait_for_timeout(1000)  # what comes later counts, too
    page.close()
    return took / 1e3, (server.meter.sent - before) / 1e3


def first_page(play: Playwright, profile: Path, server: Server, times: int) -> Visits:
    """Visit both pages in turn, with what a browser has kept of visits before.

    A window that keeps nothing on the disk, as tests use them, compiles all scripts each time;
    the browser that somebody uses keeps them compiled from the third visit on.
    """
    seen: Visits = {path: [] for path in TEXTS}
    context = play.chromium.launch_persistent_context(
        profile, executable_path=find_chrome(), args=CHROME
    )
    for _ in range(BEFORE):
        for path in seen:
            visit(context, server, path)
    for _ in range(times):
        for path, visits in seen.items():
            visits.append(visit(context, server, path))
    context.close()
    return seen


def stream(server: Server, service: Service) -> Cost:
    """Let a task run; return the CPU time that the server takes for each second of it [s]."""
    task = service.submit("chirps", "geotiff", "Kenya", "2017/2019")
    eventually(lambda: service.task(task).progress > 0, 60)
    before, began = server.cpu(), time.perf_counter()
    service.wait(task)
    took, after = time.perf_counter() - began, server.cpu()
    return Cost((after.loop - before.loop) / took, (after.all - before.all) / took)


@dataclass(frozen=True)
class Sessions:
    """What open sessions cost while a task streams."""

    each_second: Cost  #: [s]
    memory: float  #: of each [MB]
    lag: float  #: from the log to the screen, median [s]
    longest: float  #: of these [s]


def sessions(browser: Browser, server: Server, count: int, times: int) -> Sessions:
    """Open sessions, and let tasks run with and without them."""
    alone, together, lags, before = [], [], [], 0.0
    with Service(server.settings, starts_runner=False) as service:
        stream(server, service)
        time.sleep(60)  # the visits of before are forgotten
        for _ in range(times):
            alone.append(stream(server, service))
            before = before or server.memory()
            context = browser.new_context()
            for _ in range(count):
                page = context.new_page()
                page.goto(f"{server.url}/app?page=tasks")
                page.wait_for_function(READY)
                page.get_by_label("Search tasks").wait_for()
            time.sleep(5)  # opening them is another matter
            memory = server.memory()
            together.append(stream(server, service))
            lags += lag(page, service)
            context.close()
            time.sleep(60)  # sessions that nobody looks at end
    costs = [
        statistics.median(one) - statistics.median(other)
        for one, other in zip(zip(*together, strict=True), zip(*alone, strict=True), strict=True)
    ]
    each = (memory - before) / count
    return Sessions(Cost(*costs), each, statistics.median(lags), max(lags))


def lag(page: Page, service: Service) -> list[float]:
    """Let a task run; return how long its steps took from the log to a page's screen [s]."""
    task = service.submit("chirps", "geotiff", "Kenya", "2017/2019")
    page.evaluate(WATCH)
    written: dict[str, float] = {}
    for one in service.watch(task, 0.01):
        written.setdefault(f"{100 * one.progress:.0f}", time.time())
    page.wait_for_timeout(1000)
    seen = page.evaluate("window.seen")
    steps = [share for share in written if share in seen and share != "0"]
    return [seen[share] / 1000 - written[share] for share in steps]


def main() -> int:
    """Measure, and print a table."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--sessions", type=int, default=20)
    options.add_argument("--visits", type=int, default=15, help="of each page")
    options.add_argument("--times", type=int, default=3, help="a task is streamed so often")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="csserv-bench-") as name, sync_playwright() as play:
        folder = Path(name)
        build_sample_archive(folder / "data", spec=SAMPLE)
        browser = play.chromium.launch(executable_path=find_chrome(), args=CHROME)
        with served(folder) as server:
            pages = first_page(play, folder / "profile", server, given.visits)
            cost = sessions(browser, server, given.sessions, given.times)
        browser.close()
    return report(pages, given.sessions, cost)


def report(pages: Visits, count: int, cost: Sessions) -> int:
    """Print what was seen; return an exit code."""
    print("| page | usable after [s] | sent beyond the cache [kB] |\n| --- | --- | --- |")
    medians = {}
    for path, visits in pages.items():
        medians[path] = [statistics.median(one) for one in zip(*visits, strict=True)]
        print(f"| {path} | {medians[path][0]:.2f} | {medians[path][1]:.0f} |")
    ratio = medians["/app"][0] / medians["/empty"][0]
    print(f"the first page takes {ratio:.1f} times as long as an empty one")
    loop, every = (1000 * one for one in cost.each_second)
    print(
        f"{count} sessions: {loop:.1f} ms of the loop a second, {every:.1f} ms of all threads; "
        f"{cost.memory:.1f} MB each"
    )
    print(f"from the log to the screen: median {cost.lag:.2f} s, longest {cost.longest:.2f} s")
    usable, sent = medians["/app"]
    good = usable < 2 and sent < 600 and loop < 20 and cost.memory < 10 and cost.longest < 0.5
    print("met" if good else "not met")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
