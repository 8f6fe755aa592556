"""What is said of an address above the form that it has filled in, with a button to submit it."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.language import mark, tr
from csserv.views.parts.html_parts import Notice

#: said above what of an address is wrong
WRONG = mark("**Of this address, some cannot be used; the rest is filled in below.**")

#: said of an address that asks to submit; the click is the reader's
SUBMITS = mark(
    "**This address has filled in a request, to be submitted by you.** Nothing was submitted yet: "
    "look it through, then press the button."
)

#: said of an area that no address can hold
TOO_LONG = mark(
    "The area has too many corners or zones to stand in the address: a link to this page has all "
    "but the area. A layer of your own can be named there, by its id."
)


class AddressNotice(pn.viewable.Viewer):
    """Says what of an address is wrong, and asks to submit what it has filled in.

    Parameters
    ----------
    submit : the button of the form; the one of the notice does the same, and is disabled with it
    """

    def __init__(self, submit: pmui.Button, **params: Any) -> None:
        super().__init__(**params)
        self.wrong, self.asks, self.area = (
            Notice(margin=8),
            Notice(margin=(8, 8, 0, 8)),
            Notice(margin=8),
        )
        self.button = pmui.Button(
            label=tr("Submit this request"),
            icon="rocket_launch",
            color="primary",
            variant="contained",
            disabled=submit.disabled,
            visible=False,
            margin=8,
        )
        submit.link(self.button, disabled="disabled", loading="loading")
        self.button.on_click(lambda event: setattr(submit, "clicks", submit.clicks + 1))

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the messages and the button."""
        parts = (self.wrong, self.asks, self.button, self.area)
        return pn.Column(*parts, sizing_mode="stretch_width", margin=0)

    def tell(self, problems: tuple[str, ...] = (), asks_to_submit: bool = False) -> None:
        """Say what of an address is wrong, and whether it asks to submit; nothing clears it."""
        self.wrong.say("warning", "\n".join([tr(WRONG), *problems]) if problems else "")
        self.asks.say("info", tr(SUBMITS) if asks_to_submit else "")
        self.button.visible = asks_to_submit

    def tell_area(self, is_too_long: bool) -> None:
        """Say that the area does not stand in the address, where it does not."""
        self.area.say("info", tr(TOO_LONG) if is_too_long else "")
