"""The page of those who keep the machine up, as one of them meets it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from csserv import Area, Service
from tests.browser.conftest import PATIENCE, Visitor

expect.set_options(timeout=PATIENCE)

#: nothing reaches beyond the right edge of the page
FITS = "main => main.scrollWidth <= window.innerWidth"


def count(page: Page, number: int) -> None:
    """See that so many workers are listed."""
    expect(page.get_by_role("table", name="Workers").get_by_role("rowheader")).to_have_count(
        number, timeout=2 * PATIENCE
    )


def test_workers_are_watched_started_and_drained(visitor: Visitor, service: Service):
    service.wait(service.submit("chirps", "mean", Area.from_point(36.5, 1.5), "2019-01-01"))
    page = visitor.visit("?page=workers")
    count(page, 2)
    expect(page.get_by_text("2 workers: 2 idle.")).to_be_visible()
    for text in (
        "Done in the last hour",
        "No task has failed in the last 30 days.",
        "90 days",
        re.compile(r"^\d+ tasks? in 30 days"),
    ):
        expect(page.get_by_text(text, exact=isinstance(text, str)).first).to_be_visible()
    expect(page.locator(".bk-Figure:visible")).to_be_visible()
    before = {one.uuid for one in service.workers()}
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("1 worker started; it comes after some seconds.")).to_be_visible()
    count(page, 3)
    (new,) = {one.uuid for one in service.workers()} - before
    page.get_by_role("checkbox", name=new[:8]).check()
    page.get_by_role("button", name="Drain").click()
    expect(page.get_by_text(f"1 worker ({new[:8]}): finishes its block and goes.")).to_be_visible()
    count(page, 2)
    assert {one.uuid for one in service.workers()} == before
    page.get_by_role("button", name="Open dask's own dashboard").click()
    expect(page.get_by_text("It listens on the server's own machine only")).to_be_visible()
    page.get_by_role("button", name="Stop all …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 workers will go. The runner starts 2 others")
    dialog.get_by_role("button", name="Keep them").click()
    expect(dialog).not_to_be_visible()
    count(page, 2)
    page.set_viewport_size({"width": 390, "height": 844})
    main = page.locator("main").element_handle()
    page.wait_for_function(FITS, arg=main)  # once the table has hidden what has no room
