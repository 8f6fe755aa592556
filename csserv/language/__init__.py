"""Languages: texts of pages and reports by gettext catalogs, numbers and months by locale."""

from __future__ import annotations

from csserv.language.catalogs_read import known_languages
from csserv.language.choice import COOKIE, PARAMETER, asked_language, chosen_language
from csserv.language.local_numbers import from_to, local_date, local_number, month_names
from csserv.language.one_language import ENGLISH, Language
from csserv.language.speaking import (
    END,
    ISOLATE,
    current_language,
    listed,
    mark,
    speaking,
    tr,
    trn,
)

__all__ = [
    "COOKIE",
    "END",
    "ENGLISH",
    "ISOLATE",
    "PARAMETER",
    "Language",
    "asked_language",
    "chosen_language",
    "current_language",
    "from_to",
    "known_languages",
    "listed",
    "local_date",
    "local_number",
    "mark",
    "month_names",
    "speaking",
    "tr",
    "trn",
]
