"""What everybody must be able to use: names, contrast and order, on each page in both themes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from csserv import Area, Service
from tests.browser.conftest import READY, Visitor

#: page → a text that is there once all of it is
PAGES = {
    "request": "2019-01-01 to 2019-04-30",
    "tasks": "Show result",
    "result": "Where the numbers come from",
    "data": "files on this server",
    "season": "Its data end on",
    "workers": "Started (UTC)",
}


def findings(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:200] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.fixture
def task_id(service: Service) -> str:
    """Something that was asked, so that tables and charts are not empty."""
    task = service.submit("chirps", "mean", Area.from_box(36, 0, 37, 1), "2019-01")
    return service.wait(task).id


def test_no_page_has_a_serious_finding_in_light_or_dark(visitor: Visitor, task_id: str):
    found = {}
    page = visitor.visit(f"?page=request&theme=light&task={task_id}")
    for theme in ("light", "dark"):
        for name, text in PAGES.items():
            address = f"{visitor.dashboard.url}?page={name}&theme={theme}&task={task_id}"
            if page.url != address:
                page.goto(address)
                page.wait_for_function(READY)
            page.get_by_text(text).first.wait_for()
            page.wait_for_timeout(1000)  # what fades in has its colours
            if said := findings(page):
                found[f"{name}, {theme}"] = said
    assert found == {}
