"""The dashboard speaks the visitor's language, and Arabic pages run from right to left."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from csserv import Area, Service
from tests.browser.conftest import READY, Visitor
from tests.browser.page_faults import cramped, findings


def test_the_menu_changes_the_language_which_is_kept_and_what_was_asked_stays(
    visitor: Visitor, service: Service
):
    task = service.wait(service.submit("chirps", "mean", Area.from_box(36, 0, 37, 1), "2019-01"))
    page = visitor.visit("?page=request&dataset=chirps&area=Kenya&period=2019-02&lang=fr")
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "fr")
    expect(page.get_by_role("button", name="Envoyer la demande")).to_be_enabled()
    expect(page.get_by_text("Prêt.")).to_be_visible()
    for english in ("Submit", "Country", "Time step", "Statistic over", "Ready."):
        expect(page.get_by_text(english)).to_have_count(0)

    page.get_by_label("Langue").select_option(label="العربية")
    page.wait_for_function("() => document.documentElement.dir == 'rtl'")
    page.wait_for_function(READY)
    expect(page.get_by_role("button", name="أرسل الطلب")).to_be_enabled()  # Kenya is still asked
    navigation = page.get_by_role("navigation", name="الصفحات").first
    expect(navigation).to_be_visible()
    form = page.get_by_role("button", name="أرسل الطلب").bounding_box()
    assert form is not None
    assert form["x"] < 650  # mirrored: on the left of the map
    assert page.evaluate("document.documentElement.scrollWidth") <= 1300

    # without the language in the address, it is that of the cookie
    page.goto(f"{visitor.dashboard.url}?page=result&task={task.id}")
    page.wait_for_function(READY)
    expect(html).to_have_attribute("lang", "ar")
    expect(page.get_by_text("مصدر الأرقام")).to_be_visible()
    expect(page.get_by_text("بيانات مصطنعة").first).to_be_visible()
    page.wait_for_timeout(1000)  # what fades in has its colours
    assert findings(page) == []


@pytest.mark.parametrize("language", ["fr", "sw"])
def test_long_words_have_room_on_the_narrowest_phone(visitor: Visitor, language: str):
    page = visitor.visit(f"?page=request&area=Kenya&lang={language}", 320, 700)
    steps = page.get_by_role("navigation").filter(has=page.locator("[aria-current=step]"))
    for number in range(4):
        steps.get_by_role("button").nth(number).click()
        assert cramped(page, 320, 700) == []
