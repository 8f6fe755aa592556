"""The choice of a period: first and last day, and buttons for common periods."""

from __future__ import annotations

from datetime import date
from typing import Any

import param
from panel.custom import JSComponent

from csserv.errors import InvalidRequestError
from csserv.language import tr
from csserv.request import Period
from csserv.views.parts.assets import script, style
from csserv.views.request.period_presets import PRESETS, Preset, titles


class PeriodPicker(JSComponent):
    """A choice of two days by the browser's calendars, limited to days with data."""

    first = param.String(default="", doc="first day with data, as 2019-03-07")
    last = param.String(default="", doc="last day with data")
    start = param.String(default="", doc="first day of the period, or empty")
    end = param.String(default="", doc="last day of the period, or empty")
    presets = param.List(default=[], doc="name and text of each button")

    _esm = script("parts/dom", "request/period_picker")
    _stylesheets = style("parts/base", "request/period_picker")

    def __init__(self, **params: Any) -> None:
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (2, 0)} | params
        super().__init__(presets=titles(None), **look)

    @property
    def period(self) -> Period | None:
        """The chosen period; None if a day is missing.

        Raises
        ------
        InvalidRequestError : the last day is before the first, or a text is no day
        """
        if not (self.start and self.end):
            return None
        return Period(_day(self.start), _day(self.end))

    def choose(self, period: Period) -> None:
        """Set the period."""
        self.param.update(start=period.start.isoformat(), end=period.end.isoformat())

    def set_available(
        self, first: date, last: date, default: Preset, asked: Period | None = None
    ) -> None:
        """Set the days with data; if the period is not within them, choose the ``default``.

        Parameters
        ----------
        asked : a period to choose whatever days have data
        """
        self.param.update(first=first.isoformat(), last=last.isoformat(), presets=titles(last))
        if asked:
            self.choose(asked)
        elif not all(self.first <= day <= self.last for day in (self.start, self.end)):
            self.choose(default(first, last))

    def _handle_msg(self, msg: Any) -> None:
        if msg in PRESETS and self.first:
            self.choose(PRESETS[msg](_day(self.first), _day(self.last)))


def _day(text: str) -> date:
    """Read a day as browsers write it; some allow years of six digits."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        said = tr("{text} is no day, such as 2019-03-07", text=repr(text))
        raise InvalidRequestError(said) from None
