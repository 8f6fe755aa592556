"""A result is taken away as a file by one command, in each format with the same numbers."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import geopandas as gpd
import netCDF4
import pandas as pd
import pytest

from csserv.cli.results.showing import FORMATS
from csserv.outputs.formats.file_formats import FILE_FORMATS
from tests.http.conftest import Server
from tests.http.test_compared import call

pytestmark = pytest.mark.slow


def numbers_of(workbook: Path) -> list[float]:
    """The values of a workbook's first sheet, which are in its fourth column."""
    sheet = zipfile.ZipFile(workbook).read("xl/worksheets/sheet1.xml").decode()
    return [float(one) for one in re.findall(r'<c r="D\d+"[^>t]*><v>([^<]*)</v>', sheet)]


def test_a_result_is_written_in_each_format_and_named_after_its_request(
    server: Server, tmp_path: Path
):
    assert tuple(FILE_FORMATS) == FORMATS
    task = server.submit(period="2019-01-01/2019-01-04")["id"]  # the 5th has no data
    server.until_ended(task)
    read = {
        "csv": lambda path: pd.read_csv(path)["value"].tolist(),
        "XLSX": numbers_of,
        "netcdf": lambda path: netCDF4.Dataset(path)["mean"][:].ravel().tolist(),
        "parquet": lambda path: pd.read_parquet(path)["value"].tolist(),
        "geojson": lambda path: gpd.read_file(path).filter(like="2019-01").iloc[0].tolist(),
    }
    for form, known in read.items():
        done = call(server, "result", task, "--format", form, "--out", str(tmp_path))
        assert done.exit_code == 0, done.output
        path = Path(done.output.strip())
        assert (path.parent, path.stem[:10]) == (tmp_path, "rain_mean_")
        assert known(path) == pytest.approx([1, 2, 3, 4])
    named = call(server, "result", task, "--format", "csv", "--out", str(tmp_path / "x.xlsx"))
    assert "--out ends in .xlsx, and --format is csv" in named.output
    refused = call(server, "result", task, "--format", "csv", "--out", "/nowhere/x.csv")
    assert refused.exit_code == 1
    assert "cannot write /nowhere/x.csv" in refused.output
    assert "--out needs --format" in call(server, "result", task, "--out", "x").output


def test_a_report_is_written_as_its_ending_says(server: Server, tmp_path: Path):
    task = server.submit(period="2019-01-01/2019-01-04")["id"]
    server.until_ended(task)
    for out, begins in (
        ("a.pdf", b"%PDF-"),
        ("b.DOCX", b"PK"),
        ("c.html", b"<!DOCTYPE"),
        ("", b"%PDF-"),
    ):
        done = call(server, "report", task, "--out", str(tmp_path / out))
        assert done.exit_code == 0, done.output
        path = Path(done.output.strip())
        assert path.parent == tmp_path
        assert path.read_bytes().startswith(begins)
    assert path.name.startswith("rain_mean_")
    own = tmp_path / "own"
    assert str(own / "report.toml") in call(server, "report", "--new-template", str(own)).output
    (own / "report.toml").write_text('institute = "Ours alone"')
    html = tmp_path / "own.html"
    done = call(server, "report", task, "--out", str(html), "--template", str(own))
    assert "Ours alone" in html.read_text()
    for words, code, said in (
        (("--out", "x.odt"), 2, "--out ends in .odt; one of .pdf, .docx, .html"),
        (("--zone", "Atlantis"), 1, "no zone 'Atlantis'; the result has "),
        (("--out", "/nowhere/x.pdf"), 1, "cannot write /nowhere/x.pdf"),
        (("--template", str(tmp_path / "none")), 1, "--new-template"),
    ):
        refused = call(server, "report", task, *words)
        assert (refused.exit_code, said in refused.output) == (code, True), refused.output
    assert "say of which task" in call(server, "report").output


def test_a_report_is_written_in_the_language_asked_for(server: Server, tmp_path: Path):
    task = server.submit(period="2019-01-01/2019-01-04")["id"]
    server.until_ended(task)
    out = tmp_path / "bulletin.html"
    done = call(server, "report", task, "--out", str(out), "--language", "pt-BR")
    assert done.exit_code == 0, done.output
    written = out.read_text(encoding="utf-8")
    assert '<html lang="pt" dir="ltr">' in written
    assert "Como citar" in written
    refused = call(server, "report", task, "--language", "tlh")
    assert refused.exit_code == 1
    assert "there is no language 'tlh'; there are en, ar, es" in refused.output
