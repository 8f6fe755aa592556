"""A table of the steps of one zone of a result; which zone is chosen where there are several."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

import panel as pn

from csserv.language import local_number, tr
from csserv.outputs.series_result import SeriesResult
from csserv.outputs.several_operations import choose_operation
from csserv.views.parts.assets import style
from csserv.views.parts.html_parts import Choice
from csserv.views.parts.series_table import SeriesTable

#: most zones in a list to choose from, where no table of zones stands beside it
MOST_LISTED = 20_000


class Shown(Protocol):
    """A result, or an index of results, and its series as a table."""

    @property
    def result(self) -> SeriesResult:
        """What is shown."""

    @property
    def table(self) -> SeriesTable:
        """Its series."""

    @property
    def operation(self) -> str:
        """The one that is shown, of several."""


class ZoneTableView(pn.viewable.Viewer):
    """What tables of one zone have in common: the choice of the zone, and when they are written.

    Parameters
    ----------
    most_listed : of more zones, none is offered: something else sets ``zone.value``
    """

    def __init__(self, most_listed: int = MOST_LISTED, **params: Any) -> None:
        super().__init__(**params)
        self._loaded: Shown | None = None
        self._plain: Mapping[str, Any] | None = None
        self._most_listed = most_listed
        self.zone = Choice(
            tr("Zone in the table"), {}, visible=False, max_width=420, margin=(4, 12)
        )
        self.zone.param.watch(self._zone_changed, "value")

    def show(self, loaded: Shown) -> bool:
        """Show a result; returns whether it has what the table is of."""
        self._loaded, self._plain = loaded if self.suits(loaded) else None, None
        if self._loaded is None:
            return False
        names = loaded.table.zones if len(loaded.table.zones) <= self._most_listed else ()
        self.zone.set_options({name: str(number) for number, name in enumerate(names)}, "0")
        self.zone.visible = len(names) > 1
        self._zone_changed()
        return True

    @abstractmethod
    def suits(self, loaded: Shown) -> bool:
        """Whether a result has what the table is of."""

    @abstractmethod
    def write(self, loaded: Shown, zone: int) -> None:
        """Write the table of a zone, by its number."""

    def plain(self, loaded: Shown) -> Mapping[str, Any]:
        """Return the JSON of the operation that is shown, chosen once for all zones."""
        if self._plain is None:
            self._plain = choose_operation(loaded.result.json, loaded.operation)
        return self._plain

    def _zone_changed(self, *events: Any) -> None:
        if self._loaded is not None and self.zone.value:
            self.write(self._loaded, int(self.zone.value))


def table_pane() -> pn.pane.HTML:
    """Return the place of a table."""
    return pn.pane.HTML(
        "",
        stylesheets=style("parts/base", "result/compared_view"),
        sizing_mode="stretch_width",
        margin=(6, 14),
    )


def left_out_words(shown: int, left: int) -> str:
    """Say that a table has the latest steps only; nothing where it has all."""
    if not left:
        return ""
    said = tr(
        "These are the latest {shown} steps; the files below have the {left} before them, too.",
        shown=local_number(f"{shown:,}"),
        left=local_number(f"{left:,}"),
    )
    return f"\n{said}"
