"""Numbers, dates and names of months as the current language writes them.

Digits are Western ones in each language, Arabic too, as in the files that a text stands beside.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from csserv.language.one_language import ENGLISH, Language
from csserv.language.speaking import current_language, tr

#: a number as Python writes it: digits, perhaps in groups, perhaps with a fraction
NUMBER = re.compile(r"(-?)(\d[\d,]*)(\.\d+)?")

#: a date as ISO 8601 writes it
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def few_digits(value: float, digits: int = 3) -> str:
    """Write a number with so many digits, and with all that it has before the point.

    >>> few_digits(1234.5), few_digits(999.7), few_digits(2.345), few_digits(0.0012)
    ('1,234', '1,000', '2.35', '0.0012')
    """
    is_long = 10**digits - 0.5 <= abs(value) < 1e9
    return local_number(f"{value:,.0f}" if is_long else f"{value:.{digits}g}")


def local_number(text: str) -> str:
    """Write a number that Python has written as the current language does; others stay.

    The digits are those that Python has rounded to, so that they are the same in each language.

    >>> from csserv.language import Language, speaking
    >>> with speaking(Language.of("es")):
    ...     local_number("12,345.60"), local_number("0.5"), local_number("1e-05")
    ('12.345,60', '0,5', '1e-05')
    """
    language = current_language()
    found = NUMBER.fullmatch(text)
    if language == ENGLISH or not found:
        return text
    from babel.numbers import format_decimal  # slow to import, and English needs nothing of it

    sign, whole, fraction = found[1], found[2], found[3] or ""
    pattern = ("#,##0" if "," in whole or len(whole) < 4 else "0") + "." * bool(fraction)
    digits = Decimal(whole.replace(",", "") + fraction)
    written = format_decimal(
        digits,
        pattern + "0" * (len(fraction) - 1),
        locale=language.locale,
        decimal_quantization=False,
        numbering_system="latn",
    )
    # else the sign of a negative number would stand behind it
    before = "\u200e" if sign and language.direction == "rtl" else ""
    return f"{before}{sign}{written}"


def month_names(short: bool = False) -> tuple[str, ...]:
    """Return the names of months in the current language, by number from 1; the first is empty.

    >>> month_names()[3], month_names(short=True)[3]
    ('March', 'Mar')
    """
    return _months(current_language(), short)


@lru_cache(maxsize=64)
def _months(language: Language, short: bool) -> tuple[str, ...]:
    if language == ENGLISH:
        return tuple(name[:3] if short else name for name in ENGLISH_MONTHS)
    width, context = ("abbreviated", "format") if short else ("wide", "stand-alone")
    names = language.locale.months[context][width]
    return ("", *(names[number] for number in range(1, 13)))


ENGLISH_MONTHS = (
    *("", "January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


def local_date(text: str) -> str:
    """Write a date of ISO 8601 as the current language does; in English, and of others, as it is.

    >>> from csserv.language import Language, speaking
    >>> with speaking(Language.of("fr")):
    ...     local_date("2021-03-01"), local_date("2021-02-30"), local_date("2021-03-01 06:00")
    ('1 mars 2021', '2021-02-30', '2021-03-01 06:00')
    """
    language = current_language()
    if language == ENGLISH or not DATE.fullmatch(text):
        return text
    from babel.dates import format_date

    try:
        return format_date(date.fromisoformat(text), "long", locale=language.locale)
    except ValueError:  # of a calendar with other months
        return text


def from_to(period: str) -> str:
    """Write first and last day or year, with a slash between them in ISO 8601, in words.

    >>> from_to("2021-03-01/2021-05-31"), from_to("1991/2020"), from_to("2021-03-01")
    ('2021-03-01 to 2021-05-31', '1991 to 2020', '2021-03-01')
    """
    first, between, last = period.partition("/")
    if not between:
        return local_date(period)
    return tr("{first} to {last}", first=local_date(first), last=local_date(last))
