"""A report as HTML, on a phone."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from csserv.views.plain.plain_page import Chosen
from csserv.views.report.report_formats import write_report
from tests.outputs.compared import series_of, write_result
from tests.views.plain.test_plain_page import rain, task_of


def test_a_long_name_of_an_institute_is_broken_on_a_phone(browser: Browser, tmp_path: Path):
    result = write_result(tmp_path, series_of(rain(), range(2024, 2026)))
    name = "Department of Meteorology <info@department-of-meteorology.example.org>"
    Image.new("RGB", (600, 200)).save(tmp_path / "logo.png")
    (tmp_path / "report.toml").write_text(f"institute = '{name}'\nlogo = 'logo.png'")
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.set_content(write_report(task_of(), result, "html", tmp_path, Chosen()).decode())
    assert page.evaluate("document.documentElement.scrollWidth") == 360
