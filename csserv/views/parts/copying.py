"""A button that copies a text, or the address of the page."""

from __future__ import annotations

from typing import Any

import panel_material_ui as pmui

from csserv.language import tr
from csserv.views.parts.assets import script

CODE = script("parts/copying")


def copy_button(label: str, text: str = "", **look: Any) -> pmui.Button:
    """Return a button that copies a text, or, without one, the current address of the page."""
    shown: dict[str, Any] = {"size": "small", "variant": "outlined", "margin": 0} | look
    button = pmui.Button(label=label, icon="content_copy", **shown)
    button.js_on_click(args={"button": button, "text": text, "done": tr("Copied")}, code=CODE)
    return button
