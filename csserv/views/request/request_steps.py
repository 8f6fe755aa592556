"""The parts of a request as a page: beside the map on a wide window, in steps on a narrow one."""

from __future__ import annotations

from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

from csserv.language import mark, tr
from csserv.views.parts.assets import script, style
from csserv.views.parts.cards import section

#: step → its name, and the heading of its part
STEPS = {
    "what": (mark("What"), mark("1 · What")),
    "where": (mark("Where"), mark("2 · Where")),
    "when": (mark("When"), mark("3 · When")),
    "check": (mark("Submit"), mark("4 · Check and submit")),
}

FILL: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}


class StepBar(JSComponent):
    """Links to the steps, with back and next; a wide window shows all steps, and no bar."""

    step = param.Selector(objects=list(STEPS), default="what", doc="a key of STEPS")
    names = param.List(doc="key and name of each step")

    _esm = script("parts/dom", "request/step_bar")
    _stylesheets = style("parts/base", "request/step_bar")

    def __init__(self, **params: Any) -> None:
        super().__init__(names=[[key, tr(name)] for key, (name, _) in STEPS.items()], **params)


class RequestSteps(pn.viewable.Viewer):
    """Lays out the page of a request.

    Parameters
    ----------
    area_map : parts of the map, one below the other; it belongs to the step "where"
    fields : step → its fields
    above : what is said of the request, seen in all steps
    ending : what stands beside back and next: why it cannot be submitted, and the button

    Attributes
    ----------
    bar : links to the steps
    """

    def __init__(
        self,
        area_map: tuple[Any, ...],
        fields: dict[str, tuple[Any, ...]],
        above: tuple[Any, ...],
        ending: tuple[Any, ...],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self.bar = StepBar(**FILL)
        place = section("", *area_map, css_classes=["step-where", "map"], margin=0)
        steps = [
            section(
                tr(STEPS[key][1]),
                *parts,
                css_classes=["padded", f"step-{key}"],
                margin=(0, 0, 12, 0),
            )
            for key, parts in fields.items()
        ]
        sheet = style("request/request_steps")
        column = pn.Column(*above, *steps, css_classes=["fields"], stylesheets=sheet, **FILL)
        for part in ending:
            part.css_classes = [*part.css_classes, "last"]
        look = style("parts/base", "parts/sheet", "request/request_steps")
        bar = pn.Column(
            self.bar, *ending, css_classes=["ending", "padded"], stylesheets=look, **FILL
        )
        self._page = pn.Column(place, column, bar, css_classes=["steps"], stylesheets=sheet, **FILL)

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the page."""
        return self._page
