"""Dates are found in names of files as providers write them, and told apart or left open."""

from __future__ import annotations

import pytest

from csserv.catalog.finding_out.name_dates import find_name_dates

#: names that belong together → where their date stands
NAMES = {
    ("chirps-v3.0.rnl.2024.03.05.tif", "chirps-v3.0.rnl.2024.03.06.tif"): (
        "chirps-v3.0.rnl.%Y.%m.%d"
    ),
    ("chirps-v2.0.2024.03.05.tif.gz",): "chirps-v2.0.%Y.%m.%d",
    ("africa_arc.20240305.tif", "africa_arc.20240306.tif"): "africa_arc.%Y%m%d",
    ("rfe2024_03_05.v3.1.nc",): "rfe%Y_%m_%d",
    ("rfe2024_03-dk1.v3.1.nc",): "rfe%Y_%m-dk%[dekad]",
    ("rfe2024_03-pt6.v3.1.nc",): "rfe%Y_%m-pt%[pentad]",
    ("MOD13.A2024065.tif", "MOD13.A2024081.tif"): "MOD13.A%Y%j",
    ("chirps-v3.0.2024.03.tif", "chirps-v3.0.2024.04.tif"): "chirps-v3.0.%Y.%m",
    ("chirps-v3.0.2023.tif", "chirps-v3.0.2024.tif"): "chirps-v3.0.%Y",
    ("east_20240305.tif", "west_20240305.tif"): "%Y%m%d",
    ("era5_20240305T06.tif", "era5_20240305T12.tif"): "era5_%Y%m%dT%H",
    ("3B-DAY-L.MS.MRG.3IMERG.20240101-S000000-E235959.V07B.nc4",): "3B-DAY-L.MS.MRG.3IMERG.%Y%m%d",
    ("rain_12-01-2024.tif", "rain_13-01-2024.tif"): "rain_%d-%m-%Y",
    ("rain_01_13_2024.tif", "rain_01_12_2024.tif"): "rain_%m_%d_%Y",
    ("r31012024.tif", "r01022024.tif"): "r%d%m%Y",
    ("rain_05Mar2024.tif", "rain_06Mar2024.tif"): "rain_%d%b%Y",
    ("rain_Mar2024.tif", "rain_Apr2024.tif"): "rain_%b%Y",
    ("2024-Mar.tif", "2024-Apr.tif"): "%Y-%b",
    ("chirps_05_2019.tif", "chirps_05_2020.tif"): "chirps_05_%Y",
    # one of ten is no date: what most say counts, and that file will be told
    tuple(f"rain.2024.02.{day:02}.tif" for day in range(21, 31)): "rain.%Y.%m.%d",
}


@pytest.mark.parametrize(("names", "pattern"), NAMES.items())
def test_dates_stand_where_providers_write_them(names: tuple[str, ...], pattern: str):
    assert find_name_dates(names).patterns == (pattern,)


@pytest.mark.parametrize(
    "names", [("rain.tif",), ("rain.2024.13.01.tif",), ("v2.0.tif", "v3.0.tif")]
)
def test_names_without_a_date_have_none(names: tuple[str, ...]):
    assert find_name_dates(names).patterns == ()


def test_days_and_months_of_either_order_are_left_open():
    names = ["rain_01-02-2024.tif", "rain_02-02-2024.tif"]
    assert find_name_dates(names).patterns == ("rain_%d-%m-%Y", "rain_%m-%d-%Y")
    assert find_name_dates(["rain_05-05-2024.tif"]).steps == ("day", "day")


@pytest.mark.parametrize("name", ["rain_mean2024.tif", "Abc2024.tif", "rain_JanFeb2024.tif"])
def test_words_that_are_no_months_are_no_dates(name: str):
    assert find_name_dates([name]).patterns == (f"{name.partition('2')[0]}%Y",)


def parts(most: int) -> list[str]:
    return [f"chirps-v3.0.2024.{m:02}.{p}.tif" for m in (3, 4) for p in range(1, most + 1)]


@pytest.mark.parametrize(("most", "step"), [(3, "dekad"), (6, "pentad")])
def test_whole_months_tell_dekads_from_pentads(most: int, step: str):
    assert find_name_dates(parts(most)).steps == (step,)


def test_a_few_parts_of_a_month_may_be_either_until_the_step_is_said():
    few = parts(3)[:2]
    assert find_name_dates(few).steps == ("dekad", "pentad")
    assert find_name_dates(few, "pentad").patterns == ("chirps-v3.0.%Y.%m.%[pentad]",)
