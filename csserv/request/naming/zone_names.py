"""Which fields of a file hold names of zones, and which their ids: one rule for all formats.

Known are the fields of GADM (``NAME_2``, ``GID_2``), OCHA's common operational datasets
(``ADM2_EN``, ``adm2_name``, ``ADM2_PCODE``), geoBoundaries (``shapeName``, ``shapeID``), Natural
Earth (``name_en``, ``iso_3166_2``), and words such as ``COUNTY`` or ``nom``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from csserv.errors import InvalidAreaError, nearest
from csserv.request.naming.field_texts import (
    CODES,
    Fields,
    are_ids,
    are_names,
    differs,
    holds_texts,
    name_themselves,
    share_there,
    texts_of,
)
from csserv.request.naming.level_words import level_and_language, rank_of_language
from csserv.request.naming.telling_names import are_markup, are_numbers, tell
from csserv.request.plain_text import one_line

#: words that mean a name, in languages that files are written in
PLAIN = ("name", "nam", "nom", "nombre", "nome", "naam", "jina", "isim", "اسم", "الاسم", "ስም")

#: words that mean a name where there is none of those
OTHERS = ("shapename", "title", "label", "station", "site", "village", "town", "city")

#: places of a table that has their districts, too
_PLACE = re.compile(r"(station|site)([ _]?name)?")

#: most fields that a note lists, and an error
FEW, MANY = 8, 20

#: fields of ids, the likeliest first; "#" stands for the level of the names
IDS = (
    *("adm#_pcode", "adm#_pcod", "admin#pcode", "admin#pcod", "admin#_pcode", "pcode", "gid_#"),
    *("shapeid", "iso_3166_2", "hasc_#", "adm#_code", "id", "code"),
)


@dataclass(frozen=True)
class Labels:
    """Names and ids of zones, and the fields they come from; empty where these are none.

    Attributes
    ----------
    names : of each zone, empty where it has none
    ids : of each zone, each once; empty where there is no field of such
    doubt : why names may be meant to be of another field, in words; empty where they are not
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    name_field: str
    id_field: str
    doubt: str = ""


def label_zones(fields: Fields, name_field: str = "", id_field: str = "") -> Labels:
    """Choose the fields of names and of ids.

    Of administrative names, those of the deepest level count that differ from zone to zone; a name
    that all zones share is of what they are parts of, and gives way to another text of their own.

    Parameters
    ----------
    name_field, id_field : fields to take, in any case; empty for the likeliest

    Raises
    ------
    InvalidAreaError : there is no such field, or ids that are asked for occur twice or are lacking
    """
    fields = {field: values for field, values in fields.items() if field.strip()}
    asked = _asked(fields, name_field)
    names = asked or _name_field(fields)
    level = _level_of(names)
    ids = _asked(fields, id_field) or _id_field(fields, level, names)
    found = texts_of(fields.get(ids, ()))
    if id_field:
        _check_ids(found, ids)
    doubt = "" if asked or not names else _doubt(fields, names)
    return Labels(texts_of(fields.get(names, ())), found, names, ids, doubt)


def _asked(fields: Fields, wanted: str) -> str:
    if not wanted or wanted in fields:
        return wanted
    same = [field for field in fields if field.casefold() == wanted.casefold()]
    if len(same) != 1:
        near = nearest(wanted, list(fields))
        meant = f"did you mean {near[0]}? " if near and len(fields) > MANY else ""
        some = f"{', '.join(list(fields)[:MANY])}{', …' if len(fields) > MANY else ''}"
        there = f"{meant}there are {some}" if fields else "there are none at all"
        raise InvalidAreaError(f"there is no field {wanted!r}; {there}")
    return same[0]


def _name_field(fields: Fields) -> str:
    """Return the field that names the zones; empty for none."""
    fields = {
        field: values
        for field, values in fields.items()
        if field.casefold().strip() in PLAIN or not are_markup(texts_of(values))
    }
    there = _likely(fields)
    if different := [one for one in there if differs(fields[one])]:
        return _own_name(fields, different)
    if there:
        return next(name_themselves(fields), there[0])
    others = [field for field in fields if holds_texts(fields[field]) and differs(fields[field])]
    if len(others) > 1:  # numbers, too, are texts in a table
        others = [field for field in others if not are_numbers(texts_of(fields[field]))]
    return others[0] if len(others) == 1 else ""  # of several, such as colours, none is a guess


