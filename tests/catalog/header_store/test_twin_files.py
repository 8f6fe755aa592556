"""A file that is like an earlier one has the header that it has when it is read alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import h5py
import netCDF4
import numpy as np
import pytest

from csserv.catalog import Granule, Header
from csserv.catalog.header_store.twin_files import ALONE, TwinFiles
from csserv.catalog.read.corrections import Corrections
from csserv.errors import GranuleError
from tests.catalog.header_store.same import plain

Attributes = Mapping[str, Any]


@dataclass(frozen=True)
class File:
    """What one file of an archive of days says: two members, three rows, four columns."""

    day: int = 0
    steps: int = 1
    time: Attributes = field(default_factory=lambda: {"units": "days since 2020-01-01"})
    time_type: str = "f8"
    days: tuple[float, ...] = ()
    bounds: float | None = 1.0  #: length of a step [days]
    bounds_shape: tuple[int, ...] = (2,)
    rain: Attributes = field(default_factory=lambda: {"units": "mm/day", "scale_factor": 0.5})
    rain_type: str = "i2"
    dims: tuple[str, ...] = ("time", "member", "lat", "lon")
    storage: Attributes = field(default_factory=lambda: {"compression": "zlib"})
    lat: tuple[float, ...] = (2.0, 1.0, 0.0)
    lat_type: str = "f8"
    members: tuple[int, ...] | None = (1, 2)
    title: Attributes = field(default_factory=lambda: {"title": "Rain"})
    group: str = ""
    kind: str = "NETCDF4"
    first: tuple[str, ...] = ()  #: variables of one number before all others

    def write(self, path: Path) -> None:
        """Write it."""
        with netCDF4.Dataset(path, "w", format=self.kind) as data:
            data.setncatts(self.title)
            place = data.createGroup(self.group) if self.group else data
            for name in self.first:
                place.createVariable(name, "i4", ())[:] = 1
            values = {
                "time": self.days or tuple(range(self.day, self.day + self.steps)),
                "member": self.members,
                "lat": self.lat,
                "lon": (30.0, 31.0, 32.0, 33.0),
            }
            self._write_axes(place, values)
            shape = [len(values[name] or (1, 2)) for name in self.dims]
            fill = dict(self.rain).pop("_FillValue", None)
            rain = place.createVariable(
                "rain", self.rain_type, self.dims, fill_value=fill, **self.storage
            )
            rain.setncatts({name: v for name, v in self.rain.items() if name != "_FillValue"})
            rain.set_auto_maskandscale(False)
            rain[:] = np.arange(np.prod(shape)).reshape(shape) + self.day

    def _write_axes(self, place: netCDF4.Dataset, values: Mapping[str, Any]) -> None:
        types = {"time": self.time_type, "member": "i4", "lat": self.lat_type, "lon": "f8"}
        said = {
            "time": self.time,
            "member": {},
            "lat": {"units": "degrees_north"},
            "lon": {"units": "degrees_east"},
        }
        for name in dict.fromkeys((*self.dims, "lat", "lon")):
            numbers = values[name]
            place.createDimension(name, len(numbers or (1, 2)))
            if numbers is not None:
                given = dict(said[name])
                fill = given.pop("_FillValue", None)
                one = place.createVariable(name, types[name], (name,), fill_value=fill)
                one.setncatts(given)
                one[:] = np.ma.masked_invalid(numbers)
        if self.bounds is not None:
            ends = np.array(values["time"])[:, None] + self.bounds * np.arange(2)
            place.createDimension("nv", np.prod(self.bounds_shape))
            place["time"].bounds = "time_bnds"
            bounds = place.createVariable("time_bnds", self.time_type, ("time", "nv"))
            bounds[:] = np.repeat(ends, np.prod(self.bounds_shape) // 2, axis=1)


BASE = File()
RAIN, DAYS = dict(BASE.rain), dict(BASE.time)

#: what a second file may have otherwise
OTHERS = {
    "next day": replace(BASE, day=1),
    "history": replace(BASE, day=1, title={"title": "Rain", "history": "made today"}),
    "range of its values": replace(BASE, day=1, rain=RAIN | {"actual_range": [1.0, 2.0]}),
    "five steps": replace(BASE, steps=5),
    "six steps": replace(BASE, steps=6),
    "units": replace(BASE, rain=RAIN | {"units": "m/day"}),
    "text for a number": replace(BASE, rain=RAIN | {"units": 1}),
    "scale": replace(BASE, rain=RAIN | {"scale_factor": 0.25}),
    "scale of another type": replace(BASE, rain=RAIN | {"scale_factor": np.float32(0.5)}),
    "offset": replace(BASE, rain=RAIN | {"add_offset": 1.0}),
    "missing": replace(BASE, rain=RAIN | {"missing_value": np.int16(-1)}),
    "missing numbers": replace(BASE, rain=RAIN | {"missing_value": np.array([-1, -2], "i2")}),
    "fill": replace(BASE, rain=RAIN | {"_FillValue": -9999}),
    "range": replace(BASE, rain=RAIN | {"valid_range": np.array([0, 9], "i2")}),
    "unsigned": replace(BASE, rain=RAIN | {"_Unsigned": "true"}),
    "texts": replace(BASE, rain=RAIN | {"long_name": "pluviométrie"}),
    "mapping": replace(BASE, rain=RAIN | {"grid_mapping": "crs"}),
    "step": replace(BASE, rain=RAIN | {"time_step": "month"}),
    "classes": replace(BASE, rain=RAIN | {"flag_values": np.array([1, 2], "i2")}),
    "type": replace(BASE, rain_type="i4"),
    "floats": replace(BASE, rain_type="f4"),
    "order": replace(BASE, dims=("time", "member", "lon", "lat")),
    "time last": replace(BASE, dims=("member", "lat", "lon", "time"), steps=2),
    "no member": replace(BASE, dims=("time", "lat", "lon")),
    "chunks": replace(
        BASE, storage={"compression": "zlib", "chunksizes": (1, 1, 3, 4), "shuffle": True}
    ),
    "checksums": replace(BASE, storage={"compression": "zlib", "fletcher32": True}),
    "zstd": replace(BASE, storage={"compression": "zstd"}),
    "in one piece": replace(BASE, storage={}),
    "last bit of a latitude": replace(BASE, lat=(np.nextafter(2.0, 3), 1.0, 0.0)),
    "south up": replace(BASE, lat=(0.0, 1.0, 2.0)),
    "type of latitudes": replace(BASE, lat_type="f4"),
    "four rows": replace(BASE, lat=(3.0, 2.0, 1.0, 0.0)),
    "members": replace(BASE, members=(1, 3)),
    "members without names": replace(BASE, members=None),
    "title": replace(BASE, title={"title": "Rain, preliminary"}),
    "frequency": replace(BASE, title={"title": "Rain", "frequency": "month"}),
    "calendar": replace(BASE, time=DAYS | {"calendar": "noleap"}),
    "hours": replace(BASE, time=DAYS | {"units": "hours since 2020-01-01"}),
    "no units of time": replace(BASE, time={}),
    "leads": replace(BASE, time=DAYS | {"standard_name": "forecast_reference_time"}),
    "no time": replace(BASE, days=(np.nan,)),
    "a time that is none": replace(BASE, days=(7.0,), time=DAYS | {"_FillValue": 7.0}),
    "fill of time": replace(BASE, days=(8.0,), time=DAYS | {"_FillValue": 7.0}),
    "scaled times": replace(BASE, day=2, time=DAYS | {"scale_factor": 2.0}),
    "falling times": replace(BASE, days=(3.0, 2.0)),
    "whole days": replace(BASE, time_type="i4"),
    "no bounds": replace(BASE, bounds=None),
    "bounds backwards": replace(BASE, bounds=-1.0),
    "bounds of four": replace(BASE, bounds_shape=(4,)),
    "in a group": replace(BASE, group="daily"),
    "other kind of file": replace(BASE, kind="NETCDF3_CLASSIC", storage={}),
    "classic model": replace(BASE, kind="NETCDF4_CLASSIC", day=1),
    "another variable first": replace(BASE, first=("rainfall", "crs")),
}


def read(granule: Granule, by: Callable[[Granule], Header | None]) -> object:
    """Return what a file says, or why it cannot be used."""
    try:
        return plain(by(granule))
    except GranuleError as error:
        return str(error)


#: what a first file may be
BEFORE = (BASE, replace(BASE, steps=5), replace(BASE, storage={}))


@pytest.fixture(scope="module")
def firsts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Each of them, written once: no test changes them."""
    paths = [tmp_path_factory.mktemp("before") / "before.nc" for _ in BEFORE]
    for path, file in zip(paths, BEFORE, strict=True):
        file.write(path)
    return paths


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_header_is_the_one_of_the_file_read_alone(tmp_path: Path, firsts: list[Path], other: File):
    corrections = Corrections(aliases=("rainfall",))
    other.write(tmp_path / "other.nc")
    second = Granule(tmp_path / "other.nc", "rain", corrections)
    alone = read(second, lambda one: one.read_anew(one.sign()).header)
    for path in firsts:
        twins = TwinFiles()
        first = Granule(path, "rain", corrections)
        twins.read(first, first.sign())
        assert read(second, lambda one, by=twins: by.read(one, one.sign())) == alone
        # now among those compared with
        assert read(second, lambda one, by=twins: by.read(one, one.sign())) == alone


