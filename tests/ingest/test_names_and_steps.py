from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.catalog import Catalog
from csserv.errors import SettingsError
from csserv.ingest.families.family_table import FAMILIES
from csserv.ingest.products.logins import LOGINS
from csserv.ingest.products.name_template import NameTemplate
from csserv.ingest.products.product_table import Products
from csserv.ingest.products.remote_file import file_named, moment_in_name
from csserv.ingest.products.step_length import StepLength

MOMENTS = st.datetimes(datetime(1981, 1, 1), datetime(2060, 1, 1))


@pytest.mark.parametrize(
    ("text", "name", "start"),
    [
        ("a.%Y.%m.%d.tif", "a.2024.02.29.tif", datetime(2024, 2, 29)),
        ("a.%Y.%m.%d.tif", "a.2024.02.30.tif", None),
        ("a.%Y.%m.%d.tif", "a.2024.13.01.tif", None),
        ("a.%Y.%m.%d.tif", "xa.2024.01.01.tif", None),
        ("a.%Y.%m.%d.tif", "a.2024.01.01.tif.aux.xml", None),
        ("a.%Y.%m.{dekad}.tif", "a.2024.02.3.tif", datetime(2024, 2, 21)),
        ("a.%Y.%m.{dekad}.tif", "a.2024.02.4.tif", None),
        ("a.%Y.%m.{pentad}.tif", "a.2024.02.6.tif", datetime(2024, 2, 26)),
        ("a%Y{dekad_of_year}.tif", "a202436.tif", datetime(2024, 12, 21)),
        ("a%Y{dekad_of_year}.tif", "a202437.tif", None),
        ("a%Y{dekad_of_year}.tif", "a202400.tif", None),
        ("a%y{pentad_of_year}.tif", "a2401.tif", datetime(2024, 1, 1)),
        ("a%y{pentad_of_year}.tif", "a8172.tif", datetime(1981, 12, 26)),
        ("a%Y%j.nc", "a2023366.nc", None),
        ("a%Y%j.nc", "a2024366.nc", datetime(2024, 12, 31)),
        ("a%Y%j.nc", "a2024000.nc", None),
        ("a.%Y%m%d-S%H%M*.V*.nc", "a.20240101-S0030-E0059.V07B.nc", datetime(2024, 1, 1, 0, 30)),
        ("a.%Y.%m.nc", "a.2024.05.nc", datetime(2024, 5, 1)),
        ("a.%Y.nc", "a.2024.nc", datetime(2024, 1, 1)),
        ("%Y/a.%Y.%m.%d.%Y.nc", "a.2024.05.01.2023.nc", None),
    ],
)
def test_the_date_in_a_name(text: str, name: str, start: datetime | None) -> None:
    assert NameTemplate(text).date_in(name) == start


@pytest.mark.parametrize("text", ["a.tif", "%m/a.%m.tif", "a.%Y.{decade}.tif", "%Y*/a.%Y.tif"])
def test_a_template_without_a_date_or_of_unknown_codes_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        NameTemplate(text)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("day", datetime(2024, 2, 28), datetime(2024, 2, 29)),
        ("8 days", datetime(2024, 2, 26), datetime(2024, 3, 5)),
        ("30 minutes", datetime(2024, 2, 28, 23, 30), datetime(2024, 2, 29)),
        ("month", datetime(2023, 12, 1), datetime(2024, 1, 1)),
        ("dekad", datetime(2023, 2, 21), datetime(2023, 3, 1)),
        ("pentad", datetime(2024, 2, 26), datetime(2024, 3, 1)),
        ("pentad", datetime(2024, 2, 6), datetime(2024, 2, 11)),
    ],
)
def test_the_end_of_a_step(name: str, start: datetime, end: datetime) -> None:
    step = StepLength.parse(name)
    assert step.begins(start)
    assert step.end(start) == end


@pytest.mark.parametrize("name", ["", "fortnight", "0 days", "days 3", "-1 day"])
def test_a_step_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="write month, dekad, pentad, day, week"):
        StepLength.parse(name)


@given(st.sampled_from(["pentad", "dekad", "month"]), MOMENTS)
def test_the_steps_of_a_month_follow_each_other_without_a_gap(name: str, moment: datetime) -> None:
    step = StepLength.parse(name)
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end, count = first, 0
    while end.month == first.month:
        assert step.begins(end)
        end, count = step.end(end), count + 1
    assert (count, end.day) == (step.parts, 1)


PRODUCTS = Products.read()


@pytest.mark.parametrize("name", PRODUCTS)
def test_each_product_is_of_a_known_kind_and_in_the_catalog(name: str, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    product = PRODUCTS[name]
    assert product.family in FAMILIES
    assert product.login in LOGINS
    assert product.facts
    entry = Catalog.read(tmp_path_factory.getbasetemp())[name]
    assert entry.citation
    assert entry.source
    assert not entry.withdrawn


@pytest.mark.parametrize("name", PRODUCTS)
@given(MOMENTS)
def test_a_name_that_is_written_is_read_as_the_same_step(name: str, moment: datetime) -> None:
    product = PRODUCTS[name]
    start = moment.replace(second=0, microsecond=0)
    if not product.step.is_short:
        start = start.replace(hour=0, minute=0)
        while not product.step.begins(start):
            start -= timedelta(days=1)
    else:
        minutes = product.step.length // timedelta(minutes=1)
        start -= timedelta(minutes=(start.hour * 60 + start.minute) % minutes)
    for stream, template in product.streams.items():
        written = template.example(moment_in_name(product, start))
        file = file_named(product, stream, written, "")
        assert file is not None, written
        assert file.start <= start < file.end
        if template.span_end(start) is None:
            assert file.start == start
