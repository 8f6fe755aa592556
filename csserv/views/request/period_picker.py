"""The first and the last day of what is asked, and periods that are often asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import param
from panel.custom import JSComponent

from csserv.errors import InvalidRequestError
from csserv.request import Period
from csserv.views.parts.assets import script, style
from csserv.views.request.period_presets import PRESETS, Make


class PeriodPicker(JSComponent):
    """Chooses two days; the browser's own calendars are limited to those that there are."""

    first = param.String(default="", doc="the first day there is, as 2019-03-07")
    last = param.String(default="", doc="the last one")
    start = param.String(default="", doc="the first day of the period, or empty")
    end = param.String(default="", doc="the last one, or empty")
    presets = param.List(default=list(PRESETS))

    _esm = script("parts/dom", "request/period_picker")
    _stylesheets = style("parts/base", "request/period_picker")

    def __init__(self, **params: Any) -> None:
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (2, 0)} | params
        super().__init__(**look)

    @property
    def period(self) -> Period | None:
        """What is chosen; None where a day is missing.

        Raises
        ------
        InvalidRequestError : the last day is before the first, or one is no day
        """
        if not (self.start and self.end):
            return None
        return Period(_day(self.start), _day(self.end))

    def choose(self, period: Period) -> None:
        """Choose a period."""
        self.param.update(start=period.start.isoformat(), end=period.end.isoformat())

    def set_available(self, first: date, last: date, otherwise: Make) -> None:
        """Offer the days that there are; where those chosen are not, choose ``otherwise``."""
        self.param.update(first=first.isoformat(), last=last.isoformat())
        if not all(self.first <= day <= self.last for day in (self.start, self.end)):
            self.choose(otherwise(first, last))

    def _handle_msg(self, msg: Any) -> None:
        if msg in PRESETS and self.first:
            self.choose(PRESETS[msg](_day(self.first), _day(self.last)))


def _day(text: str) -> date:
    """Read a day as browsers write it; some let people write years of six digits."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidRequestError(f"{text!r} is no day, such as 2019-03-07") from None
