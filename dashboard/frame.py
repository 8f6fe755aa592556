"""The frame of all pages: header, drawer with links, and space for the current page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui
from panel.util import edit_readonly

from csserv.language import tr
from csserv.views.parts.colour_scheme import ColourScheme
from csserv.views.parts.theme import page_theme

from .language_menu import LanguageMenu
from .nav_links import NavLinks

ASSETS = Path(__file__).parent / "assets"
LOGO = ASSETS / "logo.svg"

#: what holds the page is no window on it any more
ON_PAPER = {
    "display": "block !important",
    "height": "auto !important",
    "overflow": "visible !important",
    "backgroundColor": "#ffffff !important",
}

#: styles of the header and the main part
STYLE = {
    "& .header": {"background": "linear-gradient(90deg, #0b4f71, #0b6388 60%, #0e7695)"},
    "& .header .MuiTypography-h5, & .header .title": {"fontSize": "1.15rem", "fontWeight": 600},
    # the drawer is for narrow screens; on others the header has the same links
    "& .header button[aria-label$=drawer]": {"display": {"md": "none"}},
    "& .header button": {"color": "#ffffff"},
    "& .main": {"backgroundColor": "background.default"},
    # on paper the page is as long as what is in it, and has no links
    "@media print": ON_PAPER
    | {
        "& .main, & .main > div, & .main-content": ON_PAPER,
        "& .header, & nav, & .main .MuiToolbar-root": {"display": "none"},
    },
}


def frame(
    main: pn.Column,
    scheme: ColourScheme,
    links: Callable[..., NavLinks],
    visitor: str,
    before: str,
) -> pmui.Page:
    """Return the frame.

    Parameters
    ----------
    main : holds the pages
    scheme : the switch between light and dark
    links : makes links to the pages; takes parameters of their look
    visitor : name of the user who is logged in; empty without a login
    before : HTML that is shown until the scripts are there
    """
    drawer = links(
        label=tr("Pages in the drawer"), vertical=True, sizing_mode="stretch_width", margin=(8, 0)
    )
    page = _page(
        [_header(links, visitor), scheme],
        main,
        1500,
        dark_theme=scheme.dark,
        sidebar=[drawer],
        sidebar_open=False,
        sidebar_variant="temporary",
        sidebar_width=240,
        sidebar_resizable=False,
    )
    page.before = before
    return page


def bare_page(main: pn.Column, scheme: ColourScheme) -> pmui.Page:
    """Return a page without links to others, for visitors who may see none."""
    menu = pmui.Row(LanguageMenu(margin=(4, 8), align="center"), align="end", margin=0)
    page = _page([menu, scheme], main, 700, dark_theme=scheme.dark)
    page.link(scheme, dark_theme="dark", bidirectional=True)
    return page


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


def _page(header: list[Any], main: pn.Column, width: int, **more: Any) -> Page:
    """Return a page in our look.

    Parameters
    ----------
    width : of the main part, at most [pixels]
    """
    page = Page(
        title="csserv",
        template=ASSETS / "page.html",
        logo=LOGO,
        favicon=LOGO,
        theme_config=page_theme(),
        header=header,
        busy_indicator="linear",
        main=[main],
        main_width=width,
        sx=STYLE,
        meta_description=tr("Ask archives of gridded climate data on a map."),
        **more,
    )
    with edit_readonly(page):
        # Panel sets it while the process does anything for anybody, and each change searches all
        # models of a page: 27 ms, some times a second, in every session
        page.busy = False
    return page


class Page(pmui.Page):
    """A page of panel-material-ui that gives its template what our own has in it.

    That is the address of the library's scripts, the script that watches the connection, and what
    is shown before the scripts are there.
    """

    before = ""

    def _populate_template_variables(self, template_variables: dict[str, Any]) -> None:
        super()._populate_template_variables(template_variables)
        template_variables["scripts"] = self._render_esm(server=True)
        template_variables["alive"] = (ASSETS / "alive.js").read_text(encoding="utf-8")
        template_variables["printing"] = (ASSETS / "print.js").read_text(encoding="utf-8")
        template_variables["shell"] = self.before
        template_variables["shell_css"] = (ASSETS / "shell.css").read_text(encoding="utf-8")


def _header(links: Callable[..., NavLinks], visitor: str) -> pn.viewable.Viewable:
    own = [log_out_button(visitor)] if visitor else []
    return pmui.Row(
        links(label=tr("Pages"), sizing_mode="stretch_width", margin=0),
        LanguageMenu(margin=(4, 8), align="center"),
        *own,
        sizing_mode="stretch_width",
        margin=0,
        sx={"alignItems": "center"},
    )
