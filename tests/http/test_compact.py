"""A large result is stored in the compact form; programs that know the first form read it still."""

from __future__ import annotations

import json

import shapely

from csserv import Area, RemoteService
from csserv.outputs.document.compact_form import MANY
from csserv.request import Zone
from tests.http.conftest import Server

DAYS = 8 * 365
ZONES = MANY // DAYS + 1


def test_each_reader_gets_the_form_that_it_knows(remote: RemoteService, server: Server) -> None:
    boxes = [shapely.box(22, -2, 22.5 + n / 20, -1 + n / 20) for n in range(ZONES)]
    area = Area(tuple(Zone(f"z{n}", f"zone {n}", box) for n, box in enumerate(boxes)), "boxes")
    cost = remote.estimate("long", "mean", area, "2019/2026")
    task = remote.submit("long", "mean", area, "2019/2026")
    result = remote.result(task)
    path = f"/tasks/{task.id}/result"
    usual, stored = (server.ask("GET", path, params=asked) for asked in ({}, {"version": "2"}))
    assert usual.headers["Content-Encoding"] == stored.headers["Content-Encoding"] == "gzip"
    whole, compact = usual.json(), stored.json()
    assert (whole["version"], compact["version"]) == (1, 2)
    assert "time" not in whole
    assert len(compact["time"]) == DAYS
    for one, short in zip(whole["series"], compact["series"], strict=True):
        assert one["time"] == compact["time"]
        assert one["value"] == short["value"]
        assert one["valid_percent"] == [short["valid_percent"]] * DAYS == [100.0] * DAYS
    assert len(stored.content) < len(usual.content) / 3
    on_disk = server.settings.home / "results" / task.id / f"{task.id}.json"
    assert result.path.read_bytes() == on_disk.read_bytes() == stored.content
    read = result.json
    assert read == {name: one for name, one in whole.items() if name != "checksum"}
    assert 0.2 * cost.result_bytes < len(stored.content) < cost.result_bytes  # all values are 1.0
    part = server.ask("GET", path, headers={"Range": "bytes=0-15"})
    assert part.status_code == 206
    assert json.loads(usual.content)["series"][-1]["zone"]["id"] == f"z{ZONES - 1}"
    assert server.ask("GET", path, params={"version": "3"}).status_code == 422


def test_a_small_result_is_the_same_in_both_forms(remote: RemoteService, server: Server) -> None:
    task = remote.submit("rain", "mean", Area.from_box(22, -2, 26, 2), "2019-01")
    remote.wait(task)
    path = f"/tasks/{task.id}/result"
    usual, stored = (server.ask("GET", path, params=asked) for asked in ({}, {"version": "2"}))
    assert usual.content == stored.content
    assert usual.json()["version"] == 1
