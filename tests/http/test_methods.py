"""Methods of HTTP as RFC 9110 has them, at every address of the server."""

from __future__ import annotations

import re

import pytest

from csserv.http import CONTEXT
from csserv.http.routes import routes
from tests.http.conftest import Server

pytestmark = pytest.mark.slow

NAMES = {"id": "country", "name": "rain", "uuid": "1f0c1f0c-0000-4000-8000-000000000000"}
NAMES |= {"ending": "pdf"}


def addresses() -> list[str]:
    """One address of each route; those of a task name one that is not there."""
    found = []
    for pattern, *_ in routes(CONTEXT):
        values = NAMES | ({"id": NAMES["uuid"]} if "/tasks/" in pattern else {})
        values |= {"name": "getParameterTypes"} if "getParameterTypes" in pattern else {}
        values |= {"name": "scriptAccess"} if "<name>scriptAccess" in pattern else {}
        path = re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda name, known=values: known[name[1]], pattern)
        path = path.replace("\\.", ".")
        found.append(re.sub(r"\(\?:([^()|]*)\|?[^()]*\)", r"\1", path).replace("?", ""))
    return found


@pytest.mark.parametrize("path", [one for one in addresses() if one != "/news"])
def test_other_methods_are_refused_with_those_that_are_possible(server: Server, path: str) -> None:
    url = f"/../..{path}"
    options = server.ask("OPTIONS", url)
    assert options.status_code == 204
    allowed = set(options.headers["Allow"].split(", "))
    assert ("GET" in allowed) == ("HEAD" in allowed)
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE"):
        answer = server.ask(method, url, stream=True)
        answer.close()
        assert (answer.status_code == 405) == (method not in allowed), method
        if answer.status_code == 405:
            assert set(answer.headers["Allow"].split(", ")) == allowed


def test_head_tells_what_get_would(server: Server) -> None:
    for path in ("/datasets", "/layers", "/openapi.json", "/", "/nothing", "/../../sign-in"):
        head, get = server.ask("HEAD", path), server.ask("GET", path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        for name in ("Content-Type", "Content-Length", "Etag"):
            assert head.headers.get(name) == get.headers.get(name), (path, name)


def test_an_unknown_address_is_not_found_whatever_the_method(server: Server) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert server.ask(method, "/nothing").status_code == 404
