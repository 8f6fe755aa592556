"""The table of providers and the catalog say the same of each product."""

from __future__ import annotations

import tomllib
from pathlib import Path
from string import Formatter
from urllib.parse import urlsplit

import pytest

from csserv.catalog import Catalog
from csserv.units import is_known

TABLE = Path(__file__).parent.parent / "csserv" / "ingest" / "providers.toml"
ROWS = tomllib.loads(TABLE.read_text(encoding="utf-8"))
FAMILIES = {"folders", "addresses", "cmr", "cds"}
NEEDED = {
    *("family", "base", "form", "step", "since", "late", "login", "parallel", "field", "units"),
    *("missing", "resolution", "facts", "checked", "note", "streams"),
}
ALLOWED = NEEDED | {"until", "pause", "ban", "scale", "offset", "label", "collection", "request"}
ALLOWED |= {"dated", "unfit"}
PARTS = {"dekad", "pentad", "dekad_of_year", "pentad_of_year"}


@pytest.mark.parametrize("name", ROWS)
def test_each_provider_is_of_a_dataset_with_the_same_units(tmp_path: Path, name: str):
    entry, row = Catalog.read(tmp_path)[name], ROWS[name]
    assert entry.name == name
    assert row["units"] == entry.units
    assert is_known(row["units"])
    assert row["resolution"] == entry.resolution


@pytest.mark.parametrize("name", ROWS)
def test_each_row_says_how_and_where_it_was_read(name: str):
    row = ROWS[name]
    assert set(row) >= NEEDED
    assert set(row) <= ALLOWED
    assert row["family"] in FAMILIES
    assert all(urlsplit(text).scheme in ("http", "https") for text in [row["base"], *row["facts"]])
    assert len(set(row["facts"])) == len(row["facts"])
    assert len(row["facts"]) >= 2 or "without an address" in row["note"]
    assert row.get("until", row["since"]) >= row["since"]
    assert row.get("label", "start") in ("start", "centre", "end")


@pytest.mark.parametrize("name", ROWS)
def test_names_of_files_tell_their_day(name: str):
    for template in ROWS[name]["streams"].values():
        fields = {field for _, field, _, _ in Formatter().parse(template) if field}
        assert fields <= PARTS
        file = template.rpartition("/")[2]
        assert "%Y" in file or "%y" in file
        assert any(part in file for part in ("%m", "%j", "of_year"))
