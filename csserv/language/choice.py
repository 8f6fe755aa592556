"""Which language somebody is answered in: by the address, a choice kept, the browser, or here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from csserv.language.catalogs_read import known_languages
from csserv.language.one_language import ENGLISH, Language

#: parameter of addresses, and cookie that keeps a choice
PARAMETER, COOKIE = "lang", "csserv_lang"

#: longest header that is looked at [characters], so that nobody has it read for long
LONGEST = 500


def chosen_language(address: str, kept: str, accepted: str, default: str = "en") -> Language:
    """Return the language that is asked for first of all that there are.

    Parameters
    ----------
    address : the code in the address
    kept : the code that the browser keeps
    accepted : the header ``Accept-Language``
    default : the code that the settings name

    >>> chosen_language("", "", "xx, fr-CA;q=0.8, ar;q=0.9").code
    'ar'
    >>> chosen_language("sw", "fr", "ar").code, chosen_language("xx", "fr", "ar").code
    ('sw', 'fr')
    >>> chosen_language("", "", "de", "es").code, chosen_language("", "", "*").code
    ('es', 'en')
    """
    asked = (address, kept, *_by_weight(accepted), default)
    return next((found for one in asked if (found := asked_language(one))), ENGLISH)


def asked_language(code: str) -> Language | None:
    """Return the language of a code, or that of which it is a variety; None if there is none.

    >>> asked_language("FR-ca"), asked_language("tlh")
    (Language(code='fr', name='Français', direction='ltr'), None)
    """
    if code == ENGLISH.code:
        return ENGLISH
    known = {one.lower(): language for one, language in known_languages().items()}
    parts = code.strip().lower().replace("_", "-").split("-")
    tries = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((known[one] for one in tries if one in known), None)


def _by_weight(accepted: str) -> Iterator[str]:
    """Yield the codes of a header, what is wanted most first; what is wrong in it counts as 0."""
    rows = []
    for part in accepted[:LONGEST].split(","):
        code, _, rest = part.partition(";")
        found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", rest)
        weight = (float(found[1]) if found else 0.0) if rest else 1.0
        if weight > 0:
            rows.append((-weight, code))
    yield from (code for _, code in sorted(rows, key=lambda row: row[0]))
