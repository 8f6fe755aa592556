"""Tables to look through: found by name, searched, drawn, completed."""

from __future__ import annotations

import pytest
from IPython.core.completer import IPCompleter

from csserv import Service
from csserv.errors import InvalidRequestError, UnknownLayerError
from csserv.table import SHOWN, Table

ROWS = (
    {"id": "KEN", "name": "Kenya", "iso": "KEN"},
    {"id": "CO-1", "name": "Congo", "iso": "COD"},
    {"id": "CO-2", "name": "Congo", "iso": "COG"},
)
TABLE = Table(ROWS, ("id", "name"))


def test_rows_are_found_by_key_and_by_names_of_their_own():
    assert TABLE["KEN"] == TABLE["Kenya"] == ROWS[0]
    assert list(TABLE) == ["KEN", "CO-1", "CO-2"]
    assert "Kenya" in TABLE
    with pytest.raises(InvalidRequestError, match="'Congo' is ambiguous: CO-1, CO-2"):
        TABLE["Congo"]
    with pytest.raises(InvalidRequestError, match="no 'Kenia' among these 3; did you mean Kenya"):
        TABLE["Kenia"]


def test_search_keeps_what_holds_the_text():
    assert list(TABLE("COG")) == ["CO-2"]
    assert list(TABLE("con")) == ["CO-1", "CO-2"]
    assert len(TABLE("nothing")) == 0
    assert "id" in repr(TABLE("nothing"))


def test_names_are_completed_in_brackets_and_behind_a_dot():
    assert TABLE._ipython_key_completions_() == [
        "KEN",
        "CO-1",
        "CO-2",
        "Kenya",
        "Congo",
        "Congo",
    ]
    assert {"KEN", "Kenya"} <= set(dir(TABLE))
    assert "CO-1" not in dir(TABLE)
    assert TABLE.Kenya == ROWS[0]
    with pytest.raises(AttributeError, match="no 'Kenia'"):
        _ = TABLE.Kenia


def test_text_and_html_show_every_cell_and_escape_it():
    table = Table(({"name": "<b>", "units": None},), ("name",))
    assert ">&lt;b&gt;</td><td style='text-align:left'></td>" in table._repr_html_()
    assert repr(TABLE).splitlines()[1] == "KEN   Kenya  KEN"
    assert TABLE.to_dataframe()["iso"].tolist() == ["KEN", "COD", "COG"]


def test_long_tables_say_how_many_more_there_are():
    table = Table(tuple({"id": str(i)} for i in range(SHOWN + 5)), ("id",))
    assert repr(table).endswith('and 5 more; search: table("text")')
    assert "and 5 more" in table._repr_html_()


def test_datasets_and_layers_are_tables(service: Service):
    row = service.datasets["rain"]
    assert (row["from"], row["to"], row["files"]) == ("2019-01-01", "2019-02-28", 2)
    assert service.datasets.rain == row
    assert "chirps" in service.datasets("rainfall")
    assert service.layers("country")["Kenya"]["id"] == "KEN"
    assert len(service.layers("admin_1_earth", "KEN")) > 5
    assert list(service.layers()) == list(service.layers)
    assert service.layers._ipython_key_completions_() == ["country", "admin_1_earth"]
    with pytest.raises(UnknownLayerError, match="country"):
        service.layers("contry")


def test_broken_dataset_does_not_hide_the_others(service: Service):
    for path in (service.settings.data / "rain").iterdir():
        path.write_bytes(b"no data")
    row = service.datasets["rain"]
    assert "cannot read" in row["from"]
    assert service.datasets["chirps"]["files"] == 0


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ('datasets["chi', 'datasets["chirps'),
        ("datasets.chirps_g", ".chirps_gefs"),
        ('countries["Keny', 'countries["Kenya'),
        ('layers["cou', 'layers["country'),
    ],
)
def test_ipython_completes_names(service: Service, typed: str, offered: str):
    known = {
        "datasets": service.datasets,
        "layers": service.layers,
        "countries": service.layers("country"),
    }
    completer = IPCompleter(shell=None, namespace=known, global_namespace={}, use_jedi=False)
    assert offered in completer.complete(typed)[1]
