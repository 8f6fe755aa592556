"""What is seen by those who may not see a page, or nothing at all."""

from __future__ import annotations

import panel_material_ui as pmui

from csserv.tasks.task import Task
from csserv.views.hub import News
from csserv.views.theme import page_theme

#: setting login → what to do about not being let in
WORDS = {
    "none": "This server shows nothing to visitors from other machines. Ask whoever runs it to let "
    "you in: with a login (CSSERV_LOGIN), or by letting anybody look (CSSERV_ANONYMOUS).",
    "basic": "[Log in](sign-in) to see this page.",
    "oauth": "[Log in](login) to see this page. If that page is not there, the server was started "
    "without it: start it with `csserv serve`.",
}


class NotePage:
    """Stands where a page is that the visitor may not see."""

    def __init__(self, text: str) -> None:
        self.view = pmui.Column(
            pmui.Alert(object=text, severity="info", sizing_mode="stretch_width", margin=16),
            sizing_mode="stretch_width",
            margin=0,
        )

    def hear(self, news: News) -> None:
        """Take no notice."""

    async def show(self, task_id: str) -> None:
        """Show nothing more."""

    async def fill(self, task: Task) -> None:
        """Nothing is filled in here."""


def closed_page(login: str, why: str) -> pmui.Page:
    """Make a whole page that says that there is nothing to be seen.

    Parameters
    ----------
    login : how one logs in here
    why : why the visitor is not let in
    """
    text = WORDS[login] if login == "none" else f"{WORDS[login]} ({why[:1].upper()}{why[1:]}.)"
    return pmui.Page(
        title="csserv", theme_config=page_theme(), main=[NotePage(text).view], main_width=700
    )
