"""Notes and receipts of results are said in the reader's language, with their facts."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import csserv
from csserv.language import Language, said_again, said_area, speaking
from csserv.language.said_again import TEMPLATES, TEXTS
from csserv.notes import Note


@cache
def written() -> str:
    """All texts in the code, but those of the templates themselves."""
    folder = Path(csserv.__file__).parent
    files = (one for one in folder.rglob("*.py") if one.name != "said_again.py")
    trees = (ast.parse(one.read_text()) for one in files)
    nodes = (node for tree in trees for node in ast.walk(tree))
    texts = (node.value for node in nodes if isinstance(node, ast.Constant))
    return "\n".join(text for text in texts if isinstance(text, str))


def is_written(piece: str) -> bool:
    """Whether the code has a piece of a text; its first and last words may be put in."""
    inner = " ".join(piece.split()[1:-1])
    return piece.strip() in written() or (len(inner) > 5 and inner in written())


@pytest.mark.parametrize("text", [*TEMPLATES, *TEXTS])
def test_each_text_is_one_that_the_code_writes(text: str):
    pieces = sorted(re.split(r"\{\w+\}", text.rpartition(": ")[2]), key=len)
    assert any(map(is_written, pieces[-2:])), f"no code says {pieces[-1]!r}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "asked to 2022-01-31, data to 2021-12-31",
            "demandé jusqu'au 31 janvier 2022, données jusqu'au 31 décembre 2021",
        ),
        (
            "synthetic data, not observations: made from random numbers",
            "données synthétiques, pas des observations : faites de nombres aléatoires",
        ),
        (
            "Kenya is here by its 8 provinces of before 2013 (47 counties since): "
            "for others, add a layer of your own (csserv layers add)",
            "Kenya : découpage d'avant 2013, 8 provinces (47 comtés depuis) ; "
            "pour d'autres, ajoutez votre propre couche (csserv layers add)",
        ),
        (
            "SPI-3 has no value of January 2008, February 2008 in 2 of 8 series: "
            "one of the 3 steps that are added up has none",
            "SPI-3 n'a pas de valeur pour janvier 2008, février 2008 dans 2 séries sur 8 : "
            "l'un des 3 pas de temps additionnés n'en a pas",
        ),
        ("a text that nobody knows: 5", "a text that nobody knows: 5"),
        ("west of Nyala, and some more", "west of Nyala, and some more"),
    ],
)
def test_a_text_keeps_its_facts(text: str, said: str):
    assert said_again(text) == text
    with speaking(Language.of("fr")):
        assert said_again(text) == said
        assert str(Note("other", text, "a.nc")) == f"a.nc: {said}"
    assert str(Note("other", text)) == text


def test_braces_in_a_fact_are_no_names():
    with speaking(Language.of("es")):
        assert said_again("zones are of {0}: {a}") == "las zonas son de {0}: {a}"


def test_titles_of_areas_are_said_and_names_stay():
    assert said_area("Kenya, each unit") == "Kenya, each unit"
    with speaking(Language.of("fr")):
        assert said_area("Kenya, each unit") == "Kenya, chaque unité"
        assert said_area("box 36 -2 38 0") == "cadre 36 -2 38 0"
        assert said_area("Kitui") == "Kitui"