@pytest.mark.parametrize(
    ("before", "other"),
    [
        (BASE, replace(BASE, day=1)),
        (BASE, OTHERS["history"]),
        (OTHERS["five steps"], OTHERS["six steps"]),
        (OTHERS["no bounds"], replace(OTHERS["no bounds"], day=5)),
        (OTHERS["in one piece"], replace(OTHERS["in one piece"], day=5)),
        (OTHERS["texts"], replace(OTHERS["texts"], day=5)),
        (OTHERS["in a group"], replace(OTHERS["in a group"], day=5)),
    ],
)
def test_files_that_differ_in_their_times_alone_are_alike(
    tmp_path: Path, before: File, other: File
):
    twins = TwinFiles()
    name = "daily/rain" if before.group else "rain"
    for path, one in ((tmp_path / "before.nc", before), (tmp_path / "other.nc", other)):
        one.write(path)
    first, second = (Granule(tmp_path / f"{one}.nc", name) for one in ("before", "other"))
    twins.read(first, first.sign())
    found = twins.like(second, second.sign())
    assert plain(found) == plain(second.header())


def test_date_in_the_name_is_each_files_own(tmp_path: Path):
    twins = TwinFiles()
    corrections = Corrections(time_from_name="rain.%Y.%m.%d")
    headers = []
    for day in (1, 2):
        path = tmp_path / f"rain.2020.02.0{day}.nc"
        BASE.write(path)
        granule = Granule(path, "rain", corrections)
        headers.append(twins.like(granule, granule.sign()) or twins.read(granule, granule.sign()))
    assert [one.first for one in headers] == [(2020, 2, 1), (2020, 2, 2)]


