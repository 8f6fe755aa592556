"""Countries by codes of two letters, and by the names they have in 300 languages."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from csserv.name_folding import fold_name

#: made by scripts/build_country_names.py: code, ISO 3166 code of two letters, names in English, and
#: all names, folded
TABLE = Path(__file__).parent / "boundaries" / "country_names.tsv.gz"

#: names, folded, that are those of two countries for many people, whatever maps write
AMBIGUOUS = {"congo": ("COG", "COD"), "korea": ("KOR", "PRK"), "virgin islands": ("VGB", "VIR")}

_KINGDOM = "a part of the United Kingdom: write GBR for all of it, or GBR/* for its units"
_GUIANAS = "French Guiana, or Guyana: write FRA/Guyane française, or GUY"

#: names of places that are no countries, though some language calls a country so → what they are
ELSEWHERE = {
    fold_name(name): what
    for names, what in (
        ("England, Angleterre, Inglaterra, Inghilterra, Engeland, Anglia, İngiltere", _KINGDOM),
        ("Англия, إنجلترا, انجلترا, 英格兰, Inglismaa, Englanti", _KINGDOM),
        ("Scotland, Écosse, Escocia, Escócia, Schottland, Scozia, Schotland, اسكتلندا", _KINGDOM),
        ("Wales, Pays de Galles, Gales, País de Gales, Galles, ويلز", _KINGDOM),
        ("Northern Ireland, Irlande du Nord, Irlanda del Norte, Irlanda do Norte", _KINGDOM),
        ("Nordirland, Irlanda del Nord, Noord-Ierland, Ulster", _KINGDOM),
        ("Guyane, French Guiana, French Guyana, Guayana Francesa, Guiana Francesa", _GUIANAS),
        ("Französisch-Guayana, Guyana francese, Frans-Guyana", _GUIANAS),
    )
    for name in names.split(", ")
}

#: names, folded, that many people use for a country of which they are a part
LOOSE = ("holland",)

#: what stands before a name in its official form; no "State of", which Georgia may be, too
FORMS = re.compile(
    r"(the )?"
    r"((\w+ ){0,3}(republic|rep|kingdom|union|commonwealth|principality|sultanate|duchy)( of)? "
    r"|(republica|republique|reino|royaume)( \w+){0,2} (de la|de l|du|des|de|do|da|del|d) )?"
    r"(the )?"
)


def codes_of(text: str) -> tuple[str, ...]:
    """Return the codes of the countries that a text may mean; none where it is no country's name.

    >>> codes_of("Elfenbeinküste"), codes_of("TZ"), codes_of("Tanzania, United Republic of")
    (('CIV',), ('TZA',), ('TZA',))
    """
    twos, names = _names()
    plain = text.strip()
    # only as it is written: Áo is Austria in Vietnamese, and AO Angola
    if len(plain) == 2 and (code := twos.get(plain.upper())):
        return (code,)
    return next(filter(None, (names.get(form, ()) for form in _forms(plain))), ())


def elsewhere(text: str) -> str:
    """Return what a place is that is no country, though some language calls one so; else nothing.

    >>> elsewhere("Kenia"), elsewhere("England")[:28]
    ('', 'a part of the United Kingdom')
    """
    return next(filter(None, (ELSEWHERE.get(form, "") for form in _forms(text.strip()))), "")


def codes_beginning(text: str) -> dict[str, bool]:
    """Return the codes of countries of which a name in any language begins so.

    Returns
    -------
    code → whether the text is all of a name, or the code; these come first

    >>> codes_beginning("Keni"), codes_beginning("كينيا"), codes_beginning("Engl")
    ({'KEN': False}, {'KEN': True}, {})
    """
    found: dict[str, bool] = {}
    if not (folded := fold_name(text)):
        return found
    for name, codes in _names()[1].items():
        if name.startswith(folded) and name not in ELSEWHERE:
            for code in codes:
                found[code] = found.get(code, False) or name == folded
    return dict(sorted(found.items(), key=lambda one: not one[1]))


def is_usual(text: str, code: str) -> bool:
    """Whether a text is a code of a country, or its name in English.

    >>> is_usual("Tanzania, United Republic of", "TZA"), is_usual("Kenia", "KEN")
    (True, False)
    """
    plain = text.strip()
    if len(plain) <= 3 and plain.isascii():
        return True
    return any(code in _usual().get(form, ()) for form in _forms(plain))


def english_names() -> dict[str, str]:
    """Return name → code of each country, with the other names it has in English."""
    return {name: code for code, _, names, _ in _rows() for name in names.split("|")}


def _forms(text: str) -> Iterator[str]:
    """Yield a name as it is, in its usual order, and without its official form; folded."""
    ordered = re.sub(r"^(.+?)(?:, | \()([^()]+)\)?$", r"\2 \1", text)
    for form in dict.fromkeys((fold_name(text), fold_name(ordered))):
        yield form
        if short := FORMS.sub("", form, count=1):
            yield short


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return code of two letters → code, and folded name → codes; read when first needed."""
    twos, names = {}, dict[str, tuple[str, ...]]()
    for code, two, _, folded in _rows():
        twos[two] = code
        for name in folded.split("|"):
            names[name] = (*names.get(name, ()), code)
    return twos, names | AMBIGUOUS


@lru_cache(maxsize=1)
def _usual() -> dict[str, set[str]]:
    """Return folded name in English → codes; read when first needed."""
    usual: dict[str, set[str]] = {}
    for name, code in english_names().items():
        if (folded := fold_name(name)) not in LOOSE:
            usual.setdefault(folded, set()).add(code)
    return usual


def _rows() -> list[list[str]]:
    text = gzip.decompress(TABLE.read_bytes()).decode()
    return [line.split("\t") for line in text.split("\n")]
