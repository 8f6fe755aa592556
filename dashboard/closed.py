"""What is seen at the door: notes for those who may not see a page, and the way out."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from csserv.views.parts.escaping import plain
from csserv.views.parts.theme import page_theme
from dashboard.page import DashboardPage

#: setting login → what to do about not being let in
WORDS = {
    "none": "This server shows nothing to visitors from other machines. Ask whoever runs it to let "
    "you in: with a login (CSSERV_LOGIN), or by letting anybody look (CSSERV_ANONYMOUS).",
    "basic": "{why}. [Go to the login](sign-in)",
    "oauth": "{why}. [Go to the login](login) (If there is none, start the server with "
    "`csserv serve`.)",
}


class NotePage(DashboardPage):
    """Stands where a page is that the visitor may not see."""

    def __init__(self, text: str) -> None:
        self.view = pn.Column(
            pmui.Alert(object=plain(text), severity="info", sizing_mode="stretch_width", margin=16),
            sizing_mode="stretch_width",
            margin=0,
        )


def closed_page(login: str, why: str) -> pmui.Page:
    """Make a whole page that says that there is nothing to be seen.

    Parameters
    ----------
    login : how one logs in here
    why : why the visitor is not let in
    """
    text = WORDS[login].format(why=f"{why[:1].upper()}{why[1:]}")
    return pmui.Page(
        title="csserv", theme_config=page_theme(), main=[NotePage(text).view], main_width=700
    )


def log_out_button(name: str) -> pmui.Button:
    """Say who is logged in, with the way out."""
    return pmui.Button(
        label=f"{name}: log out",
        icon="logout",
        variant="outlined",
        size="small",
        href="sign-out",
        target="_self",
        sx={"color": "#ffffff", "borderColor": "#ffffff80", "whiteSpace": "nowrap"},
        margin=(4, 8),
    )
