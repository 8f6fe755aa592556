"""Numbers that stand for words are not averaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import csserv.accessor
from csserv import Service, Settings
from csserv.catalog import CatalogEntry
from csserv.errors import InvalidRequestError
from csserv.request import Area, Options
from csserv.zonal.conversion import check_options, class_notes
from csserv.zonal.operations import OPERATIONS, operations
from tests.files import LAT, LON, Layout, write_granule

assert csserv.accessor  # importing it registers it

MEANINGS = {
    "flag_values": np.array([1, 2, 3], "i2"),
    "flag_meanings": "forest cropland water",
}
SENSIBLE = {"max", "min", "median", "count", "coverage", "geotiff", "netcdf"}
BOX = Area.from_box(30.0, -1.0, 33.0, 2.0)


def classes(folder: Path, attributes: dict[str, Any]) -> CatalogEntry:
    values = np.random.default_rng(1).integers(1, 4, (40, len(LAT), len(LON)))
    layout = Layout(dtype="i2", attributes=attributes)
    write_granule(folder / "cover.nc", values, LAT, LON, layout)
    return CatalogEntry("cover", "Cover", "rain", "cover.nc", folder)


@pytest.mark.parametrize(
    "attributes",
    [MEANINGS, {"flag_masks": np.array([1, 2], "i2")}, {"flag_values": np.array([1, 2], "i2")}],
)
def test_only_what_makes_sense_of_classes_is_answered(tmp_path: Path, attributes: dict[str, Any]):
    entry = classes(tmp_path, attributes)
    timeline = entry.timeline()
    for name in (*OPERATIONS, "p90"):
        wanted = operations(name).values()
        if name in SENSIBLE or name == "p90":
            check_options(entry, timeline, Options(), wanted)
        else:
            with pytest.raises(InvalidRequestError, match=r"are classes .*; allowed are max, min"):
                check_options(entry, timeline, Options(), wanted)


@pytest.mark.parametrize("over_time", ["", "mean", "sum", "max"])
def test_longer_steps_of_classes_are_their_extremes_or_refused(tmp_path: Path, over_time: str):
    entry = classes(tmp_path, MEANINGS)
    options = Options.of(time_step="monthly", over_time=over_time or None)
    wanted = operations("max").values()
    if over_time == "max":
        check_options(entry, entry.timeline(), options, wanted)
        return
    with pytest.raises(InvalidRequestError, match=r"\(forest cropland water\), which have no mean"):
        check_options(entry, entry.timeline(), options, wanted)


def test_export_of_classes_says_that_its_means_are_no_numbers(tmp_path: Path):
    (_, header), *_ = classes(tmp_path, MEANINGS).timeline().granules
    (note,) = class_notes(header, operations("netcdf").values())
    assert (note.code, note.where) == ("classes", "rain")
    assert list(class_notes(header, operations("max").values())) == []


def test_request_is_refused_at_once(tmp_path: Path):
    classes(tmp_path / "data", MEANINGS)
    catalog = tmp_path / "own.toml"
    catalog.write_text('[cover]\ntitle = "Cover"\nvariable = "rain"\nfiles = "cover.nc"\n')
    settings = Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=catalog)
    with (
        Service(settings, starts_runner=False) as service,
        pytest.raises(InvalidRequestError, match="forest cropland water"),
    ):
        service.submit("cover", "mean", BOX, "2019")


def test_row_that_says_which_numbers_are_codes_makes_the_others_numbers(tmp_path: Path):
    entry = classes(tmp_path, MEANINGS)
    entry = replace(entry, missing=(3.0,))
    check_options(entry, entry.timeline(), Options(), operations("mean").values())


def test_accessor_has_the_same_rule(tmp_path: Path):
    classes(tmp_path, MEANINGS)
    with xr.open_dataset(tmp_path / "cover.nc", engine="netcdf4") as data:
        assert data["rain"].csserv.zonal("max", BOX).max() == 3
        with pytest.raises(InvalidRequestError, match="are classes"):
            data["rain"].csserv.zonal("mean", BOX)
