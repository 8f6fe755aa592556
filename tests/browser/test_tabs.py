"""Two tabs of one browser: each has its own fields, goes back and forth, and lasts when offline."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, READY, Visitor

expect.set_options(timeout=PATIENCE)

BOX = "Box: west south east north"


def asks(page: Page, place: str, first: str) -> None:
    """See that a form asks for a place, from a day on."""
    expect(page.locator(".pill").get_by_text(place, exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="From")).to_have_value(first)


def test_tabs_do_not_disturb_each_other_go_back_and_last_offline(visitor: Visitor):
    context = visitor.browser.new_context(viewport={"width": 1300, "height": 1000})
    page, other = context.new_page(), context.new_page()
    for one, asked in ((page, "KEN&period=2019-02"), (other, "UGA&period=2019-03")):
        visitor.seen.watch(one)
        one.set_default_timeout(PATIENCE)
        one.goto(f"{visitor.dashboard.url}?page=request&area={asked}")
        one.wait_for_function(READY)
    asks(other, "Uganda", "2019-03-01")
    asks(page, "Kenya", "2019-02-01")

    page.get_by_role("link", name="Tasks").click()
    page.wait_for_url("**page=tasks")
    page.get_by_role("link", name="Data").click()
    page.wait_for_url("**page=data")
    page.go_back()
    page.go_back()
    asks(page, "Kenya", "2019-02-01")
    expect(page).to_have_url(re.compile("period=2019-02-01.*area=KEN"))
    page.wait_for_timeout(1000)  # the form has written its address again
    page.go_forward()
    expect(page.get_by_label("Search tasks")).to_be_visible()
    asks(other, "Uganda", "2019-03-01")
    expect(other).to_have_url(re.compile("page=request&.*area=UGA"))

    other.get_by_label(BOX).fill("36 0 38 1")
    heard = len(visitor.seen.complaints)
    context.set_offline(True)
    for one in (page, other):
        one.evaluate("window.isTheOldOne = true")
        expect(one.get_by_role("alert").filter(has_text="connection")).to_be_visible()
    context.set_offline(False)
    for one in (page, other):
        expect(one.get_by_role("alert").filter(has_text="connection")).to_have_count(0)
        assert one.evaluate("window.isTheOldOne")
    del visitor.seen.complaints[heard:]  # it was said that nothing answers
    expect(other.get_by_label(BOX)).to_have_value("36 0 38 1")
    page.get_by_role("link", name="Data").click()  # what the server does still comes through
    expect(page.get_by_text("datasets have files on this server")).to_be_visible()
