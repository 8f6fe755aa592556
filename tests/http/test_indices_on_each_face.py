"""An index is listed, answered and explained alike: here, on a server, in a terminal."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from csserv import Area
from csserv.cli import main
from csserv.climatology.indices import INDICES
from csserv.http.native.answer_models import IndexModel
from csserv.http.native.result_models import ResultModel
from csserv.opening import connect
from tests.http.conftest import BOX as SENT
from tests.http.conftest import Server

BOX = Area.from_box(*SENT["box"])


def call(server: Server, *words: str) -> Result:
    own = server.settings
    known = {"HOME": own.home, "DATA": own.data, "CATALOG": own.catalog}
    return CliRunner(env={f"CSSERV_{k}": str(v) for k, v in known.items()}).invoke(main, words)


def test_indices_are_listed(server: Server) -> None:
    rows = server.ask("GET", "/indices").json()
    assert [IndexModel.model_validate(row).name for row in rows] == list(INDICES)
    assert json.loads(call(server, "indices", "--json").stdout) == rows
    spi = {row["name"]: row for row in rows}["spi"]
    assert spi["parameters"][0] == {
        "name": "distribution",
        "default": "gamma",
        "allowed": "gamma, pearson",
        "means": "distribution that is fitted to each step of the year",
    }
    assert "McKee" in call(server, "indices", "spi").stdout
    assert "did you mean spi" in call(server, "indices", "spx").stderr


def test_a_number_of_an_index_is_explained(server: Server) -> None:
    with connect(server.url) as service:
        task = service.submit("years", "mean", BOX, "2015-01/2015-03", index="spi", accumulate=2)
        found = ResultModel.model_validate(service.result(task).json)
    assert found.index is not None
    assert (found.index.index, found.index.reference) == ("spi", "2000/2015")
    (series,) = found.series
    assert series.fit is not None
    assert len(series.fit["alpha"]) == 12
    assert series.index_of is not None
    said = call(server, "explain", task.id, "2015-02")
    assert said.exit_code == 0, said.stderr
    assert "SPI-2" in said.stdout
    assert said.stdout.count("-02-01") == 1 + 16
    plain = json.loads(call(server, "explain", task.id, "2015-02", "--json").stdout)
    assert plain["value"] == series.value[1]
    assert sum(row["used"] for row in plain["series"]) == 16


def test_a_number_is_explained_by_its_cells(server: Server) -> None:
    with connect(server.url) as service:
        task = service.submit("years", "mean", BOX, "2015-01/2015-03")
        service.wait(task)
    said = call(server, "explain", task.id, "2015-02")
    assert said.stdout.startswith("mean of ")
    plain = json.loads(call(server, "explain", task.id, "2015-02", "--json").stdout)
    assert sum(one["contribution"] for one in plain["cells"]) == pytest.approx(
        plain["value"], rel=1e-12
    )
    assert "is no step of the result" in call(server, "explain", task.id, "1999-01").stderr
