"""The notebook of a result: valid, and when it is run it gives the same numbers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import shapely

from csserv import Area, Service, Settings
from csserv.views.result.loaded_result import load_result
from csserv.views.result.notebook_file import LONGEST_AREA, _area, notebook_of

ROOT = Path(__file__).parent.parent.parent.parent


def drawn(detail: int = 4) -> Area:
    return Area.from_geometry(shapely.Point(31, 1).buffer(1, quad_segs=detail), 'd\'rawn "zone"')


@pytest.mark.slow
def test_notebook_runs_and_gives_the_same_numbers(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import nbformat  # takes a third of a second, at each collection of the tests
    from nbclient import NotebookClient

    for name in [name for name in os.environ if name.startswith("CSSERV_")]:
        monkeypatch.delenv(name)
    for name in ("home", "data", "catalog"):
        monkeypatch.setenv(f"CSSERV_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with Service(settings) as service:
        task = service.submit(
            "rain", "mean,max", drawn(), "2019-01/2019-02", time_step="monthly", select={}
        )
        loaded = load_result(service, service.wait(task))
        page = nbformat.reads(notebook_of(loaded, service.layers).decode(), as_version=4)
        nbformat.validate(page)
        assert (page.nbformat, page.nbformat_minor) == (4, 5)
        check = "import json; print(json.dumps(result.json['series'][0]['value']))"
        page.cells.append(nbformat.v4.new_code_cell(check))
        NotebookClient(page, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    written = [cell for cell in page.cells if cell.cell_type == "code"]
    said = "".join(output.get("text", "") for cell in written for output in cell.outputs)
    assert loaded.provenance.citation in said
    assert loaded.provenance.bibtex in said
    assert json.loads(said.splitlines()[-1]) == loaded.result.json["series"][0]["value"]
    drawings = [o for cell in written for o in cell.outputs if "text/html" in o.get("data", {})]
    assert len(drawings) >= 2  # the table and the chart


def test_a_large_area_is_that_of_the_task(service: Service):
    small, before = _area(drawn(), service.layers, "an-id")
    assert small == "csserv.Area.from_geojson(AREA)"
    assert before.startswith("AREA = ")
    assert len(before) < LONGEST_AREA
    assert _area(drawn(3000), service.layers, "an-id") == ("service.task_area('an-id')", "")
