"""A map in a notebook, on which to choose the area of a request."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from csserv.catalog.layers import Layers
from csserv.errors import CsservError, InvalidAreaError
from csserv.request import Area

if TYPE_CHECKING:  # Panel is slow to import
    from csserv.views.area.notebook_map import NotebookMap


def pick_area(layers: Layers | None = None) -> AreaPicker:
    """Show a map in a notebook: tap a country or region, draw, type a name, or upload a file.

    In a later cell, pass what this returns as the area of a request::

        place = csserv.pick_area()
        task = service.submit("chirps", "mean", place, "2019")

    Parameters
    ----------
    layers : the feature layers to choose from, such as ``service.layers`` of a server; the
        bundled ones unless given

    Raises
    ------
    CsservError : there is no notebook to show a map in
    """
    picker = AreaPicker(layers or Layers.bundled())
    picker.show()
    return picker


class AreaPicker:
    """The area chosen on a map; accepted wherever an area is.

    Parameters
    ----------
    layers : the feature layers to choose from
    """

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._shown_in = -1  # number of the cell

    @property
    def area(self) -> Area:
        """The area that is chosen now.

        Raises
        ------
        InvalidAreaError : nothing is chosen yet
        """
        chosen: Area | None = self.map.area
        if chosen is None:
            raise InvalidAreaError(
                "no area is chosen yet: choose one on the map of pick_area(), and run this again"
            )
        return chosen

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """The area as GeoJSON."""
        found: dict[str, Any] = json.loads(self.area.geojson)
        return found

    @cached_property
    def map(self) -> NotebookMap:
        """The map."""
        from csserv.views.area.notebook_map import NotebookMap

        return NotebookMap(self._layers)

    def show(self) -> None:
        """Show the map in the cell that is running.

        Raises
        ------
        CsservError : there is no notebook to show a map in
        """
        cell = _cell()
        if cell is None:
            raise CsservError(
                "a map to choose on needs a notebook, such as JupyterLab; here give a name "
                "('Kenya/Rift Valley'), a file ('zones.geojson'), or "
                "csserv.Area.from_box(west, south, east, north)"
            )
        from IPython.display import display

        from csserv.views.parts.offline import load_plotting

        self._shown_in = cell
        load_plotting()
        display(self.map)

    def __repr__(self) -> str:
        chosen = self.map.area
        return f"pick_area(): {chosen.title if chosen else 'no area chosen yet'}"

    def _ipython_display_(self) -> None:
        cell = _cell()
        if cell is None:
            print(repr(self))  # noqa: T201  # a terminal's IPython asks for it
        elif cell != self._shown_in:  # else it is the last line of the cell that shows it already
            self.show()


def _cell() -> int | None:
    """Return the number of the cell that is running; None where there is no notebook."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    return int(shell.execution_count) if hasattr(shell, "kernel") else None
