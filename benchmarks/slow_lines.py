"""What a first visit on a slow line waits for: the first paint, and the page, beside an empty one.

    python -m benchmarks.slow_lines [--visits N]

A phone (a processor four times slower) that has nothing in its cache; writes medians to
benchmarks/RESULTS.md.
"""

from __future__ import annotations

import statistics
import tempfile
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from benchmarks.dashboard import BROWSER, SAMPLE, TEXTS, USABLE, Server, served
from benchmarks.page import machine, put_part
from benchmarks.slow_meter import Line, SlowMeter
from csserv.catalog.samples.synthetic import build_sample_archive
from tests.browser.conftest import CHROME

RESULTS = Path(__file__).parent / "RESULTS.md"

PHONE = ViewportSize(width=390, height=844)

#: how many times slower its processor is
SLOWER = 4

#: nobody waits longer [ms]
PATIENCE = 300_000


LINES = {"1.6 Mb/s": Line(1.6e6, 150, 3.0), "slow 3G": Line(0.4e6, 400, 8.0)}

#: when something was painted first [ms]
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"

#: what is measured
OF = ("paint", "usable", "sent")

#: most time until a page is usable, as times that of an empty page
AT_MOST = 1.1


@dataclass(frozen=True)
class Visit:
    """When something was painted, when the page was usable [s], and what was sent [kB]."""

    paint: float
    usable: float
    sent: float


def visit(browser: Browser, server: Server, path: str) -> Visit:
    """Visit a page with an empty cache."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.add_init_script(f"({USABLE})({TEXTS[path]!r})")
    wire = context.new_cdp_session(page)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    before = server.meter.sent
    page.goto(f"{server.url}{path}", wait_until="commit", timeout=PATIENCE)
    usable = page.wait_for_function("window.usable", timeout=PATIENCE).json_value()
    paint = page.evaluate(PAINTED) or usable
    sent = server.meter.sent - before
    context.close()
    return Visit(paint / 1e3, usable / 1e3, sent / 1e3)


def row(name: str, line: Line, visits: dict[str, list[Visit]]) -> list[str]:
    """Write what was measured on a line."""
    mid = {
        path: Visit(*(statistics.median(getattr(one, of) for one in each) for of in OF))
        for path, each in visits.items()
    }
    rows = []
    for path, one in mid.items():
        said = verdict = ""
        if path == "/app":
            ratio = one.usable / mid["/empty"].usable
            said = f"paint at most {line.target:g} s; usable at most {AT_MOST:g} x the empty one"
            said += f": {ratio:.2f}"
            verdict = ", ".join(
                "met" if good else "missed" for good in (one.paint <= line.target, ratio <= AT_MOST)
            )
        numbers = f"{one.paint:.1f} | {one.usable:.1f} | {one.sent:,.0f}"
        rows.append(f"| {name} | {path} | {numbers} | {said} | {verdict} |")
    return rows


def page(rows: list[str]) -> str:
    """Write the part of the page of results."""
    return "\n".join(
        [
            "# What a first visit on a slow line waits for",
            "",
            "Made by `python -m benchmarks.slow_lines`. A phone whose processor is four times",
            "slower, with an empty cache, behind a line that carries what is sent, as it is",
            "compressed; medians of visits in turn. The peer is an empty page of",
            "panel-material-ui, from the same server, which compresses its scripts, too.",
            "",
            machine("panel", "panel-material-ui", "bokeh"),
            "",
            "| line | page | first paint [s] | usable [s] | sent [kB] | target | |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *rows,
        ]
    )


def main() -> None:
    """Measure, print, and write the part of the page of results."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--visits", type=int, default=3, help="of each page, on each line")
    given = options.parse_args()
    rows: list[str] = []
    with tempfile.TemporaryDirectory(prefix="csserv-bench-") as name, sync_playwright() as play:
        folder = Path(name)
        build_sample_archive(folder / "data", spec=SAMPLE)
        browser = play.chromium.launch(executable_path=BROWSER, args=CHROME)
        with served(folder, SlowMeter) as server:
            for line_name, line in LINES.items():
                assert isinstance(server.meter, SlowMeter)  # noqa: S101  # as asked
                server.meter.line = line
                visits: dict[str, list[Visit]] = {path: [] for path in TEXTS}
                for _ in range(given.visits):
                    for path, each in visits.items():
                        each.append(visit(browser, server, path))
                rows += row(line_name, line, visits)
        browser.close()
    print(page(rows))
    put_part(RESULTS, page(rows))


if __name__ == "__main__":
    main()
