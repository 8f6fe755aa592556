"""Colours and type of everything that is shown, in light and in dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Colours:
    """The colours of maps and charts on one kind of paper."""

    paper: str
    ink: str
    faint: str  #: of grid lines
    sea: str
    land: str
    border: str
    mark: str  #: of what is chosen
    extent: str  #: of where a dataset has data
    missing: str  #: of a zone without data
    lines: tuple[str, ...]  #: of series, told apart also by those who see few colours


#: after Okabe and Ito, darkened and lightened until each has contrast 3 on its paper
LIGHT = Colours(
    paper="#ffffff",
    ink="#1d2733",
    faint="#dde3e8",
    sea="#d4e4ef",
    land="#f6f3ec",
    border="#8f9ba3",
    mark="#0b5cad",
    extent="#c25e00",
    missing="#b9c0c6",
    lines=("#0b6e99", "#c25e00", "#00795a", "#a83a7a", "#7a6a00", "#4b4bb3", "#b3261e", "#4d5b66"),
)
DARK = Colours(
    paper="#17212b",
    ink="#e4eaf0",
    faint="#31404d",
    sea="#101a24",
    land="#263440",
    border="#66788a",
    mark="#5cc0f5",
    extent="#ffa94d",
    missing="#55636f",
    lines=("#4fb3d9", "#f5a04c", "#3cc79b", "#e389bd", "#d8c645", "#a5a5f5", "#f28b82", "#b4c0ca"),
)


def colours(dark: bool) -> Colours:
    """Choose the colours of the paper."""
    return DARK if dark else LIGHT


def page_theme() -> dict[str, Any]:
    """Say to panel-material-ui how a page looks, in light and in dark."""
    common: dict[str, Any] = {
        "shape": {"borderRadius": 8},
        "typography": {
            "fontFamily": "Roboto, sans-serif",
            "button": {"textTransform": "none", "fontWeight": 600},
        },
        "components": {
            # in the dark, Material lightens raised paper: charts would stand out of it
            "MuiPaper": {"styleOverrides": {"root": {"backgroundImage": "none"}}},
            # an alert stands beside its icon: no room for a title that it has not, nor around lines
            "MuiAlertTitle": {"styleOverrides": {"root": {"&:empty": {"display": "none"}}}},
            "MuiAlert": {"styleOverrides": {"message": {"& p": {"margin": 0}}}},
            # the size of a heading is one thing, its rank another: one h1, then h2; no empty ones
            "MuiTypography": {
                "defaultProps": {"variantMapping": {"h3": "h1", "h5": "div", "h6": "h2"}}
            },
        },
    }
    palettes = {
        "light": {
            "primary": {"main": "#0b6388"},
            "secondary": {"main": "#b35600"},
            "background": {"default": "#f2f5f7", "paper": LIGHT.paper},
        },
        "dark": {
            "primary": {"main": "#4fb3d9"},
            "secondary": {"main": "#f5a04c"},
            "background": {"default": "#0f1720", "paper": DARK.paper},
            "error": {"main": "#ff7b72"},
            "action": {"active": DARK.ink},
            # of the buttons in pickers; Panel's own is dark on dark
            "default": {
                "main": "#9e9e9e",
                "light": "#eeeeee",
                "dark": DARK.ink,
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
        for name, ink in (("light", LIGHT.ink), ("dark", DARK.ink))
    }


def _icons(ink: str) -> dict[str, Any]:
    # of themselves, buttons that are an icon take the colour of bokeh's text, dark on dark
    return {"MuiIconButton": {"styleOverrides": {"root": {"color": ink}}}}
