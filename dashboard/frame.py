"""The frame around all pages: header, drawer, and the paper they are drawn on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui
from panel.util import edit_readonly

from csserv.views.parts.colour_scheme import ColourScheme
from csserv.views.parts.theme import page_theme
from dashboard.closed import log_out_button
from dashboard.ways import Ways

ASSETS = Path(__file__).parent / "assets"
LOGO = ASSETS / "logo.svg"

#: of the header, and of what it holds
STYLE = {
    "& .header": {"background": "linear-gradient(90deg, #0b4f71, #0b6388 60%, #0e7695)"},
    "& .header .MuiTypography-h5, & .header .title": {"fontSize": "1.15rem", "fontWeight": 600},
    # the drawer is for narrow screens; on others the header has the same ways
    "& .header button[aria-label$=drawer]": {"display": {"md": "none"}},
    "& .header button": {"color": "#ffffff"},
    "& .main": {"backgroundColor": "background.default"},
}


def frame(
    main: pn.Column, scheme: ColourScheme, ways: Callable[..., Ways], visitor: str
) -> pmui.Page:
    """Make the frame.

    Parameters
    ----------
    main : where pages come
    ways : makes the links to the pages, with a look
    visitor : who may log out; nobody without a login
    """
    drawer = ways(upright=True, sizing_mode="stretch_width", margin=(8, 0))
    page = Page(
        title="csserv",
        template=ASSETS / "page.html",
        logo=LOGO,
        favicon=LOGO,
        theme_config=page_theme(),
        dark_theme=scheme.dark,
        header=[_header(ways(sizing_mode="stretch_width", margin=0), visitor), scheme],
        sidebar=[drawer],
        sidebar_open=False,
        sidebar_variant="temporary",
        sidebar_width=240,
        sidebar_resizable=False,
        busy_indicator="linear",
        main=[main],
        main_width=1500,
        sx=STYLE,
        meta_description="Ask archives of gridded climate data on a map.",
    )
    with edit_readonly(page):
        # it follows what the whole process does, for whomever, and each change of it searches
        # all models of a page: 27 ms, some times a second, in every session
        page.busy = False
    return page


class Page(pmui.Page):
    """The library's page, which tells its template where the scripts of the library are."""

    def _populate_template_variables(self, template_variables: dict[str, Any]) -> None:
        super()._populate_template_variables(template_variables)
        template_variables["scripts"] = self._render_esm(server=True)


def _header(ways: Ways, visitor: str) -> pn.viewable.Viewable:
    if not visitor:
        return ways
    return pmui.Row(
        ways,
        log_out_button(visitor),
        sizing_mode="stretch_width",
        margin=0,
        sx={"alignItems": "center"},
    )
