"""The search for a place: by names that are listed, codes, and names in other languages."""

from __future__ import annotations

from typing import Any

import panel_material_ui as pmui

from csserv.catalog import Layers
from csserv.views.area.place_lookup import other_names, place_names


class PlaceSearch(pmui.AutocompleteInput):
    """A field that offers places; what is chosen is a name that ``Layers.find`` knows.

    Parameters
    ----------
    layers : whose places are offered
    """

    def __init__(self, layers: Layers, **params: Any) -> None:
        self._layers, self._places = layers, place_names(layers)
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "size": "small"} | params
        super().__init__(
            options=self._places,
            lazy_search=True,
            case_sensitive=False,
            search_strategy="includes",
            min_characters=3,
            **look,
        )
        # the browser writes the chosen name into the field: an answer of the server that does
        # comes later, over what somebody types meanwhile
        self.jscallback(value="cb_obj.value_input = cb_obj.value ?? ''")

    def _sync_value_input(self) -> None:
        """Leave the text of the field to the browser."""

    def _filter_options(self, query: str, *how: Any) -> list[str]:
        """Return labels for what was typed; the browser shows those that have it in them."""
        typed = query.lower()
        if len(typed) < self.min_characters:
            return []
        listed = [label for label in self._places if typed in label.lower()]
        others = other_names(query, self._layers, {self._places[label] for label in listed})
        self.param.update(options=self._places | others)  # they stay on the server
        whole = [label for label in others if "…" not in label]
        return list(dict.fromkeys([*whole, *listed, *others]))
