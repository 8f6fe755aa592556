"""The form offers the indices that a dataset can be of, and asks with their options."""

from __future__ import annotations

from typing import Any

import pytest

from csserv.climatology.indices import INDICES
from csserv.errors import InvalidRequestError
from csserv.request import Options
from csserv.views.request.index_fields import IndexFields


@pytest.fixture
def changes() -> list[Any]:
    return []


@pytest.fixture
def fields(changes: list[Any]) -> IndexFields:
    return IndexFields(changes.append)


def offered(fields: IndexFields) -> list[str]:
    return [value for _, value in fields.index.rows if value]


def test_units_of_the_data_say_what_is_offered(fields: IndexFields):
    fields.offer_for("degC")
    assert offered(fields) == ["eddi", "heat_days"]
    fields.offer_for("mm/day")
    assert {"spi", "cdd", "onset"} <= set(offered(fields))
    assert not {"spei", "vci", "heat_days"} & set(offered(fields))
    fields.index.choose("spi")
    fields.offer_for("mm")
    assert fields.asked() == {"index": "spi", "index_options": {}}
    fields.offer_for("K")
    assert fields.asked() == {}


@pytest.mark.parametrize("name", [name for name, row in INDICES.items() if row.parameters])
def test_each_option_has_its_meaning_and_its_default(fields: IndexFields, name: str):
    fields.index.choose(name)
    for one, kind in INDICES[name].parameters.items():
        assert fields.options[one].label == f"{one}: {kind.means}"
    assert fields.asked()["index_options"] == {}
    assert fields.about.visible


def test_options_are_asked_for_and_filled_in_again(fields: IndexFields, changes: list[Any]):
    fields.index.choose("onset")
    fields.options["spell_rain"].value = "25"
    fields.options["definition"].value = "icpac"
    assert len(changes) == 2
    asked = fields.asked()
    assert asked == {
        "index": "onset",
        "index_options": {"spell_rain": 25.0, "definition": "icpac"},
    }
    again = IndexFields(changes.append)
    again.fill_in(Options.of(**asked))
    assert again.asked() == asked
    fields.options["spell_days"].value = "many"
    with pytest.raises(InvalidRequestError, match="a whole number from 1 to 30"):
        fields.asked()


def test_a_second_library_is_offered_where_it_has_the_index(fields: IndexFields):
    fields.index.choose("spi")
    fields.options["compare"].value = "xclim"
    assert fields.asked()["index_options"] == {"compare": "xclim"}
    fields.index.choose("deciles")
    assert "compare" not in fields.options


def test_indices_of_other_time_steps_are_named_and_not_offered(fields: IndexFields) -> None:
    fields.offer_for("mm", "daily")
    fields.index.choose("cdd")
    fields.offer_for(step="monthly")
    assert fields.asked() == {}
    assert offered(fields) == ["spi", "pnp", "deciles"]
    assert "cdd" in fields.about.object
    assert "(of daily steps)" in fields.about.object
    fields.offer_for(step="weekly")
    assert offered(fields) == []
    assert "spi, pnp, deciles (of monthly, dekad, pentad, daily steps)" in fields.about.object
    fields.offer_for(step="daily")
    assert "cdd" in offered(fields)
    assert "With another" not in fields.about.object
