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

import psutil
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from csserv import Area, Service, Task, Zone
from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from csserv.settings import read_settings
from csserv.views.charts.live_series import series_so_far
from tests.browser.conftest import (
    BROWSERS,
    CHROME,
    READY,
    SHELL,
    Dashboard,
    find_chrome,
)
from tests.processes import eventually, free_port

#: the browser: one with windows if there is any, as people have
BROWSER = find_chrome((*BROWSERS, SHELL))

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

#: pages that stay open → what is on each before the task goes on
SHOWN = {"?page=tasks": "tbody [role=progressbar]", "?page=result&task={task}": "canvas"}

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


@dataclass(frozen=True)
class Cost:
    """CPU time [s]."""

    loop: float  #: of the event loop, which is the main thread
    all: float  #: of all threads

    def __sub__(self, other: Cost) -> Cost:
        """Find what one is more than another."""
        return Cost(self.loop - other.loop, self.all - other.all)

    def __truediv__(self, by: float) -> Cost:
        """Take a share."""
        return Cost(self.loop / by, self.all / by)


@dataclass(frozen=True)
class Server:
    """A dashboard process, and the port at which its bytes are counted."""

    dashboard: Dashboard
    meter: Meter

    @property
    def process(self) -> psutil.Process:
        """The process that serves."""
        return psutil.Process(self.dashboard.process.pid if self.dashboard.process else 0)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.meter.port}"

    def cpu(self) -> Cost:
        """CPU time of the server process so far [s]."""
        pid = self.process.pid
        spent = {one.id: one.user_time + one.system_time for one in self.process.threads()}
        # other clocks tick a hundred times a second
        exact = Path(f"/proc/{pid}/task/{pid}/schedstat")
        loop = int(exact.read_text().split()[0]) / 1e9 if exact.exists() else spent[pid]
        return Cost(loop, sum(spent.values()))

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
def served(folder: Path, counting: type[Meter] = Meter) -> Iterator[Server]:
    """Serve the dashboard and the empty page on the sample data, through a port that counts."""
    (folder / "empty.py").write_text(EMPTY)
    settings = read_settings(home=folder / "home", data=folder / "data")
    made = WithPeer(settings, free_port(), counted=free_port())
    made.start()
    meter = counting(made.port, made.counted)
    threading.Thread(target=asyncio.run, args=(meter.serve(),), daemon=True).start()
    try:
        yield Server(made, meter)
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
    context = play.chromium.launch_persistent_context(profile, executable_path=BROWSER, args=CHROME)
    for _ in range(BEFORE):
        for path in seen:
            visit(context, server, path)
    for _ in range(times):
        for path, visits in seen.items():
            visits.append(visit(context, server, path))
    context.close()
    return seen


def zones() -> Area:
    """Forty zones, so that a task takes long enough to open many pages meanwhile."""
    whole = Area.from_box(33.2, -5, 42.8, 5).zones[0].geometry
    return Area(tuple(Zone(str(i), f"zone {i}", whole) for i in range(40)), "forty zones")


def streaming(server: Server, peer: Server, service: Service, task: Task) -> Cost:
    """Wait for the end of a task; return what a second of it cost more than it cost a peer."""

    def more() -> Cost:
        return server.cpu() - peer.cpu()

    began = latest = time.perf_counter(), more()
    while not service.task(task).state.is_final:
        latest = time.perf_counter(), more()
        time.sleep(0.2)
    return (latest[1] - began[1]) / (latest[0] - began[0])


@dataclass(frozen=True)
class Sessions:
    """What open pages cost while a task streams."""

    each_second: Cost  #: [s]
    memory: float  #: of each [MB]
    lags: list[float]  #: from the log to the screen [s]


def sessions(
    context: BrowserContext, server: Server, peer: Server, count: int, path: str
) -> Sessions:
    """Open pages while a task stands still, then let it go on.

    Parameters
    ----------
    peer : a server of the same tasks that nobody looks at
    path : of the pages; may name the ``{task}``
    """
    with Service(server.dashboard.settings, starts_runner=False) as service:
        task = service.submit("chirps", "median", zones(), "2017/2019")
        eventually(lambda: series_so_far(service, task.id), 120, "no step was done")
        before = server.memory()
        with server.dashboard.halted():
            pages = [context.new_page() for _ in range(count)]
            for page in pages:
                page.goto(f"{server.url}/app{path.format(task=task.id)}")
                page.wait_for_function(READY)
            for page in pages:
                page.locator(SHOWN[path]).first.wait_for(timeout=120_000)
            pages[-1].evaluate(WATCH)
            memory = server.memory()
        written: dict[str, float] = {}
        noting = threading.Thread(target=note, args=(service, task, written))
        noting.start()
        cost = streaming(server, peer, service, task)
        noting.join()
        pages[-1].wait_for_timeout(1000)
        seen = pages[-1].evaluate("window.seen")
        for page in pages:
            page.close()
    steps = [share for share in written if share in seen]
    lags = [seen[share] / 1000 - written[share] for share in steps]
    return Sessions(cost, (memory - before) / count, lags)


def note(service: Service, task: Task, written: dict[str, float]) -> None:
    """Note when each share of a task is in the log for the first time, but for the first."""
    for one in service.watch(task, 0.01):
        written.setdefault(f"{100 * one.progress:.0f}", time.time())
    written.pop(next(iter(written)))


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
        with served(folder) as server:
            good = report_pages(first_page(play, folder / "profile", server, given.visits))
            with served(folder) as peer:
                browser = play.chromium.launch(executable_path=BROWSER, args=CHROME)
                found: dict[str, list[Sessions]] = {path: [] for path in SHOWN}
                for path in given.times * list(SHOWN):
                    context = browser.new_context()
                    found[path].append(sessions(context, server, peer, given.sessions, path))
                    context.close()
                browser.close()
    good &= report_sessions(given.sessions, found)
    print("met" if good else "not met")
    return 0 if good else 1


def report_pages(visits: Visits) -> bool:
    """Print how long first pages took; return whether that is good."""
    print("| page | usable after [s] | sent beyond the cache [kB] |\n| --- | --- | --- |")
    medians: dict[str, list[float]] = {}
    for path, each in visits.items():
        medians[path] = [statistics.median(one) for one in zip(*each, strict=True)]
        print(f"| {path} | {medians[path][0]:.2f} | {medians[path][1]:.0f} |")
    usable, sent = medians["/app"]
    ratio = usable / medians["/empty"][0]
    print(f"the first page takes {ratio:.1f} times as long as an empty one\n")
    return usable < 2 and sent < 600


def report_sessions(count: int, found: dict[str, list[Sessions]]) -> bool:
    """Print what open pages cost, medians; return whether that is good."""
    columns = "loop [ms/s] | all threads [ms/s] | memory of each [MB]"
    print(f"| {count} pages | {columns} | log to screen, median, longest [s] |")
    print("| --- | --- | --- | --- | --- |")
    good = True
    for path, each in found.items():
        loop, every = (
            1000 * statistics.median(getattr(one.each_second, name) for one in each)
            for name in ("loop", "all")
        )
        memory = statistics.median(one.memory for one in each)
        lags = [lag for one in each for lag in one.lags]
        waits = f"{statistics.median(lags):.2f}, {max(lags):.2f}" if lags else "-"
        print(f"| {path} | {loop:.1f} | {every:.1f} | {memory:.1f} | {waits} |")
        good &= loop < 20 and memory < 10 and max(lags, default=0) < 0.5
    return good


if __name__ == "__main__":
    sys.exit(main())
