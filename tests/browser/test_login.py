"""Who gets in, and what each may do there: ``csserv serve`` with logins by password."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from playwright.sync_api import Page, expect
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from csserv import Service, Settings, Task
from csserv.access import Role, Users, users
from tests.browser.conftest import PAGES, PATIENCE, READY, Dashboard, Visitor, failures, sample
from tests.processes import CSSERV, free_port

expect.set_options(timeout=PATIENCE)

#: anna is removed by a test
USERS = {"anna": Role.SUBMITTER, "berta": Role.ADMIN, "rudi": Role.READER}

#: has data in it, or leads to some
PATHS = ("", "app", "app?page=tasks", "app/metadata")


class Served(Dashboard):
    """As most people start it."""

    def command(self) -> list[str]:
        return [*CSSERV, "serve", "--port", str(self.port)]

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("login")
    settings = Settings(home=folder / "home", data=sample(tmp_path_factory), login="basic")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(users, "COST", {"n": 2**10, "r": 8, "p": 1})  # quick to hash
        for name, role in USERS.items():
            Users(settings.home).add(name, role, f"password of {name}")
    made = Served(settings, free_port())
    made.start()
    yield made
    made.stop()
    assert failures(made.log.read_text(errors="replace")) == []


@pytest.fixture
def task(service: Service) -> Task:
    return service.wait(service.submit("chirps", "mean", "Kenya", "2019-01", client="anna"))


def new_page(visitor: Visitor) -> Page:
    """A page of a browser that knows nobody yet."""
    page = visitor.browser.new_context(viewport={"width": 1300, "height": 1000}).new_page()
    page.set_default_timeout(PATIENCE)
    visitor.seen.watch(page)
    return page


def log_in(page: Page, name: str, password: str = "") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password or f"password of {name}")
    page.get_by_role("button", name="Log in").click()
    if not password:
        page.wait_for_url("**/app*")
        page.wait_for_function(READY)


def test_nobody_gets_anything_without_a_login(dashboard: Served, task: Task):
    for path in (*PATHS, f"r/{task.id}", f"r/{task.id}/chart.png"):
        answer = requests.get(f"{dashboard.root}/{path}", timeout=60)
        assert "/sign-in?" in answer.url
        assert not re.search("chirps|Kenya", answer.text)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    script = f"{dashboard.url}/autoload.js?bokeh-autoload-element=x"
    assert requests.get(script, timeout=60).status_code == 403
    for path in ("tasks", "datasets", f"tasks/{task.id}", f"tasks/{task.id}/result"):
        answer = requests.get(f"{dashboard.root}/api/v1/{path}", timeout=60)
        assert answer.status_code == 401
        assert "chirps" not in answer.text
    address = f"ws://127.0.0.1:{dashboard.port}/app/ws"
    for headers in ({}, {"Cookie": "csserv_user=2|1:0|10:1|11:csserv_user|4:cm9vdA==|00"}):

        async def connect(headers: dict[str, str] = headers) -> None:
            request = HTTPRequest(address, headers=headers)
            await websocket_connect(request, subprotocols=["bokeh", "e30.e30"])

        # the event loop of the browser runs in this thread
        with ThreadPoolExecutor(1) as pool, pytest.raises(HTTPClientError) as caught:
            pool.submit(asyncio.run, connect()).result()
        assert caught.value.code == 403


def test_reader_looks_at_what_he_is_shown_and_changes_nothing(
    visitor: Visitor, dashboard: Served, task: Task
):
    page = new_page(visitor)
    page.goto(dashboard.root)
    log_in(page, "rudi", "something else")
    expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    expect(page.get_by_label("Name")).to_have_value("rudi")
    log_in(page, "rudi")
    expect(page.get_by_text("You may look, but not submit")).to_be_visible()
    expect(page.get_by_role("button", name="Submit request")).to_be_disabled()
    page.goto(f"{dashboard.url}?task={task.id}")
    page.wait_for_function(READY)
    expect(page.get_by_text("succeeded")).to_be_visible()
    expect(page.get_by_role("button", name="Run again")).to_be_hidden()
    answer = page.request.get(f"{dashboard.root}/api/v1/tasks/{task.id}/result")
    assert answer.json()["id"] == task.id
    page.goto(f"{dashboard.root}/r/{task.id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kenya")
    assert page.request.delete(f"{dashboard.root}/api/v1/tasks/{task.id}").status == 401
    page.goto(f"{dashboard.url}?page=workers")
    page.wait_for_function(READY)
    expect(
        page.get_by_text("The page Workers is for the role admin; rudi is reader.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Stop all")).to_have_count(0)
    page.get_by_role("link", name="rudi: log out").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="You have logged out")).to_be_visible()
    page.goto(dashboard.url)
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_one_who_is_removed_sees_nothing_more(visitor: Visitor, dashboard: Served, task: Task):
    page = new_page(visitor)
    page.goto(f"{dashboard.url}?page=tasks")
    log_in(page, "anna")
    expect(page.locator("tr", has_text="anna").first).to_be_visible()
    Users(dashboard.settings.home).remove("anna")
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_text("You are not logged in any more.")).to_be_visible()
    expect(page.locator("tr")).to_have_count(0)


def save_area(page: Page, name: str, box: str) -> None:
    """Save a box under a name."""
    page.get_by_label("Box: west south east north").fill(box)
    page.get_by_label("Box: west south east north").press("Enter")
    expect(page.locator(".pill")).to_have_text(f"box {box}")
    page.get_by_text("Saved areas").click()
    page.get_by_label("Name of the area").fill(name)
    page.get_by_role("button", name="Save this area").click()
    expect(page.get_by_text(f"{name} is saved.")).to_be_visible()


def test_what_a_user_saves_is_on_the_server_for_all_browsers_of_that_user_and_no_others(
    visitor: Visitor, dashboard: Served
):
    page, elsewhere, other = (new_page(visitor) for _ in range(3))
    for one, name in ((page, "berta"), (elsewhere, "berta"), (other, "rudi")):
        one.goto(dashboard.root)
        log_in(one, name)
    elsewhere.get_by_text("Saved areas").click()
    save_area(page, "Ours", "36 0 37 1")
    assert page.evaluate("Object.keys(localStorage).filter((one) => one.includes('Ours'))") == []
    # it looks again when it is looked at again, and whenever something is done in it
    elsewhere.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    elsewhere.get_by_role("button", name="Ours", exact=True).click()
    expect(elsewhere.locator(".pill")).to_have_text("box 36 0 37 1")
    page.get_by_role("button", name="Remove Ours").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("Ours is removed.")).to_be_visible()
    elsewhere.get_by_role("button", name="Ours", exact=True).click()
    expect(elsewhere.get_by_text("There is no saved area Ours any more.")).to_be_visible()
    expect(elsewhere.get_by_role("button", name="Ours", exact=True)).to_have_count(0)
    save_area(other, "Mine", "36 0 37 1")  # readers have their own, too
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    expect(page.get_by_role("button", name="Mine", exact=True)).to_have_count(0)


def test_a_page_whose_server_has_gone_says_so_and_comes_back_by_itself(
    visitor: Visitor, dashboard: Served, task: Task
):
    first = new_page(visitor)
    first.goto(dashboard.root)
    log_in(first, "berta")
    pages = [first, *(first.context.new_page() for _ in range(len(PAGES) - 1))]
    for page, (name, text) in zip(pages, PAGES.items(), strict=True):
        page.goto(f"{dashboard.url}?page={name}&task={task.id}")
        page.wait_for_function(READY)
        expect(page.get_by_text(text).first).to_be_visible()
        page.evaluate("window.isTheOldOne = true")
    save_area(first, "Field", "34 0 35.5 1")
    first.get_by_label("Box: west south east north").fill("36 0 38 1")
    heard = len(visitor.seen.complaints)
    hangs_for_a_while(dashboard, pages)
    dashboard.stop()
    for page in pages:
        expect(page.get_by_role("alert").filter(has_text="connection")).to_be_visible()
    dashboard.start()
    # what is filled in stays to be read until its writer loads the page
    expect(first.get_by_role("button", name="Load again")).to_be_visible()
    expect(first.get_by_label("Box: west south east north")).to_have_value("36 0 38 1")
    first.get_by_role("button", name="Load again").click()
    for page, text in zip(pages, PAGES.values(), strict=True):
        page.wait_for_function("!window.isTheOldOne")
        page.wait_for_function(READY)
        expect(page.locator("#csserv-connection")).to_have_count(0)
        expect(page.get_by_text(text).first).to_be_visible()
    del visitor.seen.complaints[heard:]  # it was said in many ways that no server answered
    first.get_by_text("Saved areas").click()
    first.get_by_role("button", name="Field", exact=True).click()
    expect(first.locator(".pill")).to_have_text("box 34 0 35.5 1")
    pages[1].get_by_role("link", name="Data").click()  # it does what it is asked again
    pages[1].wait_for_url("**page=data")
    expect(pages[1].get_by_text("CHIRPS-like daily rainfall").first).to_be_visible()


def hangs_for_a_while(dashboard: Served, pages: list[Page]) -> None:
    """See that pages say so while the server hangs, and go on as they were when it is back."""
    assert dashboard.process is not None
    alert = [page.get_by_role("alert").filter(has_text="connection") for page in pages]
    dashboard.process.send_signal(signal.SIGSTOP)
    try:
        for one in alert:
            expect(one).to_be_visible()
    finally:
        dashboard.process.send_signal(signal.SIGCONT)
    for page, one in zip(pages, alert, strict=True):
        expect(one).to_have_count(0)
        assert page.evaluate("window.isTheOldOne")
