"""The feature layers of a server, their geometries fetched as they are needed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from csserv.catalog.layers import TITLES, FeatureLayer
from csserv.catalog.layers.layer_facts import LayerFacts
from csserv.catalog.name_index import Feature
from csserv.over_http.api_client import ApiClient
from csserv.over_http.api_text import layer_path
from csserv.request import Area, Zone

#: how often the layers of the server are looked at [s]
GLANCE = 2.0


@dataclass(frozen=True)
class RemoteLayer(FeatureLayer):
    """A feature layer of a server; geometries are fetched one by one."""

    client: ApiClient

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """All features, by id."""
        found = self.client.get(layer_path(self.id))
        return tuple(
            Feature(one["id"], one["name"], one["iso"], tuple(one.get("parents", ())))
            for one in found
        )

    def zone(self, feature: Feature) -> Zone:
        """Fetch the geometry of a feature."""
        found = self._fetch(feature.id)
        return next(zone for zone in found if zone.id == feature.id)

    def zones(self, features: Iterable[Feature]) -> tuple[Zone, ...]:
        """Fetch the geometries of features: most of a layer at once, few one by one."""
        wanted = list(features)
        if 2 * len(wanted) <= len(self.features):
            return super().zones(wanted)
        known = {zone.id: zone for zone in self._fetch("")}
        return tuple(known[feature.id] for feature in wanted)

    def _fetch(self, text: str) -> tuple[Zone, ...]:
        query = {"search": text, "format": "geojson"}
        return Area.from_stored(self.client.get(layer_path(self.id), query)).zones


class RemoteFolder:
    """The layers that a server has now; one that has not changed is fetched once."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._known: dict[str, FeatureLayer] = {}
        self._looked = -GLANCE
        self(True)
        self.bundled = tuple(self._known[name] for name in TITLES if name in self._known)

    def __call__(self, at_once: bool) -> Mapping[str, FeatureLayer]:
        """Return those that were added, by name."""
        if at_once or time.monotonic() - self._looked >= GLANCE:
            rows = {row["id"]: row for row in self._client.get("/layers")}
            same = {name for name in rows if rows[name] == self._rows.get(name)}
            self._known = {
                name: self._known[name] if name in same else _remote_layer(row, self._client)
                for name, row in rows.items()
            }
            self._rows, self._looked = rows, time.monotonic()
        return {name: layer for name, layer in self._known.items() if name not in TITLES}


def _remote_layer(row: Mapping[str, Any], client: ApiClient) -> RemoteLayer:
    # servers of version 0.1 say no more than id and title
    facts = LayerFacts(*(str(row.get(name, "")) for name in ("source", "licence", "as_of")))
    return RemoteLayer(row["id"], row["title"], Path(row["id"]), client, facts=facts)
