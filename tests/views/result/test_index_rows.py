"""The table of an index has its classes in words, and the steps where libraries disagree."""

from __future__ import annotations

from typing import Any

from csserv.climatology.indices import INDICES
from csserv.language import Language, known_languages, speaking, tr
from csserv.views.result.index_rows import index_rows
from csserv.views.result.number_table import number_table

LABELS = ["January", "February", "March"]


def plain(**more: Any) -> dict[str, Any]:
    flip = {
        **{"start": "2013-02-01", "ours": -1.2, "our_class": "moderately dry"},
        **{"theirs": None, "their_class": "none", "reason": "xclim's fit gives no number"},
    }
    other = {"library": "xclim", "version": "0.58", "flips": [flip | {"series": 1}]}
    one = {
        "time": ["2013-01-01", "2013-02-01", "2013-03-01"],
        "value": [-0.001, -1.2, None],
        "index_of": [120.4, 3.0, None],
    }
    said = {"index": "spi", "accumulate": 3, "of": {"units": "mm"}, "second_opinion": other}
    return {"units": "1", "index": said | more, "series": [one, one]}


def test_each_value_has_its_class():
    found = index_rows(plain(), 0, LABELS.__getitem__)
    assert found.titles == ("Step", "SPI-3", "Class", "Step's value [mm]")
    assert found.rows == (
        ("March", "none", "none", "no data"),
        ("February", "-1.20", "moderately dry", "3.0"),
        ("January", "0.00", "near normal", "120.4"),
    )


def test_flips_are_those_of_the_zone():
    found = index_rows(plain(), 0, LABELS.__getitem__)
    assert found.flips == ()
    assert found.opinion == "xclim 0.58 puts each of the 3 steps into the same class."
    found = index_rows(plain(), 1, LABELS.__getitem__)
    assert found.opinion == "1 step has another class by xclim 0.58, of 3:"
    assert found.flips == (
        ("February", "-1.20", "moderately dry", "none", "none", "xclim's fit gives no number"),
    )
    assert found.flip_titles[3] == "xclim"


def test_without_classes_and_a_second_library_there_are_none():
    found = index_rows(plain(index="deciles", second_opinion=None), 0, LABELS.__getitem__)
    assert found.titles == ("Step", "deciles-3", "Step's value [mm]")
    assert (found.opinion, found.flips) == ("", ())


def test_titles_classes_and_numbers_are_in_the_language_of_the_page():
    with speaking(Language.of("fr")):
        found = index_rows(plain(), 1, LABELS.__getitem__)
    assert found.titles == ("Pas de temps", "SPI-3", "Classe", "Valeur du pas de temps [mm]")
    assert found.rows[1] == ("February", "-1,20", "modérément sec", "3,0")
    assert found.opinion == "1 pas de temps a une autre classe selon xclim 0.58, sur 3 :"
    assert found.flip_titles[:3] == ("Pas de temps", "Ici", "Classe")


def test_options_of_indices_are_said_in_each_language():
    """What a field is called comes from a table: none of it may be left out of the catalogs."""
    means = {kind.means for row in INDICES.values() for kind in row.parameters.values()}
    for language in [one for one in known_languages().values() if one.code != "en"]:
        with speaking(language):
            assert [text for text in means if tr(text) == text] == []


def test_names_are_written_as_they_are():
    assert "&lt;b&gt;" in number_table(["a", "b"], [("<b>", "2")], "<c>")
    assert "<b>" not in number_table(["a", "b"], [("<b>", "2")], "<c>")


def test_whole_numbers_of_an_index_have_no_fraction():
    one = {"time": ["2013-01-01", "2014-01-01"], "value": [6.0, 12.0], "index_of": [20.25, None]}
    said = {"index": "cdd", "of": {"units": "mm"}}
    rows = index_rows({"units": "d", "index": said, "series": [one]}, 0, LABELS.__getitem__).rows
    assert rows == (("February", "12", "no data"), ("January", "6", "20.25"))
