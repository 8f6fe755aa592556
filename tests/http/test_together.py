"""What several results answer together is the same over HTTP and in a terminal as in Python."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from csserv import Area
from csserv.cli import main
from csserv.http.native.result_models import ResultModel
from csserv.http.native.together_models import OutlookAnswer
from csserv.opening import connect
from tests.http.conftest import BOX as SENT
from tests.http.conftest import Server

BOX = Area.from_box(*SENT["box"])

#: the months end with 2015: two of this season are known
SEASON = {"season": "2015-11/2016-01", "against": "2000/2014"}


def call(server: Server, *words: str) -> Result:
    own = server.settings
    known = {"HOME": own.home, "DATA": own.data, "CATALOG": own.catalog}
    return CliRunner(env={f"CSSERV_{k}": str(v) for k, v in known.items()}).invoke(main, words)


def test_an_outlook_is_asked_for_and_read_when_its_tasks_have_ended(server: Server) -> None:
    sent = {"dataset": "years", "area": SENT, **SEASON}
    answer = server.ask("POST", "/outlook", json=sent)
    assert answer.status_code == 202, answer.text
    (task,) = answer.json()["tasks"]
    there = answer.headers["Location"]
    assert there == answer.json()["links"]["self"]
    server.until_ended(task)
    found = OutlookAnswer.model_validate(server.ask("GET", there.removeprefix("/api/v1")).json())
    with connect(server.url) as service:
        expected = service.outlook("years", BOX, SEASON["season"], against=SEASON["against"])
    plain = expected.to_dict()
    assert [one.model_dump() for one in found.zones] == plain["zones"]
    assert found.words == [str(expected)]
    assert (found.known_to, found.season) == ("2016-01-01", ("2015-11-01", "2016-02-01"))


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"against": False}, 422, "a season is compared with other years"),
        ({"season": "2013/2015"}, 422, "longer than a year"),
        ({"operation": "max"}, 422, "allowed are mean, sum, total"),
        ({"dataset": "yeers"}, 404, "years"),
        ({"forecasts": "rain"}, 422, "forecasts"),
    ],
)
def test_an_outlook_that_cannot_be_is_refused(
    server: Server, changed: dict[str, object], status: int, said: str
) -> None:
    answer = server.ask(
        "POST", "/outlook", json={"dataset": "years", "area": SENT, **SEASON} | changed
    )
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]


def test_an_outlook_of_other_results_is_refused(server: Server) -> None:
    task = server.submit(dataset="years", operation="max", period="2000/2015")["id"]
    server.until_ended(task)
    query = f"task={task}&season=2015-11/2016-01"
    for asked, said in (("2000/2014", "the result has max"), ("default", "first and last year")):
        answer = server.ask("GET", f"/outlook?{query}&against={asked}")
        assert answer.status_code == 422
        assert said in answer.json()["detail"]


def test_an_index_of_several_results_is_computed(server: Server) -> None:
    asked = {"dataset": "years", "period": "2000/2015", "time_step": "monthly"}
    task = server.submit(**asked)["id"]
    server.until_ended(task)
    sent = {"index": "eddi", "of": {"pet": task}, "accumulate": 2, "against": "2000/2014"}
    answer = server.ask("POST", "/index-of", json=sent)
    assert answer.status_code == 200, answer.text
    found = ResultModel.model_validate(answer.json())
    assert found.index is not None
    assert (found.index.index, found.index.accumulate) == ("eddi", 2)
    with connect(server.url) as service:
        here = service.index_of({"pet": task}, "eddi", accumulate=2, against="2000/2014")
    assert found.series[0].value == here.json["series"][0]["value"]

    given = ["index-of", "eddi", "--pet", task, "--accumulate", "2", "--against", "2000/2014"]
    said = call(server, *given)
    assert said.exit_code == 0, said.stderr
    assert said.stdout.strip() == here.in_words()
    assert "November-December 2015" in said.stdout
    assert json.loads(call(server, *given, "--json").stdout)["series"] == here.json["series"]
    assert len(call(server, *given, "--table").stdout.splitlines()) == 1 + 16 * 12

    lacks = server.ask("POST", "/index-of", json={"index": "spei", "of": {"pet": task}})
    assert lacks.status_code == 422
    assert "spei needs precipitation and pet" in lacks.json()["detail"]
    assert "there is no precipitation" in call(server, "index-of", "spei", "--pet", task).stderr
    other = server.ask("POST", "/index-of", json={"index": "spei", "of": {"rain": task}})
    assert other.status_code == 422
