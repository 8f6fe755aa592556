"""Words by which fields name administrative levels, in languages and countries files come from."""

from __future__ import annotations

import re

from csserv.name_folding import fold_name

#: word, without accents → administrative level that it mostly is
LEVELS = {
    **dict.fromkeys(("country", "admin0", "pays", "pais"), 0),
    **dict.fromkeys(("region", "province", "state", "governorate", "wilaya", "provincia"), 1),
    **dict.fromkeys(("estado", "departamento", "oblast"), 1),
    **dict.fromkeys(("county", "district", "zone", "departement", "prefecture", "cercle"), 2),
    **dict.fromkeys(("municipality", "municipio", "zila", "raion", "regency", "distrito"), 2),
    **dict.fromkeys(("lga", "territoire", "kabupaten", "delegation"), 2),
    **dict.fromkeys(("subcounty", "commune", "woreda", "arrondissement", "constituency"), 3),
    **dict.fromkeys(("subdistrict", "subdist", "sector", "secteur", "locality", "localite"), 3),
    **dict.fromkeys(("subprefecture", "localidad", "kecamatan", "payam", "parroquia"), 3),
    **dict.fromkeys(("ward", "kebele", "sublocation", "upazila", "tehsil", "parish", "gvh"), 4),
    **dict.fromkeys(("bairro", "barrio", "quartier", "barangay", "kelurahan", "cellule"), 4),
    "union": 5,
}

#: languages of a name, the likeliest to be wanted first; others follow, and OCHA's "ref" is last
LANGUAGES = ("", "name", "en", "fr", "pt", "es", "ar")

#: length that shapefiles cut the names of fields to, and the shortest word that is known when cut
CUT, LEAST = 10, 6

#: forms of a name's field, with its level and language
_OF_LEVEL = (
    re.compile(r"name_(?P<level>\d)()"),
    re.compile(r"adm(?:in)?_?(?P<level>\d)_?(?:name)?_?(?P<language>[a-z]{2})?"),
    re.compile(r"adm(?:in)?_?(?P<level>\d)_(?P<language>name|ref)"),
)

#: what stands behind the word of a level: "name", whole or cut
_BEHIND = re.compile(r"_(n|na|nam|name|nom|en|)$|name$")

#: subdivisions that are written in two words
_TWO_WORDS = re.compile(r"\b(sub|sous)[\s_-]+(?=\w{4})")


def level_and_language(plain: str) -> tuple[int, int] | None:
    """Return level and language of a field of administrative names; None where it is none.

    Parameters
    ----------
    plain : name of the field, in small letters

    >>> [level_and_language(field) for field in ("adm2_fr", "district_n", "people")]
    [(2, 3), (2, 7), None]
    """
    for form in _OF_LEVEL:
        if match := form.fullmatch(plain):
            return int(match["level"]), rank_of_language(match.groupdict().get("language") or "")
    joined = _TWO_WORDS.sub("sub", _BEHIND.sub("", plain))
    words = re.split(r"[\s_:.-]+", joined)
    if len(words) != 1 or "code" in plain:
        return None
    level = _level(fold_name(words[0]), is_cut=len(plain) == CUT)
    return None if level is None else (level, len(LANGUAGES))


def rank_of_language(code: str) -> int:
    """Return how likely names in a language are wanted, the least first."""
    if code == "ref":
        return 100
    return LANGUAGES.index(code) if code in LANGUAGES else len(LANGUAGES)


def _level(word: str, is_cut: bool) -> int | None:
    known = next((one for one in (word, word.removesuffix("s")) if one in LEVELS), None)
    if known is None and is_cut and len(word) >= LEAST:
        known = next((one for one in LEVELS if one.startswith(word)), None)
    return LEVELS[known] if known else None
