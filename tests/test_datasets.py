"""The command `csserv datasets`: what there is, one in full, and a new one."""

from __future__ import annotations

import json
import math
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from csserv import Settings
from csserv.catalog import Catalog, Window
from csserv.catalog.adding import variables
from csserv.catalog.row_fields import FIELDS
from csserv.catalog.toml_table import read_table
from tests.catalog.read.place.grids import degrees, metres, write_field
from tests.files import LAT, LON, Layout, write_granule
from tests.test_cli import call
from tests.tiffs import write_tiff


def plain(settings: Settings, *words: str) -> dict:
    found = call(settings, "datasets", *words, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_those_with_files_are_listed_and_all_when_asked(settings: Settings):
    found = call(settings, "datasets")
    assert [line.split("\t") for line in found.stdout.splitlines()] == [
        ["number", "name", "title", "units", "from", "to", "gaps", "files"],
        ["", "rain", "Rain", "mm/day", "2019-01-01", "2019-02-28", "0", "2"],
    ]
    assert "138 more have no files here: --all" in found.stderr
    every = call(settings, "datasets", "--all")
    assert len(every.stdout.splitlines()) == 1 + 139
    assert every.stderr == ""
    assert [row["name"] for row in plain(settings)] == ["rain"]
    assert {row["number"] for row in plain(settings, "--all")} >= {0, 90, 667, None}


def test_one_is_shown_in_full_by_name_or_number(settings: Settings):
    (settings.data / "rain" / "rain_1.nc").unlink()
    april = 90 + np.arange(30)
    write_granule(settings.data / "rain" / "rain_4.nc", np.ones((30, 16, 20)), LAT, LON, days=april)
    said = call(settings, "datasets", "rain").stdout
    assert "2019-03-01 to 2019-03-31 (31 steps)" in said
    assert "16 x 20 cells of 1 x 1 degrees" in said
    found = plain(settings, "rain")
    assert found["coverage"]["gaps"] == [{"first": "2019-03-01", "last": "2019-03-31", "steps": 31}]
    shown = call(settings, "datasets", "26").stdout
    assert "doi:10.5067/GPM/IMERGDL/DAY/07" in shown
    assert "has no files on this server" in shown
    assert plain(settings, "26")["coverage"] is None
    assert "ClimateSERV has withdrawn it" in call(settings, "datasets", "35").stdout
    assert "did you mean rain" in call(settings, "datasets", "rian").stderr


def test_dataset_that_cannot_be_read_does_not_spoil_the_list(settings: Settings):
    for path in (settings.data / "rain").iterdir():
        path.write_text("no NetCDF")
    found = call(settings, "datasets")
    assert found.exit_code == 0
    assert "rain: cannot read rain_1.nc" in found.stderr


def test_added_dataset_can_be_asked_for(settings: Settings, tmp_path: Path):
    assert settings.catalog
    write_granule(settings.data / "snow" / "a.nc", np.ones((3, 16, 20)), LAT, LON)
    before = settings.catalog.read_text()
    words = [
        "--files",
        "snow/*.nc",
        "--title",
        "Snow",
        "--citation",
        "by hand",
        "--over-time",
        "sum",
    ]
    added = call(settings, "datasets", "add", "snow", *words)
    assert added.exit_code == 0, added.output
    for said in ("3, daily, 2019-01-01 to 2019-01-03", "16 x 20 cells", "by hand"):
        assert said in added.stdout
    assert settings.catalog.read_text().startswith(before.rstrip())
    entry = Catalog.read(settings.data, settings.catalog)["snow"]
    assert (entry.title, entry.variable, entry.files) == ("Snow", "rain", "snow/*.nc")
    assert (entry.citation, entry.over_time) == ("by hand", "sum")
    asked = ["submit", "snow", "mean", "--box", "30", "0", "32", "2", "--period", "2019-01"]
    assert call(settings, *asked).exit_code == 0


def test_without_a_table_of_ones_own_the_row_goes_to_the_data(settings: Settings, tmp_path: Path):
    own = settings.model_copy(update={"catalog": None})
    path = settings.data / "rain" / "*.nc"
    added = call(own, "datasets", "add", "mine", "--files", str(path), "--json")
    assert added.exit_code == 0, added.output
    assert json.loads(added.stdout)["coverage"]["steps"] == 59
    assert (settings.data / "datasets.toml").read_text() == (
        '[mine]\ntitle = "mine"\nvariable = "rain"\nfiles = "rain/*.nc"\n'
    )
    assert [row["name"] for row in plain(own)] == ["mine"]


def test_title_is_that_of_the_file_unless_given(settings: Settings):
    long_name = Layout(attributes={"long_name": "depth of snow"})
    write_granule(settings.data / "snow" / "a.nc", np.ones((3, 16, 20)), LAT, LON, long_name)
    added = plain(settings, "add", "snow", "--files", "snow/*")
    assert added["title"] == "depth of snow"


def test_which_of_several_variables_is_asked_back(settings: Settings):
    path = write_granule(settings.data / "two" / "a.nc", np.ones((3, 16, 20)), LAT, LON)
    with netCDF4.Dataset(path, "a") as data:
        data.createVariable("snow", "f4", ("time", "lat", "lon"))[:] = 1.0
        data.createVariable("mask", "f4", ("lat", "lon"))[:] = 1.0
        data.createDimension("edges", 2)
        data.createVariable("time_bnds", "f8", ("time", "edges"))[:] = 0.0
    refused = call(settings, "datasets", "add", "two", "--files", "two/*.nc")
    assert refused.exit_code == 1
    assert "a.nc has rain, snow; choose one with --variable" in refused.stderr
    assert plain(settings, "add", "two", "--files", "two/*.nc", "--variable", "snow")
    wrong = call(settings, "datasets", "add", "no", "--files", "two/*.nc", "--variable", "snou")
    assert "no variable 'snou'; it has snow" in wrong.stderr


def test_coordinates_of_a_curved_grid_are_no_variables_to_ask_for(tmp_path: Path):
    lon, lat = np.meshgrid(LON, LAT)
    path = write_granule(tmp_path / "a.nc", np.ones((1, 16, 20)), lat, lon)
    assert variables(path) == ["rain"]
    grouped = write_granule(tmp_path / "b.nc", np.ones((1, 16, 20)), LAT, LON, Layout(group="a/b"))
    assert variables(grouped) == ["a/b/rain"]


def test_add_says_where_the_cells_are_taken_from(settings: Settings):
    folder = settings.data / "grids"
    folder.mkdir()
    mapping = {"grid_mapping_name": "sinusoidal", "longitude_of_projection_origin": 0.0}
    at = metres(1e4 * np.arange(3.0), 1e4 * np.arange(4.0))
    write_field(folder / "sinu.nc", np.ones((1, 3, 4)), ("time", "y", "x"), at, mapping)
    turn = degrees(np.arange(-60.0, 61, 60), np.arange(0.0, 361, 120))
    write_field(folder / "turn.nc", np.ones((1, 3, 4)), ("time", "lat", "lon"), turn)
    told = {
        name: call(settings, "datasets", "add", name, "--files", f"grids/{name}.nc").stdout
        for name in ("sinu", "turn")
    }
    assert "grid mapping crs (sinusoidal) (from the file)" in told["sinu"]
    assert "lat and lon (from the file)" in told["turn"]
    assert "lon 360 repeats 0, and is left out" in told["turn"]


def test_a_grid_that_cannot_be_placed_is_told_with_its_reason(settings: Settings):
    """Not as a file without a variable."""
    folder = settings.data / "grids"
    folder.mkdir()
    km = metres(np.arange(3.0), np.arange(4.0), "km")
    write_field(folder / "km.nc", np.ones((1, 3, 4)), ("time", "y", "x"), km)
    mess = degrees(np.array([0.0, 2.0, 1.0]), np.arange(4.0))
    write_field(folder / "mess.nc", np.ones((1, 3, 4)), ("time", "lat", "lon"), mess)
    for name, said in {
        "km": "cannot use rain of km.nc: its y and x (km) are of a projection that the file does",
        "mess": "cannot use rain of mess.nc: its lat neither rises nor falls all along: 1 follows",
    }.items():
        refused = call(settings, "datasets", "add", name, "--files", f"grids/{name}.nc")
        assert refused.exit_code == 1
        assert said in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rain", "--files", "rain/*.nc"], "there is a dataset rain (Rain); --replace takes its"),
        (["Rain!", "--files", "rain/*.nc"], "'Rain!' is no name of a dataset"),
        (["26", "--files", "rain/*.nc"], "'26' is no name of a dataset"),
        (
            ["new", "--files", "new/*.nc"],
            "no file in the data folder is called new/*.nc, nor any below",
        ),
        (["new", "--files", "../*.nc"], "'../*.nc' is no pattern of files"),
        (["new", "--files", "/somewhere/*.nc"], "/somewhere/*.nc does not lie below"),
        (["new", "--files", "text/*"], "cannot read a.txt"),
        (["new", "--files", "rain/*.nc", "--over-time", "total"], "over_time is 'total'; allowed"),
        (["new", "--files", "flat/*.nc"], "flat.nc has no variable with time, latitude"),
    ],
)
def test_what_cannot_be_added_is_told_and_nothing_is_written(
    settings: Settings, words: list[str], said: str
):
    assert settings.catalog
    (settings.data / "text").mkdir()
    (settings.data / "text" / "a.txt").write_text("no NetCDF")
    (settings.data / "flat").mkdir()
    with netCDF4.Dataset(settings.data / "flat" / "flat.nc", "w") as data:
        data.createDimension("x", 2)
        data.createVariable("mask", "f4", ("x",))
    before = settings.catalog.read_text()
    refused = call(settings, "datasets", "add", *words)
    assert refused.exit_code == 1
    assert said in refused.stderr, refused.output
    assert settings.catalog.read_text() == before
    assert not (settings.data / "datasets.toml").exists()


def test_what_cannot_be_added_leaves_neither_a_link_nor_a_folder(
    settings: Settings, tmp_path: Path
):
    elsewhere = tmp_path / "elsewhere"
    write_tiff(elsewhere / "rain.tif", np.zeros((4, 5), "f4"))
    before = sorted(settings.data.rglob("*"))
    for words in (("fields", "--link"), ("Fields", "--link")):
        name, *others = words
        assert call(settings, "datasets", "add", name, str(elsewhere), *others).exit_code == 1
    (elsewhere / "a.grib").write_bytes(b"GRIB\0\0\0\2 and no more")
    for name, said in (("t2m", "cannot convert a.grib"), ("T2M", "'T2M' is no name")):
        ran = call(settings, "datasets", "add", name, str(elsewhere / "a.grib"))
        assert said in ran.stderr
    assert sorted(settings.data.rglob("*")) == before
    write_tiff(elsewhere / "rain.20240201.tif", np.zeros((4, 5), "f4"))
    (elsewhere / "rain.tif").unlink()
    added = call(settings, "datasets", "add", "fields", str(elsewhere), "--link")
    assert added.exit_code == 0, added.stderr


def test_what_a_file_leaves_open_is_told_with_the_option_that_says_it(settings: Settings):
    write_tiff(settings.data / "undated" / "rain.tif", np.zeros((4, 5), "f4"))
    ran = call(settings, "datasets", "add", "undated", "undated")
    assert ran.exit_code == 1
    assert ran.stderr.strip().endswith("(here: --time-from-name)")


def test_replaced_dataset_of_ones_own_keeps_nothing_of_the_old_one(settings: Settings):
    assert plain(settings, "add", "mine", "--files", "rain/*.nc", "--citation", "by hand")
    assert plain(settings, "add", "mine", "--files", "rain/*.nc", "--replace")
    entry = Catalog.read(settings.data, settings.catalog)["mine"]
    assert (entry.title, entry.citation) == ("mine", "")


def test_product_of_the_catalog_keeps_what_its_makers_say(settings: Settings):
    built_in = Catalog.read(settings.data)["chirps"]
    added = plain(settings, "add", "chirps", "rain", "--licence", "ask me")
    assert added["coverage"]["steps"] == 59
    entry = Catalog.read(settings.data, settings.catalog)["0"]
    kept = ("name", "title", "number", "old_name", "citation", "over_time", "source")
    assert [getattr(entry, name) for name in kept] == [getattr(built_in, name) for name in kept]
    assert (entry.variable, entry.files, entry.licence) == ("rain", "rain/*.nc", "ask me")


def test_names_of_the_provider_and_of_climateserv_are_those_of_one_dataset(settings: Settings):
    names = ("chirps-v2.0.2019.days_p05.nc", "ucsb-chirps.global.0.05deg.daily.2020.nc4")
    for name, variable, first in zip(
        names, ("precip", "precipitation_amount"), (0, 365), strict=True
    ):
        path = settings.data / "chirps" / name
        write_granule(path, np.ones((365, 16, 20)), LAT, LON, days=first + np.arange(365))
        with netCDF4.Dataset(path, "a") as data:
            data.renameVariable("rain", variable)
    entry = Catalog.read(settings.data, settings.catalog)["chirps"]
    coverage = entry.coverage()
    assert (coverage.files, coverage.steps, coverage.gaps) == (2, 730, ())
    assert entry.built_in


def stored(settings: Settings, name: str, numbers: np.ndarray, **attributes: Any) -> None:
    """Write a step of 16 x 20 cells as they are stored."""
    layout = Layout(dtype=numbers.dtype.str[1:], attributes=attributes)
    field = np.broadcast_to(numbers, (1, 16, 20))
    write_granule(settings.data / name / "a.nc", field, LAT, LON, layout)


def read(settings: Settings, name: str) -> np.ndarray:
    (granule,) = Catalog.read(settings.data, settings.catalog)[name].granules
    return granule.read(range(1), Window(0, 0, 16, 20))


VEGETATION = np.where(np.arange(320).reshape(16, 20) % 5, 150, 255).astype("u1")


@pytest.mark.parametrize("marks", [["--valid", "-1", "1"], ["--missing", "255"]])
def test_bytes_of_vegetation_are_added_with_scale_and_offset(settings: Settings, marks: list[str]):
    stored(settings, "ndvi", VEGETATION, long_name="NDVI", units="1")
    plainly = call(settings, "datasets", "add", "ndvi", "--files", "ndvi/*.nc")
    assert "warning: rain is 255 in 20 % of the cells checked" in plainly.stderr
    assert "a vegetation index lies in -1 to 1" in plainly.stderr
    words = ["--files", "ndvi/*.nc", "--replace", "--scale", "0.01", "--offset", "-1", *marks]
    added = call(settings, "datasets", "add", "ndvi", *words)
    assert added.exit_code == 0, added.output
    assert added.stderr == ""
    for said in ("0.01 (given)", "-1 (given)"):
        assert said in added.stdout
    values = np.where(VEGETATION == 255, np.nan, 0.5)
    np.testing.assert_array_equal(read(settings, "ndvi")[0], values)


def test_all_that_corrects_a_file_is_an_option_and_is_told_as_given(settings: Settings):
    stored(settings, "wind", np.arange(320, dtype="i2").reshape(16, 20), units="kt")
    words = ["--variable", "speed", "--variable", "rain", "--missing", "7", "--missing", "-0.5"]
    words += ["--valid", "-inf", "50", "--scale", "0.25", "--offset", "2", "--units", "m/s"]
    words += ["--over-time", "mean", "--time-at", "end", "--time-step", "day"]
    words += ["--prefer", "*final*", "--prefer", "*"]
    added = plain(settings, "add", "wind", "--files", "wind/*.nc", *words)
    row = {
        "variable": ["speed", "rain"],
        "missing": [7, -0.5],
        "scale": 0.25,
        "offset": 2.0,
        "units": "m/s",
        "over_time": "mean",
        "time_at": "end",
        "time_step": "day",
        "prefer": ["*final*", "*"],
    }
    assert {name: added[name] for name in row} == row
    assert added["valid"] == [None, 50]  # JSON has no infinity
    assert added["read_as"] == {
        "variable": "rain (the first of speed, rain)",
        "units": "m/s (given)",
        "missing": "7, -0.5 (given)",
        "valid": "50 or less m/s (given)",
        "scale": "0.25 (given)",
        "offset": "2 (given)",
        "over_time": "mean of the valid steps, by their length (given)",
        "time_at": "end (given)",
        "time_step": "day (given)",
        "prefer": "*final*, * (given)",
        "crs": "lat and lon (from the file)",
    }
    assert added["warnings"] == []
    assert settings.catalog
    assert read_table(settings.catalog)["wind"]["valid"] == [-math.inf, 50]
    assert np.nanmax(read(settings, "wind")) == 50
    shown = plain(settings, "wind")
    assert (shown["aliases"], shown["valid"], shown["variable"]) == (["rain"], [None, 50], "speed")
    assert "50 or less m/s (given)" in call(settings, "datasets", "wind").stdout


def test_what_was_taken_of_the_file_is_told_with_its_source(settings: Settings):
    packed = {
        "scale_factor": np.float32(0.2),
        "valid_range": np.array([0, 50], "f4"),
        "_FillValue": np.int16(-1),
        "units": "m/s",
    }
    numbers = np.arange(0, 320, dtype="i2").reshape(16, 20) // 2
    stored(settings, "wind", numbers, **packed)
    added = call(settings, "datasets", "add", "wind", "--files", "wind/*.nc").stdout
    lines = {
        line.partition("  ")[0]: line.partition("  ")[2].strip() for line in added.splitlines()
    }
    assert lines["units"] == "m/s (from the file)"
    assert lines["missing"] == "-1 (from _FillValue)"
    why = "in unpacked units, as its data type says"
    assert lines["valid"] == f"0 to 50 m/s (valid_range, {why})"
    assert lines["scale"] == "0.2 (from scale_factor)"
    assert lines["over time"].endswith("(from its name, units and cell methods)")


def test_file_of_which_no_cell_would_have_a_value_is_not_added(settings: Settings):
    """Ranges of values that were written as the packed type, as ocean models do."""
    limits = np.array([-5, 40], "i2")
    numbers = np.full((16, 20), 2500, "i2")
    stored(settings, "sea", numbers, scale_factor=0.01, valid_range=limits, units="degC")
    refused = call(settings, "datasets", "add", "sea", "--files", "sea/*.nc")
    assert refused.exit_code == 1
    assert (
        "a.nc cannot be used so: 100 % of the cells lie outside its valid_range" in refused.stderr
    )
    assert "--valid -5 40" in refused.stderr
    added = call(settings, "datasets", "add", "sea", "--files", "sea/*.nc", "--valid", "-5", "40")
    assert (added.exit_code, added.stderr) == (0, "")
    np.testing.assert_allclose(read(settings, "sea"), 25)


def test_every_field_that_corrects_a_file_has_an_option(settings: Settings):
    said = call(settings, "datasets", "add", "--help").stdout
    beside = {"old_name", "select", "withdrawn"}
    for field in set(FIELDS) - beside:
        assert f"--{field.replace('_', '-')} " in said, field


@pytest.mark.slow
def test_in_a_terminal_what_is_left_open_is_asked_and_else_refused(settings: Settings):
    field = np.arange(12, dtype="f4").reshape(3, 4)
    write_tiff(settings.data / "dekads" / "rain.2024.03.2.tif", field, nodata=-1)
    refused = call(settings, "datasets", "add", "dekads")
    assert refused.exit_code == 1
    assert "may be of dekad or of pentad; say which with --time-step" in refused.stderr
    told = {"CSSERV_DATA": str(settings.data), "CSSERV_HOME": str(settings.home)}
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "csserv", "datasets", "add", "dekads"]
    with subprocess.Popen(
        words, env=os.environ | told, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE
    ) as process:
        os.write(ours, b"dekad\nmm\n")
        out, _ = process.communicate(timeout=120)
    asked = os.read(ours, 10_000).decode()
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0, asked
    assert "Which one is meant? (dekad, pentad)" in asked
    assert "Units of dekads" in asked
    assert b"1, dekad, 2024-03-11" in out
    assert b"mm (given)" in out


def test_files_from_elsewhere_are_linked_when_that_is_said(settings: Settings, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    write_tiff(elsewhere / "africa_arc.20240305.tif", np.ones((3, 4), "f4"))
    refused = call(settings, "datasets", "add", "arc", str(elsewhere))
    assert "link it there with --link" in refused.stderr
    assert plain(settings, "add", "arc", str(elsewhere), "--link")["coverage"]["steps"] == 1
    assert (settings.data / "arc").resolve() == elsewhere
