"""What a visit gets to see: real documents of Panel, made as its server makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import panel as pn
import pytest
from bokeh.events import ButtonClick
from panel.io.application import Application
from panel.io.handlers import FunctionHandler
from panel.io.session import generate_session
from panel.io.state import set_curdoc
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import create_signed_value

from csserv import Area, Service, Settings
from csserv.access import Caller, Role, Users, users
from csserv.access.keys import read_keys
from csserv.errors import AccessDeniedError, GranuleError
from csserv.http.browser_auth import BrowserAuth
from csserv.views.tasks.log_watcher import LogWatcher
from dashboard.denied import NoticePage
from dashboard.nav_links import NavLinks
from dashboard.session import PageEntry, Session
from dashboard.shared_state import SharedState

ROLES = {"anna": Role.SUBMITTER, "root": Role.ADMIN}


class Secret(NoticePage):
    """A page for admins."""

    def __init__(self, session: Session) -> None:
        super().__init__("the secret")
        assert session.has_role(Role.ADMIN)


class Broken(NoticePage):
    """A page whose buttons fail."""

    def __init__(self, session: Session) -> None:
        super().__init__("press")
        self.files, self.sums = pn.widgets.Button(), pn.widgets.Button()
        self.files.on_click(self._read)
        self.sums.on_click(self._divide)
        self.home = session.shared.service.settings.home

    async def _read(self, event: Any) -> None:
        await asyncio.sleep(0)
        raise GranuleError(f"{self.home}/layers/lakeland has been removed")

    def _divide(self, event: Any) -> None:
        raise ZeroDivisionError


ROWS = {
    "first": PageEntry("First", "map", lambda session: NoticePage("all may see this")),
    "secret": PageEntry("Secret", "lock", Secret, role=Role.ADMIN),
    "broken": PageEntry("Broken", "bug", Broken),
}


@pytest.fixture
def shared(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedState]:
    monkeypatch.setattr(users, "COST", {"n": 2**10, "r": 8, "p": 1})  # quick to hash
    with Service(settings.model_copy(update={"login": "basic"}), starts_runner=False) as service:
        for name, role in ROLES.items():
            Users(service.settings.home).add(name, role, f"password of {name}")
        watcher = LogWatcher(service)
        yield SharedState(service, watcher)
        watcher.close()


def request(address: str = "203.0.113.5", **headers: str) -> HTTPServerRequest:
    context = SimpleNamespace(remote_ip=address, protocol="http")
    given = {"Host": "rain.example.org"} | headers
    plain = {name.replace("_", "-"): value for name, value in given.items()}
    return HTTPServerRequest(
        start_line=RequestStartLine("GET", "/app", "HTTP/1.1"),
        headers=HTTPHeaders(plain),
        connection=SimpleNamespace(context=context),
    )


def cookie_of(shared: SharedState, name: str) -> str:
    user = shared.browser_auth.users.find(name)
    assert user is not None
    return f"csserv_user={shared.browser_auth.login_cookie(user)}"


def visited(shared: SharedState, asked: HTTPServerRequest, **payload: Any) -> tuple[Session, Any]:
    """The session that a request makes, and its document."""
    made: list[Session] = []

    def make(doc: Any) -> Any:
        made.append(Session(shared, ROWS))
        return made[0].page.server_doc(doc)

    document = generate_session(Application(FunctionHandler(make)), asked, payload).document
    if not made:
        raise AccessDeniedError("no session was made")
    with set_curdoc(document):
        asyncio.run(made[0].make_first_page())  # the server does so once the browser has the frame
    return made[0], document


def texts(document: Any) -> str:
    return str(document.to_json())


def test_page_of_admins_is_made_for_admins_only_whatever_the_address_says(shared: SharedState):
    seen = {}
    for name in ROLES:
        asked = request(Cookie=cookie_of(shared, name))
        session, document = visited(shared, asked, arguments={"page": [b"secret"]})
        assert session.caller == Caller(name, ROLES[name])
        assert session.current == "secret"
        seen[name] = texts(document)
    assert "the secret" in seen["root"]
    assert "the secret" not in seen["anna"]
    assert "The page Secret is for the role admin; anna is submitter." in seen["anna"]
    assert '"Secret"' not in seen["anna"].replace("'", '"')  # nor is there a button to it


def test_style_sheets_are_this_servers_in_a_session_that_no_page_was_asked_for(
    shared: SharedState,
):
    _, document = visited(shared, request(Cookie=cookie_of(shared, "root")))
    said = texts(document)
    assert "static/extensions/panel/css/" in said
    assert "https://cdn.holoviz.org/panel/" not in said


def test_tab_and_address_say_where_one_is_and_the_way_back_is_followed(shared: SharedState):
    asked = request(Cookie=cookie_of(shared, "root"))
    session, document = visited(shared, asked, arguments={"page": [b"secret"]})
    bar = session.address_bar
    assert bar.title == "Secret · csserv"
    with set_curdoc(document):
        asyncio.run(session.open_page("first", "a b&c"))
        assert bar.entry == ["?page=first&task=a+b%26c", 1]
        assert bar.title == "First · csserv"
        bar.stay("?page=first")
        assert bar.entry == ["?page=first", 1]  # the same place in the browser's history
        asyncio.run(session._show_address({"page": ["secret"]}))
    assert session.current == "secret"
    assert bar.title == "Secret · csserv"
    assert bar.entry == ["?page=first", 1]  # the browser is there already


def test_nor_is_it_made_when_a_message_asks_for_it(shared: SharedState):
    session, document = visited(shared, request(Cookie=cookie_of(shared, "anna")))
    with set_curdoc(document):
        asyncio.run(session.open_page("secret"))
    assert "for the role admin" in texts(document)
    assert "the secret" not in texts(document)


def test_only_ways_that_are_shown_can_be_gone():
    gone: list[str] = []
    links = NavLinks(gone.append, rows=[("first", "First", "map")])
    for message in ("secret", "", "first"):
        links._handle_msg(message)
    assert gone == ["first"]


def press(button: pn.widgets.Button, document: Any) -> None:
    """Press a button as a browser does, and wait for what it began."""

    async def pressed() -> None:
        button._server_event(document, ButtonClick(None))
        while waiting := list(document.session_callbacks):
            for one in waiting:
                document.remove_next_tick_callback(one)
                await one.callback()

    asyncio.run(pressed())


def test_page_says_what_failed_until_the_next_is_opened(
    shared: SharedState, caplog: pytest.LogCaptureFixture
):
    asked = request(Cookie=cookie_of(shared, "root"))
    session, document = visited(shared, asked, arguments={"page": [b"broken"]})
    page = session._pages["broken"]
    assert isinstance(page, Broken)

    press(page.files, document)
    assert "CSSERV_HOME/layers/lakeland has been removed" in texts(document)
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []
    press(page.sums, document)
    assert "the log of the server says what" in texts(document)
    (said,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert said.message == "a page failed for root"
    assert said.exc_info
    assert said.exc_info[0] is ZeroDivisionError
    with set_curdoc(document):
        asyncio.run(session.open_page("first"))
    assert "the log of the server says what" not in texts(document)


def test_news_of_others_reach_admins_only(shared: SharedState):
    box = Area.from_box(22.0, -2.0, 26.0, 2.0)
    tasks = [
        shared.service.submit("rain", "mean", box, "2019-01", client=name)
        for name in ("anna", "somebody")
    ]
    changed = {task.id: task for task in tasks}
    heard = {}
    for name in ROLES:
        session, _ = visited(shared, request(Cookie=cookie_of(shared, name)))
        heard[name] = [task.client for task in session.listable(changed).values()]
        assert [one.client for one in session.shared.service.tasks()][::-1] == heard[name]
    assert heard == {"anna": ["anna"], "root": ["anna", "somebody"]}


def test_one_who_is_removed_sees_nothing_more(shared: SharedState):
    session, document = visited(shared, request(Cookie=cookie_of(shared, "root")))
    Users(shared.service.settings.home).remove("root")
    with set_curdoc(document):
        asyncio.run(session.open_page("secret"))
    assert "the secret" not in texts(document)
    assert "all may see this" not in texts(document)
    assert "not logged in any more" in texts(document)


@pytest.mark.parametrize("given", [{}, {"Cookie": "csserv_user=2|1:0|10:1|11:csserv_user|4:x|y"}])
def test_without_a_login_no_session_is_made(shared: SharedState, given: dict[str, str]):
    with pytest.raises(AccessDeniedError, match="log in"):
        shared.browser_auth.identify(request(**given))
    with pytest.raises(AccessDeniedError):
        visited(shared, request("127.0.0.1", Host="localhost", **given))


@pytest.mark.parametrize("role", ["none", "reader"])
def test_whom_only_an_oauth_provider_knows_has_the_role_of_the_settings(
    settings: Settings, role: str
):
    own = settings.model_copy(update={"login": "oauth", "login_role": role})
    Users(own.home).add("oona", Role.ADMIN, None)
    browser_auth = BrowserAuth(own)
    key = read_keys(own.home)["cookies"]

    def asked(name: str, secret: str = key) -> HTTPServerRequest:
        return request(Cookie=f"user={create_signed_value(secret, 'user', name).decode()}")

    assert browser_auth.identify(asked("oona")) == Caller("oona", Role.ADMIN)
    with pytest.raises(AccessDeniedError, match="log in first"):
        browser_auth.identify(asked("oona", "another key"))
    if role == "none":
        with pytest.raises(AccessDeniedError, match="there is no role here for stranger"):
            browser_auth.identify(asked("stranger"))
    else:
        assert browser_auth.identify(asked("stranger")) == Caller("stranger", Role.READER)


def test_what_a_browser_says_of_its_headers_makes_nobody_local(settings: Settings):
    with Service(settings, starts_runner=False) as service:
        watcher = LogWatcher(service)
        shared = SharedState(service, watcher)
        local = request("127.0.0.1", Host="localhost:5006")
        session, _ = visited(shared, local)
        assert session.caller == Caller("local", Role.ADMIN)
        proxied = request("127.0.0.1", Host="localhost:5006", X_Forwarded_For="203.0.113.5")
        with pytest.raises(AccessDeniedError):
            visited(shared, proxied, headers={"Host": "localhost:5006"}, cookies={})
        watcher.close()


def test_page_says_what_of_the_log_cannot_be_read(shared: SharedState):
    log = shared.service.settings.home / "task_log.json"
    log.write_bytes(b"half a")
    _, document = visited(shared, request(Cookie=cookie_of(shared, "anna")))
    assert "the task log is damaged: CSSERV_HOME/task_log.json" in texts(document)