def test_first_of_several_names_counts_though_an_earlier_file_lacks_it(tmp_path: Path):
    twins = TwinFiles()
    BASE.write(tmp_path / "before.nc")
    BASE.write(tmp_path / "other.nc")
    with netCDF4.Dataset(tmp_path / "other.nc", "a") as data:
        group = data.createGroup("final")
        rain = group.createVariable("rain", "f8", ("time", "lat", "lon"), compression="zlib")
        rain.units = "mm/day"
        rain[:] = 1.0
    corrections = Corrections(aliases=("rain",))
    granules = [
        Granule(tmp_path / f"{n}.nc", "final/rain", corrections) for n in ("before", "other")
    ]
    found = [twins.read(one, one.sign()).variable for one in granules]
    assert found == ["rain", "final/rain"]


def test_numbers_of_dimensions_are_not_guessed(tmp_path: Path):
    # files of other writers say along which dimensions a variable runs by references alone
    twins = TwinFiles()
    granules = []
    for number, order in enumerate((("lat", "lon"), ("lon", "lat"))):
        path = tmp_path / f"{number}.nc"
        with h5py.File(path, "w") as file:
            file["time"], file["time"].attrs["units"] = [float(number)], "days since 2020-01-01"
            for name, units in (("lat", "degrees_north"), ("lon", "degrees_east")):
                file[name], file[name].attrs["units"] = np.arange(3.0), units
            for name in ("time", "lat", "lon"):
                file[name].make_scale(name)
            rain = file.create_dataset("rain", (1, 3, 3), "f4", chunks=(1, 3, 3), compression=1)
            rain.attrs["units"] = "mm/day"
            for position, name in enumerate(("time", *order)):
                rain.dims[position].attach_scale(file[name])
        granules.append(Granule(path, "rain"))
    for one in granules:
        assert plain(twins.read(one, one.sign())) == plain(one.header())


def test_archive_whose_files_are_all_unlike_is_read_all_the_same(tmp_path: Path):
    twins = TwinFiles()
    for number in range(ALONE + 2):
        path = tmp_path / f"{number}.nc"
        replace(BASE, day=number, title={"title": f"Rain of day {number}"}).write(path)
        granule = Granule(path, "rain")
        assert twins.read(granule, granule.sign()).title == f"Rain of day {number}"
