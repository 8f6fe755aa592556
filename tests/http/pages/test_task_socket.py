"""The socket that brings pages how far tasks are: what comes, to whom, and for how long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import psutil
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.websocket import WebSocketClientConnection, websocket_connect

from csserv import Area, Service, Settings
from csserv.access import Role, Users, users
from csserv.http.server import application
from csserv.http.server_context import ServerContext
from tests.http.conftest import Server

BOX = Area.from_box(22.0, -2.0, 26.0, 2.0)


@asynccontextmanager
async def looking(
    url: str, query: str = "", **headers: str
) -> AsyncIterator[WebSocketClientConnection]:
    address = f"{url.replace('http', 'ws', 1)}/news{query}"
    socket = await websocket_connect(HTTPRequest(address, headers=headers, connect_timeout=60))
    yield socket
    is_open = socket.close_code is None
    socket.close()
    if is_open:
        await until_closed(socket)


async def until_closed(socket: WebSocketClientConnection) -> None:
    while await asyncio.wait_for(socket.read_message(), 60) is not None:
        pass


async def told(socket: WebSocketClientConnection) -> list[dict[str, Any]]:
    message = await asyncio.wait_for(socket.read_message(), 60)
    assert isinstance(message, str), "the line was ended"
    return list(json.loads(message))


@pytest.mark.slow
def test_each_page_is_told_in_its_language(server: Server):
    async def ended(query: str, key: str) -> str:
        async with looking(server.url, query) as socket:
            while True:
                for one in await told(socket):
                    if one["id"] == key and one["row"][2] == "succeeded":
                        return str(one["said"])

    async def follow() -> list[str]:
        asked = {"dataset": "long", "operation": "geotiff", "period": "2019/2020"}
        key = (await asyncio.to_thread(lambda: server.submit(**asked)))["id"]
        return await asyncio.gather(*(ended(query, key) for query in ("", "?lang=fr", "?lang=sw")))

    english, french, swahili = asyncio.run(follow())
    assert english.startswith("731 of 731 steps, took ")
    assert french.startswith("731 pas de temps sur 731, durée ")
    assert swahili.startswith("hatua 731 kati ya 731, ilichukua ")


@pytest.mark.slow
def test_a_page_is_told_of_each_task_until_it_has_ended(server: Server):
    async def follow() -> tuple[str, list[dict[str, Any]]]:
        asked = {"dataset": "long", "operation": "geotiff", "period": "2019/2020"}
        news: list[dict[str, Any]] = []
        async with looking(server.url) as socket:
            key = (await asyncio.to_thread(lambda: server.submit(**asked)))["id"]
            while not news or news[-1]["row"][2] != "succeeded":
                news += [one for one in await told(socket) if one["id"] == key]
        return key, news

    key, news = asyncio.run(follow())
    rows = [one["row"] for one in news]
    assert {one[0] for one in rows} == {key}
    shares = [one[1] for one in rows]
    assert all(before <= after for before, after in pairwise(shares))
    assert shares[-1] == 100
    steps = "731 of 731 steps, took "
    assert news[-1]["said"].startswith(steps)


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[ServerContext, str]]:
    context = ServerContext(settings)
    server = HTTPServer(application(context))
    sock, port = bind_unused_port()
    server.add_sockets([sock])
    yield context, f"http://127.0.0.1:{port}"
    server.stop()
    await server.close_all_connections()
    await until_free(port)
    context.close()


async def until_free(port: int) -> None:
    """Wait until our end of each connection is closed: a line that we ended closes after its page.

    One that the loop left open would be told, as a warning, to whatever test runs later.
    """
    async with asyncio.timeout(60):
        while any(one.laddr.port == port for one in psutil.Process().net_connections("tcp")):
            await asyncio.sleep(0.01)


@pytest.mark.slow
def test_each_hears_of_what_he_may_list_and_who_is_removed_hears_no_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(users, "COST", {"n": 2**10, "r": 8, "p": 1})  # quick to hash
    own = settings.model_copy(update={"login": "basic"})
    known = Users(own.home)
    for name, role in (("anna", Role.SUBMITTER), ("root", Role.ADMIN)):
        known.add(name, role, f"password of {name}")

    def submit(client: str, day: int) -> str:
        with Service(own, starts_runner=False) as service:
            period = f"2019-01-{day:02}"
            return service.submit("rain", "mean", BOX, period, client=client).id

    async def until(key: str, socket: WebSocketClientConnection) -> list[str]:
        heard: list[str] = []
        while key not in heard:
            heard += [one["id"] for one in await told(socket)]
        return list(dict.fromkeys(heard))

    async def follow() -> dict[str, list[str]]:
        async with served(own) as (context, url):
            with pytest.raises(HTTPClientError, match="403"):
                async with looking(url):
                    pass
            cookies = {
                name: f"csserv_user={context.browser_auth.login_cookie(known.find(name))}"
                for name in ("anna", "root")
            }
            async with (
                looking(url, Cookie=cookies["anna"]) as anna,
                looking(url, Cookie=cookies["root"]) as root,
            ):
                names = {await asyncio.to_thread(submit, who, 1): who for who in ("ben", "anna")}
                last = list(names)[-1]
                heard = {"anna": await until(last, anna), "root": await until(last, root)}
                known.remove("anna")
                await asyncio.sleep(1.1)  # so long it is believed who looks
                await asyncio.to_thread(submit, "anna", 2)
                await until_closed(anna)
                assert anna.close_code == 1008
        return {name: [names[key] for key in keys] for name, keys in heard.items()}

    assert asyncio.run(follow()) == {"anna": ["anna"], "root": ["ben", "anna"]}


def test_pages_of_other_sites_are_not_let_in(server: Server):
    async def ask(origin: str) -> None:
        async with looking(server.url, Origin=origin):
            pass

    asyncio.run(ask(server.url))
    for origin in ("https://rain.example.org", "null", server.url.replace("127.0.0.1", "[::1]")):
        with pytest.raises(HTTPClientError, match="403"):
            asyncio.run(ask(origin))
