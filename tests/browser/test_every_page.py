"""What holds of each page: names, contrast and order in both schemes, room, and on paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from csserv import Area, Service
from tests.browser.conftest import PAGES, READY, Visitor
from tests.browser.page_faults import CONTRAST, cramped, findings, spoilt_on_paper

#: most sheets of A4 that a result takes; the page of all datasets takes another one
SHEETS = 3

#: of a window [pixels], and what is left of it where a page is enlarged to 200 and to 400 %
SIZE = (1280, 1024)
ENLARGED = ((640, 512), (320, 256))


@pytest.fixture
def task_id(service: Service) -> str:
    """Something that was asked, and what compares with it: neither tables nor charts are empty."""
    for edge in (35, 36):  # two of a kind
        task = service.submit("chirps", "mean", Area.from_box(edge, 0, edge + 1, 1), "2019-01")
        service.wait(task)
    return task.id


def test_each_page_can_be_used_by_everybody_in_light_dark_enlarged_and_on_paper(
    visitor: Visitor, task_id: str
):
    found: dict[str, list[str]] = {}

    def open_in(scheme: str) -> Iterator[tuple[str, str]]:
        for name, text in PAGES.items():
            page.goto(f"{visitor.dashboard.url}?page={name}&theme={scheme}&task={task_id}")
            page.wait_for_function(READY)
            page.get_by_text(text).locator("visible=true").first.wait_for()
            page.wait_for_timeout(1000)  # what fades in has its colours
            yield f"{name}, {scheme}", text

    page = visitor.visit("?page=request&theme=light", *SIZE)
    for name, text in open_in("light"):
        found[name] = [*findings(page), *enlarged(page), *spoilt_on_paper(page, text, SHEETS + 1)]
    for name, text in open_in("dark"):
        found[name] = [*findings(page, CONTRAST), *spoilt_on_paper(page, text, full=False)]
    page.goto(f"http://127.0.0.1:{visitor.dashboard.port}/r/{task_id}")
    found["without scripts"] = enlarged(page) + spoilt_on_paper(page, "How to cite", SHEETS)
    assert not any(found.values()), found


def enlarged(page: Page) -> list[str]:
    """What has no room where the page is enlarged; it has its own size again afterwards."""
    found = [said for size in ENLARGED for said in cramped(page, *size)]
    page.set_viewport_size(dict(zip(("width", "height"), SIZE, strict=True)))
    return found
