"""A person in JupyterLab: chooses an area on the map, submits, sees the bar move and the plot."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from csserv.catalog.sample import build_sample_archive
from tests.browser.conftest import PATIENCE, ROOT, SAMPLE, Seen
from tests.processes import environment, eventually, free_port

CELLS = [
    "import csserv\nservice = csserv.connect()\nplace = csserv.pick_area()\nplace",
    "task = service.submit('chirps', 'mean', place, '2019')\ntask",
    "await task\nresult = service.result(task)\nresult.plot()",
    "result.plot.map()",
    "result",
]

#: JupyterLab asks nobody for news, and draws all cells, not only those in sight
QUIET = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of a notebook in a JupyterLab of its own."""
    build_sample_archive(tmp_path / "data", spec=SAMPLE)
    pages = tmp_path / "pages"
    pages.mkdir()
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
    known = environment({"home": tmp_path / "home", "data": tmp_path / "data", "workers": 1})
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
    eventually(lambda: _answers(address), 120, what="JupyterLab did not start", pause=0.3)
    yield f"{address}/lab/tree/rain.ipynb"
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
        page.wait_for_timeout(1000)
        return prompt.inner_text().strip() != "[ ]:"

    eventually(has_begun, 120, what=f"cell {number} did not begin", pause=0.1)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=2 * PATIENCE)
    return cell


def test_a_person_chooses_an_area_submits_and_sees_the_plot(browser: Browser, lab: str) -> None:
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(PATIENCE)
    seen = Seen()
    seen.watch(page)
    page.goto(lab)
    first = _run(page, 0)
    expect(first.get_by_text("No area chosen yet")).to_have_count(1)  # shown once

    first.get_by_label("Search a country or region").fill("kenya")
    page.keyboard.press("Enter")
    expect(first.get_by_text("Chosen: Kenya")).to_be_visible()
    first.get_by_role("button", name="Box").click()
    first.get_by_text("Drag from one corner").wait_for()  # the kernel has changed the map's tool
    picture = first.locator(".bk-Figure").bounding_box()
    assert picture is not None
    x, y = picture["x"] + picture["width"] / 2, picture["y"] + picture["height"] / 2
    page.mouse.move(x - 40, y - 30)
    page.mouse.down()
    page.mouse.move(x, y, steps=5)
    page.mouse.move(x + 40, y + 30, steps=5)
    page.mouse.up()
    expect(first.get_by_text("Chosen: box")).to_be_visible()

    task = _run(page, 1)
    expect(task.locator(".csserv-progress")).to_contain_text("mean of chirps, box")
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
