"""Pages for visitors without access, and the button to log out."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from csserv.language import mark, tr
from csserv.views.parts.escaping import escaped
from csserv.views.parts.theme import page_theme

from .own_files import use_own_files
from .page import DashboardPage

#: setting ``login`` → what a visitor without access can do
ADVICE = {
    "none": mark(
        "This server shows nothing to visitors from other machines. Ask whoever runs it to let "
        "you in: with a login (CSSERV_LOGIN), or by letting anybody look (CSSERV_ANONYMOUS)."
    ),
    "basic": mark("{why}. [Go to the login](sign-in)"),
    "oauth": mark(
        "{why}. [Go to the login](login) (If there is none, start the server with `csserv serve`.)"
    ),
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


def denied_page(login: str, why: str) -> pmui.Page:
    """Return a page that says why a visitor has no access.

    Parameters
    ----------
    login : the setting ``login``: "none", "basic" or "oauth"
    why : why access is denied
    """
    use_own_files()
    text = tr(ADVICE[login], why=f"{why[:1].upper()}{why[1:]}")
    return pmui.Page(
        title="csserv", theme_config=page_theme(), main=[NoticePage(text).view], main_width=700
    )


def log_out_button(name: str) -> pmui.Button:
    """Return a button that shows who is logged in, and logs out."""
    return pmui.Button(
        label=tr("{name}: log out", name=name),
        icon="logout",
        variant="outlined",
        size="small",
        href="sign-out",
        target="_self",
        sx={"color": "#ffffff", "borderColor": "#ffffff80", "whiteSpace": "nowrap"},
        margin=(4, 8),
    )
