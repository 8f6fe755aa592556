"""Languages: texts of pages and reports by gettext catalogs, numbers and months by locale."""

from __future__ import annotations

from csserv.language.catalogs_read import browser_texts, known_languages
from csserv.language.choice import COOKIE, PARAMETER, asked_language, chosen_language
from csserv.language.date_patterns import DatePatterns, date_patterns
from csserv.language.local_numbers import (
    few_digits,
    from_to,
    local_date,
    local_number,
    month_names,
)
from csserv.language.one_language import ENGLISH, Language
from csserv.language.said_again import said_again, said_area
from csserv.language.speaking import (
    END,
    ISOLATE,
    VARIABLE,
    apart,
    current_language,
    listed,
    mark,
    mark_count,
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
    "VARIABLE",
    "DatePatterns",
    "Language",
    "apart",
    "asked_language",
    "browser_texts",
    "chosen_language",
    "current_language",
    "date_patterns",
    "few_digits",
    "from_to",
    "known_languages",
    "listed",
    "local_date",
    "local_number",
    "mark",
    "mark_count",
    "month_names",
    "said_again",
    "said_area",
    "speaking",
    "tr",
    "trn",
]
