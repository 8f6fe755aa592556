"""GeoTIFFs of providers are added in one step; what they leave open is refused or told in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from rasterio.transform import Affine

from csserv.catalog.adding import make_row
from csserv.catalog.entry import CatalogEntry
from csserv.catalog.file_patterns import link_into
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
