"""Colours and fonts of pages, maps and charts, for the light and the dark scheme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from csserv.language import current_language, mark, tr

#: said where no place has the letters that are typed
NO_PLACE = mark("Three letters or more. Not in our list: draw it, upload it, or add a layer.")


@dataclass(frozen=True)
class Colours:
    """The colours of maps and charts in one colour scheme."""

    background: str
    text: str
    grid: str  #: grid lines
    sea: str
    land: str
    water: str  #: rivers, and the shores of lakes
    border: str
    accent: str  #: chosen zones and marks
    extent: str  #: where a dataset has data
    missing: str  #: zones without data
    band: str  #: what is normal, behind a series
    lines: tuple[str, ...]  #: lines of series; distinct for colour-blind readers, too


#: lines have contrast 3 on their background, and lie 18 apart in CIE Lab, also as those see them
#: who lack one kind of cones; those of Okabe and Ito, once so dark, lie 3 apart
LIGHT = Colours(
    background="#ffffff",
    text="#1d2733",
    grid="#dde3e8",
    sea="#d4e4ef",
    land="#f6f3ec",
    water="#9dbfd6",
    border="#8f9ba3",
    accent="#0b5cad",
    extent="#c25e00",
    missing="#b9c0c6",
    band="#4d5b66",
    lines=("#0b6e99", "#c25d00", "#6c9d76", "#89206f", "#a5904c", "#544bb2", "#b2261d", "#5d5c59"),
)
DARK = Colours(
    background="#17212b",
    text="#e4eaf0",
    grid="#31404d",
    sea="#101a24",
    land="#263440",
    water="#3f6079",
    border="#66788a",
    accent="#5cc0f5",
    extent="#ffa94d",
    missing="#55636f",
    band="#b4c0ca",
    lines=("#4fb3d9", "#fcb06a", "#60e9b6", "#c46ea1", "#d7c436", "#92a3ff", "#f08880", "#b6c3cd"),
)


def colours(dark: bool) -> Colours:
    """Return the colours of the light or the dark scheme."""
    return DARK if dark else LIGHT


#: Material writes these distances for pages that run from left to right
RIGHT_TO_LEFT: dict[str, Any] = {
    "MuiChip": {
        "styleOverrides": {
            "icon": {"marginLeft": -6, "marginRight": 5},
            "deleteIcon": {"marginLeft": 5, "marginRight": -6},
        }
    },
    "MuiButton": {
        "styleOverrides": {
            "startIcon": {"marginLeft": 8, "marginRight": -4},
            "endIcon": {"marginLeft": -4, "marginRight": 8},
        }
    },
}


def page_theme() -> dict[str, Any]:
    """Return the theme of pages for panel-material-ui: "light" and "dark"."""
    common: dict[str, Any] = {
        "shape": {"borderRadius": 8},
        "typography": {
            "fontFamily": "Roboto, sans-serif",
            "button": {"textTransform": "none", "fontWeight": 600},
        },
        "components": {
            # in the dark scheme Material lightens raised paper, and charts would stand out of it
            "MuiPaper": {"styleOverrides": {"root": {"backgroundImage": "none"}}},
            # no space in alerts for a title that they do not have, nor around paragraphs
            "MuiAlertTitle": {"styleOverrides": {"root": {"&:empty": {"display": "none"}}}},
            "MuiAlert": {"styleOverrides": {"message": {"& p": {"margin": 0}}}},
            # the only list that is searched is that of places
            "MuiAutocomplete": {"defaultProps": {"noOptionsText": tr(NO_PLACE)}},
            # the rank of a heading is not its size: one h1, then h2; no empty ones
            "MuiTypography": {
                "defaultProps": {"variantMapping": {"h3": "h1", "h5": "div", "h6": "h2"}}
            },
        },
    }
    if current_language().direction == "rtl":
        common["components"] |= RIGHT_TO_LEFT
    palettes = {
        "light": {
            "primary": {"main": "#0b6388"},
            "secondary": {"main": "#b35600"},
            "background": {"default": "#f2f5f7", "paper": LIGHT.background},
        },
        "dark": {
            "primary": {"main": "#4fb3d9"},
            "secondary": {"main": "#f5a04c"},
            "background": {"default": "#0f1720", "paper": DARK.background},
            "error": {"main": "#ff7b72"},
            "action": {"active": DARK.text},
            # of the buttons in pickers; Panel's own is dark on dark
            "default": {
                "main": "#9e9e9e",
                "light": "#eeeeee",
                "dark": DARK.text,
                "contrastText": "#ffffff",
            },
        },
    }
    return {
        name: {
            **common,
            "components": common["components"] | _icons(ink),
            "palette": palettes[name],
        }
        for name, ink in (("light", LIGHT.text), ("dark", DARK.text))
    }


def _icons(text: str) -> dict[str, Any]:
    # icon buttons would take the colour of bokeh's text, dark on dark
    return {"MuiIconButton": {"styleOverrides": {"root": {"color": text}}}}
