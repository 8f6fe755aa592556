"""A comparison with what is normal is the same in each face: here, on a server, in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from click.testing import CliRunner, Result

from csserv import Area, RemoteService, Service
from csserv.cli import main
from csserv.errors import InvalidRequestError
from csserv.opening import connect
from csserv.request import Options
from tests.http.conftest import BOX as SENT
from tests.http.conftest import Server

BOX = Area.from_box(*SENT["box"])
WORDS = ["--box", "22", "-2", "26", "2", "--period", "2015-01/2015-03"]

#: what January, February and March of 2015 are, and the mean of each of 2000 to 2014; see conftest
ASKED = {"against": "2000/2014", "own_year": "out"}


@pytest.fixture(params=["local", "remote"])
def service(server: Server, request: pytest.FixtureRequest) -> Iterator[Service | RemoteService]:
    where = server.settings if request.param == "local" else server.url
    with connect(where) as service:
        yield service


def call(server: Server, *words: str) -> Result:
    own = server.settings
    known = {"HOME": own.home, "DATA": own.data, "CATALOG": own.catalog}
    return CliRunner(env={f"CSSERV_{k}": str(v) for k, v in known.items()}).invoke(main, words)


def normals() -> np.ndarray:
    """The mean of each month, January to March, of 2000 to 2014."""
    months = np.arange("2000-01", "2015-01", dtype="M8[M]").astype("M8[D]")
    values = (months - np.datetime64("2019-01-01")).astype(int) + 7000.0
    return values.reshape(15, 12).mean(axis=0)[:3]


def test_a_comparison_is_answered(service: Service | RemoteService) -> None:
    task = service.submit("years", "mean", BOX, "2015-01/2015-03", **ASKED)
    assert task.request.options == ASKED
    found = service.result(task)
    (series,) = found.json["series"]
    np.testing.assert_allclose(series["against"]["normal"], normals(), rtol=1e-12)
    assert series["against"]["percentile_rank"] == [100.0] * 3
    assert found.to_dataframe()["tercile"].tolist() == ["above"] * 3
    assert found.json["against"]["reference"] == "2000/2014"


def test_an_estimate_names_the_reference(server: Server, service: Service | RemoteService) -> None:
    found = service.estimate("years", "mean", BOX, "2015-01/2015-03", Options(against="1991/2020"))
    assert (found.against, found.reference_years) == ("1991/2020", 16)
    assert (found.steps, found.steps_read) == (3, 48)
    asked = {"dataset": "years", "operation": "mean", "area": SENT, "period": "2015"}
    plain = server.ask("POST", "/estimate", json=asked).json()
    assert "against" not in plain  # older clients do not know it
    compared = server.ask("POST", "/estimate", json=asked | {"against": "default"}).json()
    assert (compared["against"], compared["reference_years"]) == ("2000/2015", 16)


def test_what_cannot_be_compared_is_refused_alike(service: Service | RemoteService) -> None:
    for wrong, said in (
        ({"against": "2001/2005"}, "which is 5 years"),
        ({"against": "1991"}, "1991"),
        ({"against": "1950/1980"}, "which has none of the steps asked for"),
        ({"own_year": "out"}, "says something with against alone"),
    ):
        with pytest.raises(InvalidRequestError, match=said):
            service.submit("years", "mean", BOX, "2015", **wrong)


def test_a_terminal_says_the_last_step_and_prints_the_table(server: Server) -> None:
    asked = ["submit", "years", "mean", *WORDS, "--against", "2000/2014", "--own-year", "out"]
    ended = call(server, *asked, "--wait")
    assert ended.exit_code == 0, ended.stderr
    task = ended.stdout.strip()
    assert re.search(r"March 2015: 5,598 mm, .* of normal .*2000-2014", ended.stderr)
    assert "of normal" in call(server, "watch", task).stderr

    table = call(server, "result", task, "--table").stdout.splitlines()
    assert table[0].split("\t") == [
        *("zone", "time", "value [mm]", "valid_percent", "normal", "anomaly"),
        *("percent_of_normal", "percentile_rank", "tercile"),
    ]
    values = [row.split("\t") for row in table[1:]]
    np.testing.assert_allclose([float(row[4]) for row in values], normals(), rtol=1e-5)
    assert {(row[7], row[8]) for row in values} == {("100", "above")}
    assert call(server, "result", task, "--table", "--words").exit_code == 2


def test_a_terminal_says_what_would_be_read(server: Server) -> None:
    said = call(server, "estimate", "years", "mean", *WORDS, "--against", "1991/2020").stdout
    assert re.search(r"against +1991 to 2020, 16 years of these have data", said)
    assert "against" not in call(server, "estimate", "years", "mean", *WORDS).stdout


def test_a_table_without_a_reference_has_values_alone(server: Server) -> None:
    ended = call(server, "submit", "ensemble", "mean,max", *WORDS[:-1], "2019-01-01", "--wait")
    if ended.exit_code:  # members must be chosen
        more = ["--select", "member=*", "--wait"]
        ended = call(server, "submit", "ensemble", "mean,max", *WORDS[:-1], "2019-01-01", *more)
    assert ended.exit_code == 0, ended.stderr
    assert "normal" not in ended.stderr
    table = call(server, "result", ended.stdout.strip(), "--table").stdout.splitlines()
    columns = table[0].split("\t")
    assert columns[:3] == ["zone", "member", "time"]
    assert [name.partition(" ")[0] for name in columns[3:]] == ["mean", "max", "valid_percent"]
    assert len({row.split("\t")[1] for row in table[1:]}) == len(table) - 1
