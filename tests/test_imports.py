"""Importing csserv is quick: what is heavy loads when it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import csserv

HEAVY = {
    "cftime",
    "dask",
    "distributed",
    "geopandas",
    "h5py",
    "imagecodecs",
    "netCDF4",
    "pandas",
    "panel",
    "pint",
    "pyogrio",
    "rasterio",
    "xarray",
}


def loaded_by(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_import_loads_nothing_but_the_package_itself():
    found = loaded_by("import csserv")
    assert not found & (HEAVY | {"numpy", "shapely", "pydantic", "tinydb"})
    assert "csserv" in found


@pytest.mark.parametrize(
    "statement",
    [
        "from csserv.cli import main",  # --help, and wrong usage
        "from csserv import Area, Period, Request, Result, Task, TaskState, Zone",
    ],
)
def test_heavy_things_load_when_they_are_used(statement: str):
    assert not loaded_by(statement) & HEAVY


def test_service_loads_no_dask_and_no_panel():
    # both are of other processes or of a notebook that shows something
    assert not loaded_by("from csserv import connect") & {"dask", "distributed", "panel", "pint"}


def test_server_without_dashboard_loads_no_more_than_a_service():
    later = {"dask", "distributed", "pandas", "panel", "pyogrio", "rasterio", "xarray"}
    assert not loaded_by("import csserv.http.server") & later


def test_what_workers_are_forked_of_loads_no_command_line():
    # the program of an installed csserv loads this module, and each worker loads it again
    assert not loaded_by("import csserv.__main__") & (HEAVY | {"click", "numpy", "pydantic"})


def test_public_names_are_the_same_for_people_and_type_checkers():
    tree = ast.parse(Path(csserv.__file__).read_text(encoding="utf-8"))
    (typed,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = [
        (alias.name, node.module)
        for node in typed.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert dict(seen) == csserv._HOMES
    assert csserv.__all__ == sorted(csserv._HOMES)
    assert set(csserv.__all__) <= set(dir(csserv))


def test_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'conect'"):
        _ = csserv.conect  # type: ignore[attr-defined]
