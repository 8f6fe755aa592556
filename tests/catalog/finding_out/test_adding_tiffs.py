"""GeoTIFFs of providers are added in one step; what they leave open is refused or told in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from rasterio.transform import Affine

from csserv.catalog.adding import make_row
from csserv.catalog.entry import CatalogEntry
from csserv.catalog.file_patterns import link_into
from csserv.catalog.finding_out.few_files import check_few_files
from csserv.catalog.finding_out.whole_archive import remarks
from csserv.catalog.plausibility.suspicion import row_remedy
from csserv.errors import CsservError, GranuleError, InvalidRequestError, UndecidedError
from csserv.request import Area, Options, Period, Zone
from tests.engine import answer
from tests.tiffs import write_tiff

#: 4 x 5 cells of rain, a row of which is sea
RAIN = np.where(np.arange(20).reshape(4, 5) < 5, -9999, np.arange(20).reshape(4, 5)).astype("f4")


def days(data: Path, *numbers: int, suffix: str = ".tif") -> None:
    for day in numbers:
        write_tiff(data / "chirps3" / f"chirps-v3.0.rnl.2024.02.{day:02}{suffix}", RAIN)


def added(data: Path, **given: object) -> CatalogEntry:
    row = make_row(data, "chirps3", "chirps3", given)
    return CatalogEntry.of("chirps3", data, row)


@pytest.mark.parametrize("suffix", [".tif", ".tif.gz"])
def test_a_folder_of_daily_files_is_added_in_one_step(tmp_path: Path, suffix: str):
    days(tmp_path, 1, 2, 3, suffix=suffix)
    entry = added(tmp_path)
    coverage = entry.coverage()
    assert entry.files == f"chirps3/*{suffix}"
    assert (coverage.first, coverage.last) == ("2024-02-01", "2024-02-03")
    assert (coverage.time_step, coverage.gaps) == ("daily", ())
    assert entry.missing == (-9999,)  # found by being far from all others
    values = entry.granules[0].open().to_numpy()
    assert np.isnan(values[0, 0]).all()
    assert values[0, 1:].tolist() == RAIN[1:].tolist()


def test_a_missing_day_is_a_gap(tmp_path: Path):
    days(tmp_path, 1, 2, 4, 5)
    (gap,) = added(tmp_path).coverage().gaps
    assert (gap.first, gap.last) == ("2024-02-03", "2024-02-03")


def test_numbers_are_not_missing_where_the_file_says_which_are(tmp_path: Path):
    write_tiff(tmp_path / "chirps3" / "rain.20240201.tif", RAIN, nodata=-1)
    assert added(tmp_path).missing == ()


def test_values_beyond_what_is_likely_stay_as_they_are(tmp_path: Path):
    write_tiff(tmp_path / "chirps3" / "rain.20240201.tif", np.full((4, 5), 4000, "f4"), nodata=-1)
    assert added(tmp_path, units="mm/day").granules[0].open().to_numpy().max() == 4000


def test_numbers_that_netcdf_has_for_cells_never_written_are_values_of_a_tiff(tmp_path: Path):
    stored = np.full((4, 5), -32767, "i2")
    write_tiff(tmp_path / "chirps3" / "rain.20240201.tif", stored, nodata=-1)
    assert (added(tmp_path).granules[0].open().to_numpy() == -32767).all()


def test_bands_without_dates_are_a_further_dimension_or_steps(tmp_path: Path):
    write_tiff(tmp_path / "chirps3" / "rain.20240201.tif", np.stack([RAIN, RAIN + 1]))
    assert [one.name for one in added(tmp_path).coverage().further] == ["band"]
    steps = added(tmp_path, bands="steps", time_step="day").coverage()
    assert (steps.steps, steps.last) == (2, "2024-02-02")


def test_a_grid_in_metres_is_placed_by_its_projection(tmp_path: Path):
    place = Affine(1000, 0, 500_000, 0, -1000, 600_000)
    path = tmp_path / "chirps3" / "rain.20240201.tif"
    write_tiff(path, RAIN, crs="EPSG:32637", transform=place, nodata=-9999)
    west, south, east, north = added(tmp_path).coverage().bounds
    assert (round(west, 2), round(north, 2)) == (39.0, 5.43)
    assert 0.03 < north - south < 0.05
    assert 0.04 < east - west < 0.05


def html(path: Path) -> None:
    path.write_text("<html><title>Earthdata Login</title>please sign in</html>")


def test_a_date_that_there_is_not_is_told_of_that_file(tmp_path: Path):
    days(tmp_path, *range(20, 31))  # to 30 February
    entry = added(tmp_path)
    coverage = entry.coverage()
    assert (coverage.first, coverage.last) == ("2024-02-20", "2024-02-29")
    notes = [str(note) for note in entry.timeline().notes]
    assert any("2024.02.30" in note and "no date" in note for note in notes)


def test_a_login_page_among_data_is_told_where_its_day_is_asked_for(tmp_path: Path):
    days(tmp_path, 1, 2, 3)
    html(tmp_path / "chirps3" / "chirps-v3.0.rnl.2024.02.04.tif")
    entry = added(tmp_path)
    asked = Period.parse("2024-02-01/2024-02-02")
    assert len(entry.covering(asked, Options())) == 2
    with pytest.raises(GranuleError, match="a web page that asks to sign in"):
        entry.covering(Period.parse("2024-02"), Options())


def test_a_login_page_before_all_data_does_not_keep_the_others(tmp_path: Path):
    days(tmp_path, 2, 3)
    html(tmp_path / "chirps3" / "chirps-v3.0.rnl.2024.02.01.tif")
    entry = added(tmp_path)
    assert entry.missing == (-9999,)
    assert entry.coverage().first == "2024-02-02"
    (told,) = remarks(entry)
    assert told.startswith("cannot read chirps-v3.0.rnl.2024.02.01.tif: it is a web page")


def test_a_file_that_does_not_say_what_is_missing_is_found_behind_one_that_does(tmp_path: Path):
    write_tiff(tmp_path / "chirps3" / "rain.20240201.tif", np.maximum(RAIN, 0), nodata=-1)
    for day in (2, 3, 4):
        write_tiff(tmp_path / "chirps3" / f"rain.2024020{day}.tif", RAIN)
    entry = added(tmp_path)
    assert entry.missing == (-9999,)
    assert np.isnan(entry.granules[2].open().to_numpy()[0, 0]).all()
    assert check_few_files(entry) == []


def test_the_lowest_number_of_a_type_is_found_as_missing_and_told_exactly(tmp_path: Path):
    lowest = np.finfo(np.float32).min
    for day in (1, 2):
        rain = np.where(RAIN < 0, lowest, RAIN)
        write_tiff(tmp_path / "chirps3" / f"rain.2024020{day}.tif", rain)
    assert added(tmp_path).missing == (float(lowest),)
    told = row_remedy("if so", "missing", [float(lowest)])
    assert np.float32(told.rpartition(" ")[2].rstrip(")")) == lowest


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("rain.20240201.tif", "tmax.20240201.tif"), r"are of one date .* \(%Y%m%d\)"),
        (("rain_1.2024.tif", "rain_2.2024.tif"), r"are of one date .* \(%Y\); say where"),
        (("rain.20240201.0000.tif", "rain.20240201.0600.tif"), "are of one date"),
    ],
)
def test_files_that_would_be_of_one_date_are_refused_and_not_the_newer_one_taken(
    tmp_path: Path, names: tuple[str, ...], said: str
):
    for name in names:
        write_tiff(tmp_path / "chirps3" / name, RAIN)
    with pytest.raises(InvalidRequestError, match=said):
        added(tmp_path)
    assert added(tmp_path, prefer="newer").coverage().steps == 1


def test_final_and_preliminary_files_of_one_date_are_added(tmp_path: Path):
    for name in ("rain.20240201.final.tif", "rain.20240201.prelim.tif"):
        write_tiff(tmp_path / "chirps3" / name, RAIN)
    entry = added(tmp_path)
    assert [one.path.name for one, _ in entry.timeline().granules] == ["rain.20240201.final.tif"]


def test_another_product_that_comes_among_the_files_is_told_and_not_taken(tmp_path: Path):
    write_tiff(tmp_path / "chirps3" / "rain.20240201.tif", RAIN)
    entry = added(tmp_path)
    write_tiff(tmp_path / "chirps3" / "tmax.20240202.tif", RAIN)
    write_tiff(tmp_path / "chirps3" / "rain.20240202.tif", RAIN)
    row = replace(entry, time_from_name="%Y%m%d")
    with pytest.raises(GranuleError, match="hold the same steps, and may be of different kinds"):
        row.covering(Period.parse("2024-02"), Options())


def test_endings_that_are_spelt_in_several_ways_are_of_one_folder(tmp_path: Path):
    for name in ("R.20240201.TIF", "R.20240202.tiff", "R.20240203.tif"):
        write_tiff(tmp_path / "chirps3" / name, RAIN)
    assert added(tmp_path).coverage().steps == 3


def test_a_folder_that_is_called_like_a_pattern_is_taken_as_it_is(tmp_path: Path):
    write_tiff(tmp_path / "rain [1]" / "rain.20240201.tif", RAIN)
    row = make_row(tmp_path, "chirps3", "rain [1]", {})
    assert CatalogEntry.of("chirps3", tmp_path, row).coverage().steps == 1


def test_grids_that_differ_and_bands_without_dates_are_told(tmp_path: Path):
    days(tmp_path, 1)
    fine = np.repeat(np.repeat(RAIN, 2, axis=0), 2, axis=1)
    write_tiff(tmp_path / "chirps3" / "chirps-v3.0.rnl.2024.02.02.tif", fine, cell=(0.5, 0.5))
    (told,) = remarks(added(tmp_path))
    assert "are on different grids: maps and longer steps of both are refused" in told
    write_tiff(tmp_path / "of_bands" / "rain.20240201.tif", np.stack([RAIN, RAIN + 1]))
    row = make_row(tmp_path, "rain", "of_bands", {})
    (told,) = remarks(CatalogEntry.of("rain", tmp_path, row))
    assert "has 2 bands that say no dates" in told
    row = make_row(tmp_path, "rain", "of_bands", {"bands": "steps", "time_step": "day"})
    assert remarks(CatalogEntry.of("rain", tmp_path, row)) == []


def test_two_files_of_one_date_are_refused(tmp_path: Path):
    days(tmp_path, 1, 2)
    entry = added(tmp_path)
    double = tmp_path / "chirps3" / "chirps-v3.0.rnl.2024.02.02 (1).tif"
    write_tiff(double, RAIN + 1)
    with pytest.raises(CsservError, match=r"2024\.02\.02 \(1\)"):
        entry.covering(Period.parse("2024-02"), Options())


def test_files_of_several_grids_count_on_their_own_for_a_day_and_not_together(tmp_path: Path):
    fine = np.repeat(np.repeat(RAIN, 2, axis=0), 2, axis=1)
    days(tmp_path, 1)
    write_tiff(tmp_path / "chirps3" / "chirps-v3.0.rnl.2024.02.02.tif", fine, cell=(0.5, 0.5))
    granules = added(tmp_path).granules
    area = Area((Zone("a", "a", shapely.box(31.0, 6.0, 33.0, 9.0)),), "a zone")
    values, _ = answer(granules, area, "mean", "2024-02")
    assert values[:, 0] == pytest.approx(values[0, 0])
    with pytest.raises(CsservError, match="other grid"):
        answer(granules, area, "mean", "2024-02", Options(time_step="monthly"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rain.tif", "no time among its dimensions"),
        ("rain.2024.13.45.tif", "no time among its dimensions"),
        ("rain.2024.02.2.tif", "may be of dekad or of pentad; say which with --time-step"),
    ],
)
def test_names_that_do_not_tell_the_date_are_refused(tmp_path: Path, name: str, said: str):
    write_tiff(tmp_path / "chirps3" / name, RAIN)
    with pytest.raises(CsservError, match=said):
        added(tmp_path)


def test_what_decides_an_open_question_is_named_with_its_choices(tmp_path: Path):
    write_tiff(tmp_path / "chirps3" / "rain.2024.02.2.tif", RAIN)
    with pytest.raises(UndecidedError) as open_question:
        added(tmp_path)
    assert open_question.value.field == "time_step"
    assert open_question.value.choices == ("dekad", "pentad")
    assert added(tmp_path, time_step="pentad").coverage().first == "2024-02-06"


def test_months_that_are_called_by_their_first_day_are_told(tmp_path: Path):
    for month in (1, 2, 3):
        write_tiff(tmp_path / "chirps3" / f"rain.2024.{month:02}.01.tif", RAIN)
    (told,) = remarks(added(tmp_path))
    assert "taken as daily, and 58 between them are missing" in told
    assert remarks(added(tmp_path, time_step="month")) == []


def test_days_and_months_of_either_order_are_asked_back(tmp_path: Path):
    for day in (1, 2):
        write_tiff(tmp_path / "chirps3" / f"rain_{day:02}-02-2024.tif", RAIN)
    with pytest.raises(UndecidedError, match="say which with --time-from-name") as open_question:
        added(tmp_path)
    assert open_question.value.choices == ("rain_%d-%m-%Y", "rain_%m-%d-%Y")
    coverage = added(tmp_path, time_from_name="rain_%d-%m-%Y").coverage()
    assert (coverage.first, coverage.last) == ("2024-02-01", "2024-02-02")


def test_a_folder_without_data_is_refused_with_what_is_in_it(tmp_path: Path):
    (tmp_path / "chirps3").mkdir()
    html(tmp_path / "chirps3" / "a.tif")
    with pytest.raises(GranuleError, match="a web page that asks to sign in"):
        added(tmp_path)


def test_files_from_elsewhere_are_linked_and_what_is_there_is_left(tmp_path: Path):
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    write_tiff(elsewhere / "rain.20240201.tif", RAIN)
    assert link_into(data, "rain", str(elsewhere / "*.tif")) == "rain/*.tif"
    assert link_into(data, "rain", str(elsewhere)) == "rain"  # again
    assert link_into(data, "rain", "rain/*.tif") == "rain/*.tif"
    (data / "snow").mkdir()
    with pytest.raises(InvalidRequestError, match="is there already"):
        link_into(data, "snow", str(elsewhere))
