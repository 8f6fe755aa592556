"""What zones are parts of, as their file has it: a district's province, and its country."""

from __future__ import annotations

from csserv.request.naming.field_texts import Fields, share_there, texts_of
from csserv.request.naming.level_words import level_and_language

#: fields of whole countries that no level is in the name of, as Natural Earth has them
COUNTRIES = ("admin", "shapegroup")

#: the names of what a zone is part of, from the largest down
Parents = tuple[str, ...]


def find_parents(fields: Fields, name_field: str, count: int) -> list[Parents]:
    """Return what each zone is part of; empty where the file does not say it.

    Parameters
    ----------
    name_field : field of the names of zones, empty for none
    count : of zones
    """
    columns = [texts_of(fields[field]) for field in parent_fields(fields, name_field)]
    return [tuple(column[i] for column in columns if column[i]) for i in range(count)]


def parent_fields(fields: Fields, name_field: str) -> list[str]:
    """Return the fields of higher levels than the names, one a level, the highest first."""
    own = _rank(name_field)
    best: dict[int, tuple[int, int, str]] = {}
    for number, field in enumerate(fields):
        rank = _rank(field)
        if rank is None or field == name_field or share_there(fields[field]) < 0.5:
            continue
        if rank[0] >= own[0] if own else _names_zones(fields, field, name_field):
            continue
        best[rank[0]] = min(best.get(rank[0], (rank[1], number, field)), (rank[1], number, field))
    return [best[level][2] for level in sorted(best)]


def _rank(field: str) -> tuple[int, int] | None:
    plain = field.casefold().strip()
    return (0, 0) if plain in COUNTRIES else level_and_language(plain)


def _names_zones(fields: Fields, field: str, name_field: str) -> bool:
    """Whether a field is of the zones themselves: other names, or the same."""
    found = texts_of(fields[field])
    return len(set(found)) == len(found) > 1 or found == texts_of(fields.get(name_field, ()))
