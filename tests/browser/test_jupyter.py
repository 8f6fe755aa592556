"""A person in JupyterLab: draws an area on the map, submits, sees the bar move and the plot."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE, ROOT, Seen, sample
from tests.processes import environment, eventually, free_port

expect.set_options(timeout=PATIENCE)

CELLS = [
    "import csserv\nservice = csserv.connect()\nplace = csserv.pick_area()\nplace",
    "task = service.submit('chirps', 'mean', place, '2019')\ntask",
    "await task\nresult = service.result(task)\nresult.plot()",
    "result.plot.map()",
    "result",
]

#: so long is waited before a person would try again [ms]
GLANCE = 5_000

#: JupyterLab asks nobody for news, and draws all cells, not only those in sight
QUIET = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@pytest.fixture
def lab(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a notebook in a JupyterLab of its own."""
    pages = tmp_path / "pages"
    pages.mkdir()
    import nbformat  # takes a third of a second, at each collection of the tests

    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, pages / "rain.ipynb")
    for name, values in QUIET.items():
        path = tmp_path / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    places = {
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "jupyter",
        "IPYTHONDIR": "ipython",
    }
    port = free_port()
    words = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    words += ["--IdentityProvider.token=", f"--ServerApp.root_dir={pages}"]
    words += ["--LabApp.news_url=null", "--LabApp.extension_manager=readonly"]
    known = environment({"home": tmp_path / "home", "data": sample(tmp_path_factory), "workers": 1})
    with (tmp_path / "lab.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", *words],
            env=known
            | {name: str(tmp_path / folder) for name, folder in places.items()}
            | {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
            stdout=output,
            stderr=output,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(address), 120, what="JupyterLab did not start", pause=0.3)
        yield f"{address}/lab/tree/rain.ipynb"
    finally:
        process.terminate()
        process.wait(60)


def _answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(f"{address}/api", timeout=10).status == 200
    except OSError:
        return False


def _run(page: Page, number: int) -> Locator:
    """Run a cell; return it."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(number)
    prompt = cell.locator(".jp-InputPrompt").first

    def has_begun() -> bool:  # before its kernel is there, a notebook does nothing
        cell.locator(".jp-InputArea-editor").first.click()
        page.keyboard.press("Control+Enter")
        return _comes(lambda: expect(prompt).not_to_have_text("[ ]:", timeout=GLANCE))

    eventually(has_begun, 120, what=f"cell {number} did not begin", pause=0.1)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=2 * PATIENCE)
    return cell


def _comes(look: Callable[[], None]) -> bool:
    """Whether something came to be seen."""
    try:
        look()
    except AssertionError:
        return False
    return True


def _find(cell: Locator, name: str, chosen: str) -> None:
    """Type a name into the field of the map, until the kernel has heard of it."""
    field = cell.get_by_label("Search a country or region")

    def is_found() -> bool:
        for text in ("", name):
            field.fill(text)
            field.press("Enter")
        return _comes(lambda: expect(cell.get_by_text(chosen)).to_be_visible(timeout=GLANCE))

    eventually(is_found, 120, what=f"{name} was not found", pause=0.1)


def _draw_polygon(page: Page, cell: Locator) -> None:
    """Tap three corners and the first again, until the kernel has heard of all of it.

    The map is told by the kernel what to draw, so that first taps may come too soon; another tool
    takes away what was half drawn.
    """
    corners = [(-50, 30), (50, 30), (0, -40), (-50, 30)]  # from the middle of the map [pixels]

    def is_drawn() -> bool:
        for tool, hint in (("Point", "Tap a place"), ("Polygon", "Tap each corner")):
            cell.get_by_role("button", name=tool).click()
            cell.get_by_text(hint).wait_for()
        picture = cell.locator(".bk-Figure")
        picture.scroll_into_view_if_needed()
        place = picture.bounding_box()
        assert place is not None
        x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        for east, south in corners:
            page.mouse.move(x + east, y + south, steps=3)
            page.mouse.click(x + east, y + south, delay=40)
        chosen = cell.get_by_text("Chosen: polygon")
        return _comes(lambda: expect(chosen).to_be_visible(timeout=GLANCE))

    eventually(is_drawn, 120, what="the polygon was not drawn", pause=0.1)


def test_a_person_draws_an_area_submits_and_sees_the_plot(browser: Browser, lab: str) -> None:
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(PATIENCE)
    seen = Seen()
    seen.watch(page)
    page.goto(lab)
    first = _run(page, 0)
    expect(first.get_by_text("No area chosen yet")).to_have_count(1)  # shown once
    _find(first, "kenya", "Chosen: Kenya")
    _draw_polygon(page, first)

    task = _run(page, 1)
    expect(task.locator(".csserv-progress")).to_contain_text("mean of chirps, polygon")
    expect(task.locator("[role=progressbar]")).to_have_attribute(
        "aria-valuenow", "100", timeout=2 * PATIENCE
    )
    expect(task.locator(".csserv-progress")).to_contain_text("succeeded, 100 %")
    expect(task.get_by_role("button", name="Cancel")).to_have_count(0)

    for number in (2, 3):
        expect(_run(page, number).locator(".bk-Figure canvas").first).to_be_visible()
    expect(_run(page, 4).locator(".csserv-result")).to_contain_text("mm/day")
    host = re.search("//(.*?)/", lab)
    assert host is not None
    page.close()
    assert seen.hosts - {""} == {host[1]}
    assert [text for text in seen.complaints if "csserv" in text or "bokeh" in text.lower()] == []
