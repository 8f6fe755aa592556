"""Every page of the documentation runs, without a network, and is committed without outputs."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from csserv.catalog.real_samples import copy_real_samples
from csserv.catalog.sample import SampleSpec, build_sample_archive

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.rglob("*.ipynb"))
SAMPLE = SampleSpec(cell=0.1, years=(2019, 2020), forecast_days=40)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `csserv sample-data` makes, on a coarser grid."""
    folder = tmp_path_factory.mktemp("archive")
    build_sample_archive(folder, spec=SAMPLE)
    copy_real_samples(folder)
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_runs(
    path: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("CSSERV_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CSSERV_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CSSERV_DATA", str(archive))
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    page = nbformat.read(path, as_version=4)
    NotebookClient(page, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_is_committed_without_outputs(path: Path) -> None:
    page = nbformat.read(path, as_version=4)
    assert page.cells[0].cell_type == "markdown"
    code = [cell for cell in page.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
