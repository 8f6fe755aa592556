"""What an index is, is said in each language, and is what its definition says."""

from __future__ import annotations

import pytest

from csserv.climatology.indices import INDICES
from csserv.language import Language, speaking
from csserv.views.request.index_meanings import DEFINITIONS, index_meaning


@pytest.mark.parametrize("index", INDICES)
def test_each_definition_is_in_the_catalogs(index: str):
    definition = INDICES[index].definition.replace("``", "").partition(". Source: ")[0]
    assert definition in DEFINITIONS
    for code in ("ar", "es", "fr", "pt", "sw"):
        with speaking(Language.of(code)):
            assert definition not in index_meaning(index)


def test_definition_source_steps_and_library_are_said():
    with speaking(Language.of("fr")):
        said = index_meaning("rain_days")
    assert said == (
        "Jours à wet_day ou plus. Source : xclim.indices.wetdays. "
        "Pas de temps : par jour ; calculé par xclim."
    )
