"""Layers of one's own over HTTP: an admin adds and removes them, everybody uses them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from csserv.errors import AccessDeniedError, InvalidRequestError, UnknownLayerError
from csserv.opening import connect
from csserv.remote import RemoteService
from csserv.request.files import FileChoices, read_area
from tests.districts import write_districts
from tests.http.climateserv.legacy import call
from tests.http.conftest import Server
from tests.http.test_access import guarded, token, tokens
from tests.processes import CSSERV, eventually

__all__ = ["guarded", "token", "tokens"]  # fixtures that are used here, too

pytestmark = pytest.mark.slow

FACTS = {"source": "The office", "licence": "CC BY 4.0", "valid_from": "2019-10"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_districts(tmp_path_factory.mktemp("layers") / "districts.gpkg")


def put(server: Server, name: str, file: Path, **how: Any) -> requests.Response:
    headers = how.pop("headers", {})
    query = {"filename": file.name} | how
    path = f"/layers/{name}"
    return server.ask("PUT", path, params=query, data=file.read_bytes(), headers=headers)


def test_admin_adds_and_removes_and_others_are_refused(
    guarded: Server, tokens: dict[str, dict[str, str]], file: Path
):
    root, anna = tokens["root"], tokens["anna"]
    for headers, status in (({}, 403), (anna, 403), ({"Authorization": "Bearer wrong"}, 401)):
        assert put(guarded, "lakeland", file, headers=headers).status_code == status
        assert guarded.ask("DELETE", "/layers/lakeland", headers=headers).status_code == status
    assert not (guarded.settings.data / "layers").exists()
    added = put(guarded, "lakeland", file, headers=root, **FACTS)
    assert added.status_code == 201, added.text
    assert added.headers["Location"] == "/api/v1/layers/lakeland"
    row = {"id": "lakeland", "title": "lakeland", "features": 4, "as_of": "2019-10"}
    row |= {"source": "The office", "licence": "CC BY 4.0"}
    remark = "zones have the names of ADM2_EN and the ids of ADM2_PCODE"
    assert added.json() == row | {"notes": [remark]}
    assert guarded.ask("GET", "/layers").json()[-1] == row
    features = guarded.ask("GET", "/layers/lakeland", params={"search": "turk"}).json()
    parents = ["Lakeland", "North"]
    assert features == [{"id": "LA0101", "name": "Turkana", "iso": "", "parents": parents}]
    whole = guarded.ask("GET", "/layers/lakeland", params={"format": "geojson"})
    shapes = whole.json()
    assert len(shapes["features"]) == 4
    assert "The office" in shapes["notes"][0]["text"]
    assert whole.headers["Cache-Control"] == "private, no-cache"
    before = {"If-None-Match": whole.headers["ETag"]}
    again = put(guarded, "lakeland", file, headers=root)
    assert again.status_code == 409
    assert (
        "there is a layer lakeland; replace it (--replace; over HTTP, replace=true)"
        in again.json()["detail"]
    )
    assert put(guarded, "lakeland", file, headers=root, replace="true").status_code == 201
    plain = {"format": "geojson"}
    for encoding in ("identity", "gzip"):  # its shapes are kept, but not beyond the layer
        takes = {"Accept-Encoding": encoding}
        answer = guarded.ask("GET", "/layers/lakeland", params=plain, headers=takes | before)
        shapes = answer.json()  # not 304: it is another layer
        assert "notes" not in shapes
        assert len(shapes["features"]) == 4
        known = {"If-None-Match": answer.headers["ETag"]}
        same = guarded.ask("GET", "/layers/lakeland", params=plain, headers=takes | known)
        assert same.status_code == 304
        assert same.content == b""
    assert guarded.ask("DELETE", "/layers/lakeland", headers=anna).status_code == 403
    assert guarded.ask("DELETE", "/layers/lakeland", headers=root).status_code == 200
    assert guarded.ask("DELETE", "/layers/lakeland", headers=root).status_code == 404
    assert guarded.ask("DELETE", "/layers/country", headers=root).status_code == 409


def test_columns_of_a_table_that_is_sent_are_named(
    guarded: Server, tokens: dict[str, dict[str, str]], tmp_path: Path
):
    path = tmp_path / "stations.csv"
    path.write_text("name,down,across\nLodwar,3.1,35.6\n")
    refused = put(guarded, "stations", path, headers=tokens["root"])
    assert refused.status_code == 422
    assert "name,down,across".replace(",", ", ") in refused.json()["detail"]
    columns = {"lon_field": "across", "lat_field": "down"}
    answer = put(guarded, "stations", path, headers=tokens["root"], **columns)
    assert answer.status_code == 201
    assert "places are of the columns across and down" in str(answer.json()["notes"])
    guarded.ask("DELETE", "/layers/stations", headers=tokens["root"])


@pytest.mark.parametrize("name", ["kenya", "..%2f..%2fx", "%2ftmp%2fx", "A", "country", "a%00b"])
def test_hostile_names_are_refused(
    guarded: Server, tokens: dict[str, dict[str, str]], file: Path, name: str
):
    before = sorted(guarded.settings.data.rglob("*"))
    taken = name in ("kenya", "country")
    status = put(guarded, name, file, headers=tokens["root"]).status_code
    assert status == (409 if taken else 422)
    assert sorted(guarded.settings.data.rglob("*")) == before


def test_what_is_no_file_of_zones_is_refused(guarded: Server, tokens: dict[str, dict[str, str]]):
    for name, body, said in (
        ("a.exe", b"MZ", "is no area file"),
        ("a.gpkg", b"", "is an empty file"),
        ("a.gpkg", b"SELECT 1", "a.gpkg"),
        ("../../a.geojson", b'{"type": "FeatureCollection", "features": []}', "holds no"),
    ):
        asked = {"params": {"filename": name}, "data": body, "headers": tokens["root"]}
        answer = guarded.ask("PUT", "/layers/lakeland", **asked)
        assert answer.status_code == 422, answer.text
        assert said in answer.json()["detail"]
    assert guarded.ask("PUT", "/layers/x2", headers=tokens["root"]).status_code == 422


def test_remote_service_does_the_same(
    guarded: Server, tokens: dict[str, dict[str, str]], file: Path
):
    secrets = {who: one["Authorization"].split()[1] for who, one in tokens.items()}
    with connect(guarded.url, token=secrets["anna"]) as anna:
        assert isinstance(anna, RemoteService)
        with pytest.raises(AccessDeniedError, match="needs the role admin"):
            anna.add_layer("remote", file)
        with connect(guarded.url, token=secrets["root"]) as root:
            assert isinstance(root, RemoteService)
            with pytest.raises(InvalidRequestError, match="there is no file"):
                root.add_layer("remote", "nowhere.gpkg")
            root.add_layer("remote", file, FileChoices(name_field="ADM2_PCODE"), title="Lakes")
            assert [zone.name for zone in root.area("remote/South/*").zones] == ["LA0201", "LA0202"]
        found = anna.area("remote/*")
        assert [zone.geometry for zone in found.zones] == [
            zone.geometry for zone in read_area(file).zones
        ]
        assert anna.layers()["remote"]["title"] == "Lakes"
        assert [layer.id for layer in anna.layers.own] == ["remote"]
        with connect(guarded.url, token=secrets["root"]) as root:
            assert isinstance(root, RemoteService)
            root.remove_layer("remote")
            with pytest.raises(UnknownLayerError):
                root.remove_layer("remote")


def run(server: Server, *words: str) -> None:
    variables = server.processes.variables
    subprocess.run([*CSSERV, "layers", *words], env=variables, check=True, capture_output=True)


def test_running_server_takes_what_the_command_line_adds(server: Server, file: Path):
    run(server, "add", "lakeland", str(file), "--source", "The office")
    areas: tuple[Any, ...] = (
        "lakeland/South/*",
        {"layer": "lakeland", "features": ["LA0201", "Murang'a / Côte"]},
        {"layer": "lakeland", "features": ["South/*"]},
    )
    for area in areas:
        task = server.submit(area=area)
        assert task["request"]["zones"] == 2
        done = server.until_ended(task["id"])
        assert done["state"] == "succeeded", done["error"]
        result = server.ask("GET", f"/tasks/{task['id']}/result").json()
        assert [one["zone"]["id"] for one in result["series"]] == ["LA0201", "LA0202"]
        assert "The office" in str(result["notes"])
    listed = call(server, "getFeatureLayers").json()
    assert listed[-1] == {"id": "lakeland", "displayName": "lakeland", "visible": "false"}
    asked = {"datatype": 0, "operationtype": 5, "intervaltype": 0}
    asked |= {"begintime": "01/01/2019", "endtime": "01/03/2019"}
    answer = call(
        server, "submitDataRequest", layerid="lakeland", featureids="LA0101,la0102", **asked
    )
    (identity,) = answer.json()
    assert server.until_ended(identity)["state"] == "succeeded"
    result = server.ask("GET", f"/tasks/{identity}/result").json()
    assert "The office" in str(result["notes"])
    wrong = call(server, "submitDataRequest", layerid="lakeland", featureids="LA01O1", **asked)
    assert wrong.status_code == 400
    assert "lakeland has no feature with the id" in wrong.text
    run(server, "remove", "lakeland")
    gone = {"dataset": "rain", "operation": "mean", "period": "2019-01"}
    gone |= {"area": {"layer": "lakeland", "features": ["LA0101"]}}
    eventually(
        lambda: server.ask("POST", "/estimate", json=gone).status_code == 404,
        what="a layer that was removed is still there",
    )
