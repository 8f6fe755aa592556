"""A zone has the same numbers to the last bit: alone, among others, and however it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial, reduce
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.catalog import CatalogEntry
from csserv.request import Area, Options, Period, Request, Zone
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.work.in_process import plan_request, reduce_block
from csserv.zonal.exact_sums import empty_sums, end_sums, join_sums
from csserv.zonal.operations import operations
from csserv.zonal.weights import zone_weights
from csserv.zonal.zone_values import ZoneValues, finish_values, join_parts
from tests.files import Layout, write_granule

LAT = np.arange(22.25, -22.5, -0.5)  #: 90 rows, 22.5 N to 22.5 S
LON = np.arange(10.25, 70.0, 0.5)  #: 120 columns, 10 E to 70 E

#: large and small, inside and across chunks, one that fills its box and one that does not
ZONES = tuple(
    Zone(str(number), str(number), shape)
    for number, shape in enumerate(
        [
            shapely.box(11.1, -20.2, 68.3, 21.7),
            shapely.box(20.0, 3.0, 34.0, 19.0),
            shapely.Point(40.0, 0.0).buffer(15.0),
            shapely.Polygon([(12, -20), (60, -18), (14, 20)]),
            shapely.Point(33.2, -4.9).buffer(0.9),
            shapely.Point(33.26, 5.24),
            shapely.box(25.9, 5.9, 26.3, 6.3),
        ]
    )
)

#: those of which the sums do not depend on the order of cells
NAMES = "mean,sum,total,max,min,range,count,coverage"


def archive(folder: Path, chunks: tuple[int, int, int], packed: bool) -> CatalogEntry:
    random = np.random.default_rng(11)
    rain = random.gamma(0.3, 9.0, (62, len(LAT), len(LON)))
    gone = random.random(rain.shape) < 0.02
    stored = np.where(gone, -9999, np.round(rain * 10) if packed else rain)
    attributes = {"_FillValue": np.int16(-9999), "scale_factor": 0.1, "add_offset": 0.7}
    layout = Layout(
        dtype="i2" if packed else "f4",
        attributes=attributes if packed else {"_FillValue": np.float32(-9999)},
        storage={"chunksizes": chunks, "zlib": True},
    )
    write_granule(folder / "rain.nc", stored, LAT, LON, layout)
    return CatalogEntry("rain", "Rain", "rain", "rain.nc", folder, units="mm/day")


def computed(entry: CatalogEntry, request: Request, parts: int = 1) -> ZoneValues:
    """Compute a request; each block is divided into so many parts."""
    wanted = tuple(operations(request.operation).values())
    _, timeline = steps_to_read(entry, request.period, request.options)
    plan, _ = plan_request(entry, timeline, request, wanted)
    found = []
    for block in plan.blocks:
        mine = zone_weights(block.grid, request.area, request.options.weighting)
        shared = [replace(block, part=part, parts=parts) for part in range(parts)]
        kept = [reduce_block(one, mine, wanted) for one in shared]
        found.append(finish_values(join_parts(kept, wanted, block.decoding), mine, wanted))
    return ZoneValues.joined(found)


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[CatalogEntry]:
    """The same field in several layouts."""
    layouts = [(31, 32, 48), (1, 90, 120), (62, 7, 50), (9, 90, 120)]
    return [
        archive(tmp_path_factory.mktemp("sums"), chunks, packed)
        for chunks in layouts
        for packed in (False, True)
    ]


@settings(max_examples=40, deadline=None)
@given(
    entry=st.integers(0, 7),
    step=st.sampled_from(["native", "dekad", "monthly"]),
    alone=st.sampled_from(range(len(ZONES))),
    first=st.sampled_from([1, 11, 21]),
    parts=st.integers(1, 4),
    weighting=st.sampled_from(["area", "share", "centre"]),
)
def test_zone_alone_has_the_numbers_that_it_has_among_others(
    entries: list[CatalogEntry],
    entry: int,
    step: str,
    alone: int,
    first: int,
    parts: int,
    weighting: str,
):
    options = Options.of(time_step=step, weighting=weighting)
    whole = Request("rain", NAMES, Area(ZONES, "all"), Period.parse("2019-01/2019-02"), options)
    among = computed(entries[entry], whole)
    short = Period.parse("2019-02" if step == "monthly" else f"2019-01-{first:02}/2019-01-31")
    one = computed(
        entries[entry], replace(whole, area=Area((ZONES[alone],), "one"), period=short), parts
    )
    start = {"native": first - 1, "dekad": first // 10, "monthly": 1}[step]
    steps = slice(start, start + one.values.shape[1])
    np.testing.assert_array_equal(one.values[:, :, 0], among.values[:, steps, alone])
    np.testing.assert_array_equal(one.percent[:, 0], among.percent[steps, alone])


def test_window_has_the_same_numbers_wherever_a_request_begins(entries: list[CatalogEntry]):
    options = Options.of(time_step="dekad", accumulate=3)
    whole = Request("rain", NAMES, Area(ZONES, "all"), Period.parse("2019-01/2019-02"), options)
    packed = entries[3]
    every = computed(packed, whole)
    for first, begin in enumerate(["2019-01-11", "2019-01-21", "2019-02-01", "2019-02-11"], 1):
        later = replace(whole, period=Period.parse(f"{begin}/2019-02-28"))
        np.testing.assert_array_equal(computed(packed, later).values, every.values[:, first:])


def test_file_has_the_same_numbers_beside_one_of_another_packing(tmp_path: Path):
    random = np.random.default_rng(5)
    for month, (scale, offset) in enumerate([(0.1, 0.7), (0.037, -3.0), (0.1, 0.7)], 1):
        attributes = {"_FillValue": np.int16(-9), "scale_factor": scale, "add_offset": offset}
        units = f"days since 2019-{month:02}-01"
        layout = Layout(dtype="i2", attributes=attributes, units=units)
        field = random.gamma(9, 99, (28, 90, 120))
        write_granule(tmp_path / f"rain_{month}.nc", field, LAT, LON, layout)
    entry = CatalogEntry("rain", "Rain", "rain", "rain_*.nc", tmp_path, units="mm/day")
    names = NAMES + ",median"
    year = computed(entry, Request("rain", names, Area(ZONES, "all"), Period.parse("2019")))
    for month in range(3):
        own = Period.parse(f"2019-{month + 1:02}-01/2019-{month + 1:02}-28")
        alone = computed(entry, Request("rain", names, Area(ZONES, "all"), own))
        np.testing.assert_array_equal(alone.values, year.values[:, 28 * month : 28 * month + 28])


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # of those cells
@pytest.mark.parametrize("step", ["native", "monthly"])
@pytest.mark.parametrize("outside", [1.7e308, -1.7e308])
def test_cells_outside_a_zone_never_count_however_large(tmp_path: Path, step: str, outside: float):
    disc = Zone("disc", "disc", shapely.Point(40.0, 0.0).buffer(15.0))  # of its box, a fifth is not
    lon, lat = np.meshgrid(LON, LAT)
    field = np.random.default_rng(3).gamma(0.3, 9.0, (31, len(LAT), len(LON)))
    corners = ~shapely.intersects_xy(shapely.buffer(disc.geometry, 1.0), lon, lat)
    names = NAMES + ",std,variance"
    options = Options.of(time_step=step)
    request = Request("rain", names, Area((disc,), "disc"), Period.parse("2019-01"), options)
    found = []
    for folder, value in (("plain", 1.0), ("spoilt", outside)):
        stored = np.where(corners, value, field)
        layout = Layout(dtype="f8", storage={"chunksizes": (31, 90, 120), "zlib": True})
        write_granule(tmp_path / folder / "rain.nc", stored, LAT, LON, layout)
        entry = CatalogEntry("rain", "Rain", "rain", "rain.nc", tmp_path / folder, units="mm/day")
        found.append(computed(entry, request).values)
    assert np.isfinite(found[0]).all()
    np.testing.assert_array_equal(*found)


def sum_of(numbers: Sequence[float]) -> dict[str, np.ndarray]:
    parts = [{"rain": np.array([[number]])} for number in numbers]
    return reduce(partial(join_sums, names=("rain",)), parts, empty_sums(("rain",), (1, 1)))


@given(st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=40), st.integers(1, 39))
def test_sum_is_that_of_exact_numbers_in_any_order(parts: list[float], cut: int):
    mixed = sorted(parts)
    other = join_sums(sum_of(mixed[:cut]), sum_of(mixed[cut:]), ("rain",))
    exact = float(sum(map(Fraction, parts)))
    for found in (sum_of(parts), other):
        assert end_sums(found, ("rain",))["rain"][0, 0] == pytest.approx(
            exact, rel=1e-15, abs=1e-14
        )


def test_small_numbers_beside_a_large_one_are_not_lost():
    assert end_sums(sum_of([1e16, *[1.0] * 10, -1e16]), ("rain",)) == {"rain": np.array([[10.0]])}


def test_infinite_sum_stays_infinite():
    assert end_sums(sum_of([np.inf, 1.0]), ("rain",)) == {"rain": np.array([[np.inf]])}
