"""The fields of a request about what is normal: years, a value's own year, an index."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

import panel as pn

from csserv.errors import InvalidRequestError
from csserv.language import mark, tr
from csserv.request import Options
from csserv.request.reference import DEFAULT, STANDARD
from csserv.views.parts.html_parts import Choice, TextField, paragraph, said_options
from csserv.views.request.field_help import help_of
from csserv.views.request.index_fields import IndexFields

#: value of the choice of years that somebody writes
OWN = "own"

#: label → what values are compared with
REFERENCES = {
    mark("nothing"): "",
    mark("what is normal: 1991 to 2020, or all"): DEFAULT,
    mark("years of my own"): OWN,
}

#: label → whether the year of a value is part of what it is compared with
OWN_YEARS = {
    mark("counts, where it is one of these years"): "in",
    mark("does not count"): "out",
}

#: said in place of the choice of an index where there is none
NO_INDEX = mark("An index is of one operation at a time.")

#: said where no years are written
NO_YEARS = mark("write the first and the last year to compare with, such as 1981 to 2010")

#: first and last year, as people write them
YEARS = re.compile(r"(\d{4})\s*(?:[-\u2013/,]|to|\s)\s*(\d{4})", re.IGNORECASE)


class ComparisonFields:
    """The widgets of what values are compared with, and of an index, which is of one operation.

    Parameters
    ----------
    changed : called when an option of an index has changed
    """

    def __init__(self, changed: Callable[..., Any]) -> None:
        self.reference = Choice(
            tr("Compare with"), said_options(REFERENCES), help=help_of("reference")
        )
        self.years = TextField(
            tr("First and last year"), STANDARD.replace("/", " to "), visible=False
        )
        self.own_year = Choice(
            tr("The year of a value itself"),
            said_options(OWN_YEARS),
            visible=False,
            help=help_of("own_year"),
        )
        self.index_fields = IndexFields(changed)
        self.index = self.index_fields.index
        self.told = paragraph(tr(NO_INDEX), small=True, visible=False)
        self._has_indices = True
        for widget in (self.reference, self.index):
            widget.param.watch(self._show, "value")

    @property
    def widgets(self) -> tuple[Any, ...]:
        """Those whose value is part of the request."""
        return (self.index, self.reference, self.years, self.own_year)

    @property
    def view(self) -> pn.viewable.Viewable:
        """The widgets, one below the other."""
        years = (self.reference, self.years, self.own_year)
        return pn.Column(
            self.index_fields.view, self.told, *years, sizing_mode="stretch_width", margin=0
        )

    def offer_for(self, operations: Collection[str]) -> None:
        """Offer an index where these operations can have one."""
        self._has_indices = len(operations) == 1
        self._show()

    def asked(self) -> dict[str, Any]:
        """Return the options of a request; none where nothing is compared.

        Raises
        ------
        InvalidRequestError : no years are written, or an option of an index is not allowed
        """
        found: dict[str, Any] = {}
        if against := self.reference.value:
            found["against"] = years_in(self.years.value) if against == OWN else against
        if self.index.value and self._has_indices:
            return found | self.index_fields.asked()
        return found | ({"own_year": self.own_year.value} if found else {})

    def fill_in(self, options: Options) -> None:
        """Fill the fields with the options of a task."""
        years = "" if options.against == DEFAULT else options.against
        self.years.value = years.replace("/", " to ")
        self.own_year.choose(options.own_year)
        self.index_fields.fill_in(options)
        self.reference.choose(OWN if years else options.against)

    def _show(self, *events: Any) -> None:
        is_asked, has_index = bool(self.reference.value), bool(self.index.value)
        self.index_fields.set_visible(self._has_indices)
        self.years.visible = self.reference.value == OWN
        self.own_year.visible = is_asked and not (has_index and self._has_indices)
        self.told.visible = has_index and not self._has_indices


def years_in(text: str) -> str:
    """Return first and last year as requests have them; another text as it is.

    >>> years_in("1981 to 2010"), years_in(" 1981-2010 "), years_in("1991")
    ('1981/2010', '1981/2010', '1991')

    Raises
    ------
    InvalidRequestError : there is no text
    """
    plain = text.strip()
    if not plain:
        raise InvalidRequestError(tr(NO_YEARS))
    found = YEARS.fullmatch(plain)
    return "/".join(found.groups()) if found else plain
