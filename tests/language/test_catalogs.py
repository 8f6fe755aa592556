from __future__ import annotations

import ast
from collections.abc import Iterator
from string import Formatter

import pytest
from babel.messages import Catalog

from csserv.language import known_languages
from scripts.languages import CATALOGS, FOLDERS, KEYWORDS, ROOT, catalog_of_code, read_catalog

CODES = sorted(path.stem for path in CATALOGS.glob("*.po"))


def texts(one: str | tuple[str, ...]) -> tuple[str, ...]:
    return (one,) if isinstance(one, str) else tuple(one)


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.fixture(scope="module")
def said() -> set[tuple[str, ...]]:
    return {texts(one.id) for one in catalog_of_code() if one.id}


@pytest.fixture(scope="module", params=CODES)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return read_catalog(CATALOGS / f"{request.param}.po")


def test_the_languages_of_the_field_are_there():
    assert {"en", "fr", "es", "pt", "ar", "sw"} <= set(known_languages())
    assert known_languages()["ar"].direction == "rtl"


def test_texts_of_code_templates_and_reports_are_found(said: set[tuple[str, ...]]):
    assert {("synthetic data",), ("Step by step",), ("How it was computed",)} <= said
    assert ("{count} zone", "{count} zones") in said


def test_each_text_of_the_code_is_translated_and_none_is_stale(
    catalog: Catalog, said: set[tuple[str, ...]]
):
    known = {texts(one.id) for one in catalog if one.id}
    assert said - known == set(), "run `make languages`, and translate what is new"
    assert known - said == set(), "run `make languages`"
    assert not catalog.obsolete


def test_no_translation_is_empty_or_unsure(catalog: Catalog):
    empty = [one.id for one in catalog if one.id and not all(texts(one.string))]
    assert empty == []
    assert [one.id for one in catalog if one.id and one.fuzzy] == []


def test_plural_forms_are_as_many_as_the_language_has(catalog: Catalog):
    plural = [one for one in catalog if one.id and not isinstance(one.id, str)]
    assert plural
    assert {len(one.string) for one in plural} == {catalog.num_plurals}


def test_names_in_braces_are_those_of_the_text(catalog: Catalog):
    """A form of a count may leave the count itself out: "two zones" is one word in Arabic."""
    for one in catalog:
        if not one.id:
            continue
        wanted, *others = (names(text) for text in texts(one.id))
        allowed = wanted.union(*others)
        for text in texts(one.string):
            found = names(text)
            assert found <= allowed, one.id
            lacking = allowed - found
            assert not lacking or (others and lacking <= {"count", "number", "below"}), one.id


def test_space_at_the_ends_is_kept(catalog: Catalog):
    """Texts that are put together begin and end as they do in English."""
    for one in catalog:
        for text in texts(one.string) if one.id else ():
            first = texts(one.id)[0]
            assert text.endswith(" ") == first.endswith(" "), one.id
            if first[:1] in " ,":
                assert text[:1] in " ,،", one.id


def test_a_catalog_has_a_glossary_at_its_head(catalog: Catalog):
    assert "lossary" in catalog.header_comment


def hidden(tree: ast.AST) -> Iterator[int]:
    """Lines of texts in f-strings, where Babel finds them from Python 3.12 on only."""
    for string in ast.walk(tree):
        if not isinstance(string, ast.JoinedStr):
            continue
        for call in ast.walk(string):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                is_text = call.args and isinstance(call.args[0], ast.Constant)
                if call.func.id in KEYWORDS and is_text:
                    yield call.lineno


def test_no_text_is_hidden_in_an_f_string():
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    found = {
        str(path.relative_to(ROOT)): lines
        for path in files
        if (lines := list(hidden(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert found == {}
    assert list(hidden(ast.parse("f'{tr(\"steps\")}'"))) == [1]
