"""The language of a visitor's pages: found when a session begins, chosen by a menu."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import panel as pn
import param
from panel.custom import JSComponent

from csserv.language import (
    COOKIE,
    PARAMETER,
    VARIABLE,
    browser_texts,
    chosen_language,
    current_language,
    known_languages,
    tr,
)

HERE = Path(__file__).parent


class LanguageMenu(JSComponent):
    """A choice of the languages that there are, each in its own words."""

    rows = param.List(doc="code and name of each language")
    current = param.String(doc="code of the language that the page is in")
    label = param.String(doc="what the menu is called, for who cannot see it")
    cookie = param.String(default=COOKIE)
    parameter = param.String(default=PARAMETER)

    _esm = HERE / "language_menu.js"
    _stylesheets: ClassVar[list[Path]] = [HERE / "language_menu.css"]

    def __init__(self, **params: Any) -> None:
        super().__init__(
            rows=[[code, one.name] for code, one in known_languages().items()],
            current=current_language().code,
            label=tr("Language"),
            **params,
        )


def settle_language(default: str) -> None:
    """Find the language of the visitor whose session begins, before anything is said.

    Parameters
    ----------
    default : code of the language of the settings
    """
    values = pn.state.session_args.get(PARAMETER) or [b""]
    language = chosen_language(
        values[-1].decode(errors="replace"),
        pn.state.cookies.get(COOKIE, ""),
        pn.state.headers.get("Accept-Language", ""),
        default,
    )
    if pn.state.curdoc:
        variables = pn.state.curdoc.template_variables
        variables |= {VARIABLE: language.code, "direction": language.direction}
        variables["said_in_browser"] = browser_texts(language)
