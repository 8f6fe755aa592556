"""Pages for visitors without access: why, and where to go."""

from __future__ import annotations

import html

import panel as pn
import panel_material_ui as pmui

from csserv.http.pages.login import CLOSED_TEXT
from csserv.language import mark, tr
from csserv.views.parts.assets import style
from csserv.views.parts.colour_scheme import ColourScheme
from csserv.views.parts.escaping import escaped

from .frame import bare_page
from .own_files import use_own_files
from .page import DashboardPage

#: setting ``login`` → links for a visitor without access: label and address
LINKS = {
    "none": (),
    "basic": ((mark("Log in"), "sign-in"),),
    "oauth": ((mark("Log in"), "login"), (mark("Log out"), "sign-out")),
}


class NoticePage(DashboardPage):
    """Shows a text in place of a page that the visitor may not see."""

    def __init__(self, text: str) -> None:
        self.view = pn.Column(
            pmui.Alert(
                object=escaped(text), severity="info", sizing_mode="stretch_width", margin=16
            ),
            sizing_mode="stretch_width",
            margin=0,
        )


def denied_page(login: str, why: str, scheme: ColourScheme) -> pmui.Page:
    """Return a page that says why a visitor has no access.

    Parameters
    ----------
    login : the setting ``login``: "none", "basic" or "oauth"
    why : why access is denied
    """
    use_own_files()
    text = tr(CLOSED_TEXT) if login == "none" else f"{why[:1].upper()}{why[1:]}."
    view = NoticePage(text).view
    links = " · ".join(
        f'<a href="{address}">{html.escape(tr(label))}</a>' for label, address in LINKS[login]
    )
    if links:
        view.append(pn.pane.HTML(links, stylesheets=style("parts/base"), margin=(0, 24)))
    return bare_page(view, scheme)
