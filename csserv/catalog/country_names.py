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


def _rows() -> list[list[str]]:
    text = gzip.decompress(TABLE.read_bytes()).decode()
    return [line.split("\t") for line in text.split("\n")]