def _likely(fields: Fields) -> list[str]:
    """Return the fields that are called as names are, and mostly there, the likeliest first."""
    ranked = sorted(
        (*rank, -len(set(texts_of(fields[field]))), number, field)
        for number, field in enumerate(fields)
        if (rank := _rank(field)) is not None
    )
    return [field for *_, field in ranked if share_there(fields[field]) >= 0.5]


def _doubt(fields: Fields, names: str) -> str:
    """Say why the names may be meant to be of another field than the one that is taken."""
    likely = _likely(fields)
    count = len(fields[names])
    if count < 2 or not likely or any(differs(fields[one]) for one in likely):
        return ""
    others = [one for one in fields if one != names and holds_texts(fields[one])]
    others = [one_line(one) for one in others if differs(fields[one])]
    some = f"{', '.join(others[:FEW])}{', …' if len(others) > FEW else ''}"
    are = f"; other fields that differ: {some} (name_field)" if others else ""
    if names not in likely:
        return f"all zones have the same {likely[0]}, so that {one_line(names)} names them{are}"
    if len(set(texts_of(fields[names]))) > 1:  # some have none, and get a number
        return ""
    return f"all {count:,} zones have the same name, that of {one_line(names)}{are}"


def _own_name(fields: Fields, ranked: Sequence[str]) -> str:
    """Return the likeliest name; or, where zones share it, another that each has for its own.

    Such as the station in a table that has its district, too; or a district, where the field of
    wards has but few. Names of the same administrative level in other languages, and codes, are no
    such names.
    """
    if are_ids(texts_of(fields[ranked[0]])):
        telling = (one for one in ranked if tell(texts_of(fields[one])))
        return next(telling, ranked[0]) if are_numbers(texts_of(fields[ranked[0]])) else ranked[0]
    level = _level_of(ranked[0])
    for field in dict.fromkeys((*ranked, *(one for one in fields if holds_texts(fields[one])))):
        own = _level_of(field)
        if CODES.search(field.casefold()) or (own is not None and own == level):
            continue
        texts = texts_of(fields[field])
        if are_ids(texts) if own is not None else are_names(texts):
            return field
    return ranked[0]


def _rank(field: str) -> tuple[int, int, int] | None:
    """Return how likely a field is the name of a zone, the least first; None where it is not."""
    plain = field.casefold().strip()
    if plain in PLAIN:
        return 0, 0, PLAIN.index(plain)
    if _PLACE.fullmatch(plain):
        return 0, 0, len(PLAIN)
    found = level_and_language(plain)
    if found is not None:
        return 1, -found[0], found[1]
    if plain in OTHERS:
        return 2, 0, OTHERS.index(plain)
    if match := re.fullmatch(r"name?[_:](\w+)", plain):
        return 3, 0, rank_of_language(match[1])
    if re.search(r"_na?me?$|^name|name$|^nom_|_nom$|nombre|^nome?_", plain):
        return 4, 0, 0
    return None


def _level_of(field: str) -> int | None:
    found = level_and_language(field.casefold())
    return found[0] if found else None


def _id_field(fields: Fields, level: int | None, names: str) -> str:
    """Return the field of ids: each zone has one, and no other has the same; empty for none.

    Of administrative levels, the deepest counts, from that of the names on: a district that is not
    divided may have no name of a lower level, and yet be listed as one of its own.
    """
    levels = r"\d" if level is None else f"[{level}-9]"
    for form in IDS:
        wanted = re.compile(form.replace("#", levels))
        found = [field for field in fields if wanted.fullmatch(field.casefold())]
        for field in sorted(found, key=str.casefold, reverse=True):
            if field != names and are_ids(texts_of(fields[field])):
                return field
    return ""


def _check_ids(texts: Sequence[str], field: str) -> None:
    if lacking := texts.count(""):
        raise InvalidAreaError(f"{lacking:,} zones have no {field}, which is to be their id")
    if twice := next((text for text, count in Counter(texts).items() if count > 1), ""):
        raise InvalidAreaError(f"two zones have the {field} {twice!r}, which is to be their id")
