"""A program written for ClimateSERV, its host sent to another server, and nothing else changed.

``python -m tests.http.climateserv.redirected URL call '{"name": value}'`` writes the JSON of
what it returns.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests.adapters

HOST = "https://climateserv.servirglobal.net"


class Adapter(requests.adapters.HTTPAdapter):
    """Sends what goes to the host elsewhere."""

    def send(self, request: requests.PreparedRequest, *rest: Any, **how: Any) -> requests.Response:
        request.url = moved(str(request.url))
        return super().send(request, *rest, **how)


class Handler(urllib.request.HTTPSHandler):
    """Does the same for urllib."""

    def https_open(self, request: urllib.request.Request) -> Any:
        return urllib.request.build_opener().open(moved(request.full_url))


def moved(url: str) -> str:
    assert url.startswith(HOST), url
    return url.replace(HOST, sys.argv[1])


def climateserv(**given: Any) -> Any:
    from climateserv import request_data

    return request_data(**given)


def data_frame(**given: Any) -> Any:
    from climateservaccess import getDataFrame

    return getDataFrame(**given).to_dict("records")


def data_file(**given: Any) -> Any:
    from climateservaccess import getBox, getCSV

    return getCSV(**given | {"geometry_coords": getBox(*given["geometry_coords"])})


def office(scripts: int, squares: list[Any], **given: Any) -> Any:
    """Run several scripts at the same time; return how many rows each gets."""
    from climateservaccess import getDataFrame

    def ask(square: Any) -> int:
        return len(getDataFrame(**given | {"geometry_coords": square}))

    with ThreadPoolExecutor(scripts) as pool:
        return list(pool.map(ask, squares))


def main() -> None:
    requests.Session.get_adapter = lambda self, url: Adapter()  # type: ignore[method-assign]
    urllib.request.install_opener(urllib.request.build_opener(Handler))
    call, given = sys.argv[2:]
    found = globals()[call](**json.loads(given))
    sys.stdout.write(f"\nreturned: {json.dumps(found)}")


if __name__ == "__main__":
    main()
