"""Which fields of a file hold names of zones, and which their ids: one rule for all formats.

Known are the fields of GADM (``NAME_2``, ``GID_2``), OCHA's common operational datasets
(``ADM2_EN``, ``adm2_name``, ``ADM2_PCODE``), geoBoundaries (``shapeName``, ``shapeID``), Natural
Earth (``name_en``, ``iso_3166_2``), and words such as ``COUNTY`` or ``nom``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from csserv.errors import InvalidAreaError, nearest
from csserv.request.plain_text import name_of, one_line
from csserv.request.telling_names import are_markup, are_numbers, tell

#: field → its value of each zone
Fields = Mapping[str, Sequence[object]]

#: words that mean a name, in languages that files are written in
PLAIN = ("name", "nam", "nom", "nombre", "nome", "naam", "jina", "isim", "اسم", "الاسم", "ስም")

#: words that mean a name where there is none of those
OTHERS = ("shapename", "title", "label", "station", "site", "village", "town", "city")

#: word → administrative level that it mostly is
LEVELS = {
    **dict.fromkeys(("country", "admin0", "pays", "pais"), 0),
    **dict.fromkeys(("region", "province", "state", "governorate", "wilaya", "provincia"), 1),
    **dict.fromkeys(("county", "district", "zone", "departement", "prefecture", "cercle"), 2),
    **dict.fromkeys(("municipality", "municipio", "zila", "raion", "regency", "distrito"), 2),
    **dict.fromkeys(("subcounty", "commune", "woreda", "arrondissement", "constituency"), 3),
    **dict.fromkeys(("ward", "kebele", "sublocation", "upazila", "tehsil"), 4),
}

#: languages of a name, the likeliest to be wanted first; others follow, and OCHA's "ref" is last
LANGUAGES = ("", "name", "en", "fr", "pt", "es", "ar")

#: fields of codes, and of other names of what has one
_CODES = re.compile(
    r"code|hasc|iso|\bg?id|id\b|_id|pcod|ref\b|type|\bcc_|fips|date|valid|url|sour|licen|var|alt|nl_"
)

#: forms of a name's field, with its level and language
_OF_LEVEL = (
    re.compile(r"name_(?P<level>\d)()"),
    re.compile(r"adm(?:in)?_?(?P<level>\d)_?(?:name)?_?(?P<language>[a-z]{2})?"),
    re.compile(r"adm(?:in)?_?(?P<level>\d)_(?P<language>name|ref)"),
)

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
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    name_field: str
    id_field: str


def label_zones(fields: Fields, name_field: str = "", id_field: str = "") -> Labels:
    """Choose the fields of names and of ids.

    Of administrative names, those of the deepest level count that differ from zone to zone; a name
    that all zones share is of what they are parts of.

    Parameters
    ----------
    name_field, id_field : fields to take, in any case; empty for the likeliest

    Raises
    ------
    InvalidAreaError : there is no such field, or ids that are asked for occur twice or are lacking
    """
    fields = {field: values for field, values in fields.items() if field.strip()}
    names = _asked(fields, name_field) or _name_field(fields)
    level = _level_of(names)
    ids = _asked(fields, id_field) or _id_field(fields, level, names)
    found = texts_of(fields.get(ids, ()))
    if id_field:
        _check_ids(found, ids)
    return Labels(texts_of(fields.get(names, ())), found, names, ids)


def _asked(fields: Fields, wanted: str) -> str:
    if not wanted or wanted in fields:
        return wanted
    same = [field for field in fields if field.casefold() == wanted.casefold()]
    if len(same) != 1:
        known = nearest(wanted, list(fields)) or list(fields)
        there = f"there are {', '.join(known[:20])}" if known else "there are none at all"
        raise InvalidAreaError(f"there is no field {wanted!r}; {there}")
    return same[0]


def _name_field(fields: Fields) -> str:
    """Return the field that names the zones; empty for none."""
    fields = {field: values for field, values in fields.items() if not are_markup(texts_of(values))}
    ranked = sorted(
        (*rank, -len(set(texts_of(fields[field]))), number, field)
        for number, field in enumerate(fields)
        if (rank := _rank(field)) is not None
    )
    there = [field for *_, field in ranked if share_there(fields[field]) >= 0.5]
    if there:
        return _own_name(fields, [one for one in there if _differs(fields[one])] or there)
    others = [field for field in fields if _is_text(fields[field]) and _differs(fields[field])]
    if len(others) > 1:  # numbers, too, are texts in a table
        others = [field for field in others if not are_numbers(texts_of(fields[field]))]
    return others[0] if len(others) == 1 else ""  # of several, such as colours, none is a guess


def _own_name(fields: Fields, ranked: Sequence[str]) -> str:
    """Return the likeliest name; or, where zones share it, another that each has for its own.

    Such as the station in a table that has its district, too. Names of the same administrative
    level in other languages, and codes, are no such names.
    """
    if _are_ids(first := texts_of(fields[ranked[0]])):
        telling = (one for one in ranked if are_numbers(first) and tell(texts_of(fields[one])))
        return next(telling, ranked[0])
    own = [field for field in ranked if level_and_language(field.casefold()) is None]
    own += [field for field in fields if field not in ranked and _is_text(fields[field])]
    found = [
        field
        for field in dict.fromkeys(own)
        if not _CODES.search(field.casefold()) and _are_names(texts_of(fields[field]))
    ]
    return found[0] if found else ranked[0]


def _are_names(texts: Sequence[str]) -> bool:
    """Whether each zone has a text of its own, most of them without a digit."""
    return _are_ids(texts) and sum(any(map(str.isdigit, one)) for one in texts) < len(texts) / 2


def _rank(field: str) -> tuple[int, int, int] | None:
    """Return how likely a field is the name of a zone, the least first; None where it is not."""
    plain = field.casefold().strip()
    if plain in PLAIN:
        return 0, 0, PLAIN.index(plain)
    found = level_and_language(plain)
    if found is not None:
        return 1, -found[0], found[1]
    if plain in OTHERS:
        return 2, 0, OTHERS.index(plain)
    if match := re.fullmatch(r"name?[_:](\w+)", plain):
        return 3, 0, _language(match[1])
    if re.search(r"_na?me?$|^name|name$|^nom_|_nom$|nombre|^nome?_", plain):
        return 4, 0, 0
    return None


def level_and_language(plain: str) -> tuple[int, int] | None:
    """Return level and language of a field of administrative names; None where it is none."""
    for form in _OF_LEVEL:
        if match := form.fullmatch(plain):
            return int(match["level"]), _language(match.groupdict().get("language") or "")
    words = re.split(r"[\s_:.-]+", re.sub(r"_(na?me?|nom|en)$|name$", "", plain))
    levels = [LEVELS[word.removesuffix("s")] for word in words if word.removesuffix("s") in LEVELS]
    is_name = len(words) == 1 and "code" not in plain
    return (levels[0], len(LANGUAGES)) if levels and is_name else None


def _level_of(field: str) -> int | None:
    found = level_and_language(field.casefold())
    return found[0] if found else None


def _language(code: str) -> int:
    if code == "ref":
        return 100
    return LANGUAGES.index(code) if code in LANGUAGES else len(LANGUAGES)


def _id_field(fields: Fields, level: int | None, names: str) -> str:
    """Return the field of ids: each zone has one, and no other has the same; empty for none."""
    known = {field.casefold(): field for field in fields}
    for form in IDS:
        wanted = form.replace("#", r"\d" if level is None else str(level))
        for plain, field in sorted(known.items(), reverse=True):
            if field != names and re.fullmatch(wanted, plain) and _are_ids(texts_of(fields[field])):
                return field
    return ""


def _are_ids(texts: Sequence[str]) -> bool:
    return all(texts) and len(set(texts)) == len(texts)


def _check_ids(texts: Sequence[str], field: str) -> None:
    if lacking := texts.count(""):
        raise InvalidAreaError(f"{lacking:,} zones have no {field}, which is to be their id")
    if twice := next((text for text, count in Counter(texts).items() if count > 1), ""):
        raise InvalidAreaError(f"two zones have the {field} {twice!r}, which is to be their id")


def texts_of(values: Sequence[object]) -> tuple[str, ...]:
    """Return values as names or ids; empty for what is neither text nor number."""
    return tuple(one_line(one) if type(one) is str else _text(one) for one in values)


def _text(value: object) -> str:
    """Return a value as a text; numbers without a fraction as whole ones, nothing for NaN."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        value = int(value) if value.is_integer() else value
    return name_of(value)


def share_there(values: Sequence[object]) -> float:
    """Return the share of values that are there [1]."""
    return sum(map(bool, texts_of(values))) / max(1, len(values))


def _differs(values: Sequence[object]) -> bool:
    return len(values) < 2 or len(set(texts_of(values)) - {""}) > 1


def _is_text(values: Sequence[object]) -> bool:
    return any(isinstance(value, str) and value for value in values)
