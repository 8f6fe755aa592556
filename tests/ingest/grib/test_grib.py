"""GRIB becomes NetCDF by the CF conventions: moments, runs and leads, members, levels."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from csserv.catalog import Granule
from csserv.catalog.read.header import Header
from csserv.errors import GranuleError, InvalidRequestError
from csserv.ingest.grib.grib_files import find_grib, targets_of
from csserv.ingest.grib.grib_netcdf import convert_grib
from tests.grib_writer import write_grib

pytestmark = pytest.mark.slow  # each file takes two processes that import eccodes

LAT, LON = np.array([1.5, 0.5]), np.array([30.5, 31.5, 32.5])


def grib(path: Path, **each: list) -> Path:
    """Write fields of 1, 2, 3, …, a message each."""
    count = len(next(iter(each.values())))
    values = np.broadcast_to(np.arange(1.0, count + 1)[:, None, None], (count, 2, 3))
    return write_grib(path, values, LAT, LON, **{key: np.array(one) for key, one in each.items()})


def converted(folder: Path, variable: str, **each: list) -> tuple[Header, Granule]:
    target = folder / "a.nc"
    assert convert_grib(grib(folder / "a.grib", **each), target)
    granule = Granule(target, variable)
    return granule.header(), granule


def moments(header: Header) -> list[str]:
    return [time.strftime("%d %H") for time in header.times]


@pytest.mark.parametrize("edition", [1, 2])
def test_steps_of_one_run_are_moments(tmp_path: Path, edition: int):
    header, granule = converted(
        tmp_path, "t2m", date=[20190301] * 3, step=[6, 12, 24], edition=[edition] * 3
    )
    assert moments(header) == ["01 06", "01 12", "02 00"]
    assert header.units == "K"
    assert dict(header.attributes)["long_name"] == "2 metre temperature"
    assert granule.open().to_numpy()[:, 0, 0].tolist() == [1, 2, 3]


def test_runs_that_follow_each_other_become_one_row_of_moments(tmp_path: Path):
    # as hours of ERA5-Land: the last step of a day's run is 0 h of the next day; none of run 2
    header, granule = converted(
        tmp_path, "t2m", date=[20190301, 20190301, 20190302], step=[12, 24, 12]
    )
    assert moments(header) == ["01 12", "02 00", "02 12"]
    assert granule.open().to_numpy()[:, 0, 0].tolist() == [1, 2, 3]


def test_forecasts_of_the_same_moment_keep_their_runs_and_leads(tmp_path: Path):
    header, _ = converted(
        tmp_path,
        "t2m",
        date=[20190301, 20190301, 20190302, 20190302],
        step=[24, 48, 24, 48],
    )
    assert moments(header) == ["01 00", "02 00"]
    assert header.stamps.leads is not None
    assert header.stamps.leads.lengths.tolist() == [86400, 172800]
    assert [(one.name, one.labels, one.units) for one in header.further] == [
        ("step", ("24", "48"), "hours")
    ]


def test_members_and_levels_are_further_dimensions(tmp_path: Path):
    header, _ = converted(tmp_path, "t2m", date=[20190301] * 2, member=[1, 2])
    assert [(one.name, one.labels) for one in header.further] == [("number", ("1", "2"))]
    levels = tmp_path / "levels"
    header, _ = converted(
        levels, "t", date=[20190301] * 2, level=[500, 850], name=["t"] * 2, edition=[2] * 2
    )
    assert [(one.name, one.labels) for one in header.further] == [("isobaricInhPa", ("850", "500"))]


def test_fields_of_other_levels_stand_in_groups_of_their_own(tmp_path: Path):
    source = grib(tmp_path / "a.grib", date=[20190301] * 2, name=["2t", "sp"])
    convert_grib(source, tmp_path / "a.nc")
    from csserv.catalog.adding import variables

    assert len(variables(tmp_path / "a.nc")) == 2


def test_a_file_is_converted_once_and_again_when_it_changes(tmp_path: Path):
    source, target = grib(tmp_path / "a.grib", date=[20190301]), tmp_path / "a.nc"
    assert convert_grib(source, target)
    before = target.stat().st_mtime_ns
    assert not convert_grib(source, target)
    assert target.stat().st_mtime_ns == before
    grib(source, date=[20190301, 20190302])
    assert convert_grib(source, target)
    assert len(Granule(target, "t2m").header().stamps) == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.grib", "a.nc"]


def test_what_is_there_of_other_origin_is_not_written_over(tmp_path: Path):
    source = grib(tmp_path / "a.grib", date=[20190301])
    (tmp_path / "a.nc").write_text("mine")
    with pytest.raises(GranuleError, match="was not made of"):
        convert_grib(source, tmp_path / "a.nc")
    assert (tmp_path / "a.nc").read_text() == "mine"


@pytest.mark.parametrize("content", [b"GRIB", b"GRIB" + b"\0" * 500])
def test_damage_is_told_and_nothing_is_left(tmp_path: Path, content: bytes):
    (tmp_path / "a.grib").write_bytes(content)
    with pytest.raises(GranuleError, match=r"cannot convert a\.grib"):
        convert_grib(tmp_path / "a.grib", tmp_path / "a.nc")
    whole = grib(tmp_path / "b.grib", date=[20190301, 20190302])
    whole.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(GranuleError, match=r"cannot convert b\.grib"):
        convert_grib(whole, tmp_path / "b.nc")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.grib", "b.grib"]


def test_without_the_libraries_a_sentence_says_how_to_install_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    source = grib(tmp_path / "a.grib", date=[20190301])
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "cfgrib.py").write_text("raise ImportError('no cfgrib')")
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'without'}{os.pathsep}{before}")
    with pytest.raises(GranuleError, match=r"pip install 'csserv\[grib\]'"):
        convert_grib(source, tmp_path / "a.nc")


def test_grib_is_meant_by_a_folder_a_pattern_or_a_file_and_nothing_else_is(tmp_path: Path):
    path = grib(tmp_path / "era" / "a.grib2", date=[20190301])
    (path.parent / "README.txt").write_text("of ERA5")
    for given in ("era", "era/*.grib2", "era/a.grib2", str(path)):
        assert find_grib(tmp_path, given) == [path]
    (path.parent / "rain.nc").write_text("data of another kind")
    assert find_grib(tmp_path, "era") == []
    assert find_grib(tmp_path, "nowhere") == []
    with pytest.raises(InvalidRequestError, match="same name but for its ending"):
        targets_of([path, path.with_suffix(".grb")], tmp_path)
