"""The catalogs of translations: one ``.po`` file a language, read where it is first spoken."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from csserv.language.one_language import ENGLISH, Language

if TYPE_CHECKING:
    from babel.messages import Catalog
    from babel.support import NullTranslations

FOLDER = Path(__file__).parent / "catalogs"


@lru_cache(maxsize=1)
def known_languages() -> dict[str, Language]:
    """Return code → language of all that there is a catalog of, English first."""
    codes = sorted(path.stem for path in FOLDER.glob("*.po"))
    return {ENGLISH.code: ENGLISH} | {code: Language.of(code) for code in codes}


@lru_cache(maxsize=64)
def translations(language: Language) -> NullTranslations:
    """Return the texts of a language other than English, whose texts are in the code.

    A catalog is read as it is written: nothing has to be compiled first, nor can be out of date.
    """
    from babel.messages.mofile import write_mo  # slow to import, and English needs nothing of it
    from babel.support import NullTranslations, Translations

    catalog = _catalog(language)
    if catalog is None:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=64)
def browser_texts(language: Language) -> Mapping[str, str]:
    """Return text → translation of those that scripts in the browser say; none for English."""
    return {
        str(one.id): str(one.string)
        for one in _catalog(language) or ()
        if one.id and any(name.endswith(".js") for name, _ in one.locations)
    }


def _catalog(language: Language) -> Catalog | None:
    path = FOLDER / f"{language.code}.po"
    if language == ENGLISH or not path.is_file():
        return None
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=language.locale)
