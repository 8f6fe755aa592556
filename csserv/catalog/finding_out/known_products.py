"""What the built-in catalog says of a product, which stays when its files are other ones."""

from __future__ import annotations

from collections.abc import Iterable

from csserv.catalog.row_fields import Row

#: what is true of a product whatever its files are called
KEPT = (
    *("title", "number", "old_name", "description", "over_time", "region", "source"),
    *("licence", "citation"),
)


def kept_of_product(known: Row) -> Row:
    """Return what stays of the row of a product."""
    return {name: known[name] for name in KEPT if name in known}


def variable_of_product(known: Row, there: Iterable[str]) -> str | list[str]:
    """Return the names of its variable, where files have one of them; else nothing."""
    given = known.get("variable", "")
    names = given if isinstance(given, list) else [given]
    return given if set(names) & set(there) else ""
