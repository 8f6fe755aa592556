"""A feature layer: a set of named zones, each found by its id, name or path."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import shapely

from csserv.catalog.country_names import AMBIGUOUS, codes_of, elsewhere, english_names
from csserv.catalog.layers.layer_facts import NO_FACTS, LayerFacts
from csserv.catalog.layers.path_index import PathIndex
from csserv.catalog.layers.unit_dates import unit_notes
from csserv.catalog.layers.whole_parts import Part
from csserv.catalog.name_index import LONGEST, Feature, NameIndex
from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request import Area, Zone

#: id of a bundled layer → title, both as in ClimateSERV
TITLES = {"country": "Countries", "admin_1_earth": "Admin #1"}

#: most zones that a message names
FEW = 8

#: ids of the layers of countries and of first-level units
COUNTRIES, UNITS = "country", "admin_1_earth"


@dataclass(frozen=True)
class FeatureLayer:
    """A set of zones in a gzipped file with one GeoJSON feature a line.

    Attributes
    ----------
    facts : source, licence and date
    """

    id: str
    title: str
    path: Path
    facts: LayerFacts = field(default=NO_FACTS, kw_only=True)

    def __len__(self) -> int:
        return len(self.features)

    @property
    def row(self) -> dict[str, Any]:
        """What it is, as a row of a table."""
        return {"id": self.id, "title": self.title, "features": len(self), **asdict(self.facts)}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its features as rows of a table; with parents where some have any."""
        own = [] if self._paths is None else ["parents"]
        names = ["id", "name", "iso", *own]
        return [{name: getattr(feature, name) for name in names} for feature in self.features]

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """All features in the order of the file; ``zone`` reads the geometry of one."""
        return tuple(_feature(line) for line in self._lines)

    def find(self, text: str) -> Feature:
        """Find one feature by its id or name; case and accents do not matter.

        Raises
        ------
        InvalidAreaError : unknown, with the nearest names; or ambiguous, with the ids
        """
        if self.id == COUNTRIES and (is_of := elsewhere(text)):
            raise InvalidAreaError(
                f"no area {text[:LONGEST]!r} among the {self.what}; it is {is_of}"
            )
        return self._index.find(text, self.what)

    def choose(self, text: str) -> list[Feature]:
        """Find features by an id, name or path; ``*`` gives all, ``Rift Valley/*`` all of a part.

        Raises
        ------
        InvalidAreaError : unknown, with the nearest names; or ambiguous, with the ids
        """
        if text.strip() == "*":
            return list(self.features)
        if self._paths is not None:
            return self._paths.find(text, self.what)
        return [self.find(text)]

    def with_id(self, text: str) -> Feature | None:
        """Return the feature of an id, in any case; None where there is none."""
        return self._ids.get(text.casefold())

    def named(self, text: str) -> list[Feature]:
        """List the features of a name, whatever country they are in."""
        return self._index.named(text)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What its features are parts of, such as provinces, as far as ``choose`` finds them."""
        return tuple(self._paths.parts) if self._paths is not None else ()

    def of_country(self, iso: str) -> list[Feature]:
        """List the features of a country by its ISO 3166 code of three letters."""
        return [feature for feature in self.features if feature.iso == iso]

    def area(self, features: Sequence[Feature], title: str) -> Area:
        """Make an area with features as its zones, and the notes that they need."""
        return Area(self.zones(features), title, self.notes(features))

    def zones(self, features: Iterable[Feature]) -> tuple[Zone, ...]:
        """Read the geometries of features and return them as zones."""
        return tuple(self.zone(feature) for feature in features)

    def notes(self, features: Iterable[Feature]) -> tuple[Note, ...]:
        """Tell what must be known of features to use them rightly."""
        if self.id == UNITS:
            return unit_notes(features)
        return () if self.id in TITLES else self.facts.note(self.id)

    @property
    def what(self) -> str:
        """What its features are, for messages."""
        return self.title.lower() if self.id in TITLES else f"zones of {self.id}"

    def zone(self, feature: Feature) -> Zone:
        """Read the geometry of a feature and return it as a zone."""
        line = self._lines[self._places[feature.id]]
        geometry = orjson.dumps(orjson.loads(line)["geometry"]).decode()
        return Zone(feature.id, feature.name, shapely.from_geojson(geometry))

    @cached_property
    def _ids(self) -> dict[str, Feature]:
        return {feature.id.casefold(): feature for feature in self.features}

    @cached_property
    def _index(self) -> NameIndex:
        if self.id == COUNTRIES:
            return NameIndex(self.features, codes_of, AMBIGUOUS, english_names)
        return NameIndex(self.features, holds="" if self.id in TITLES else self._holds)

    @cached_property
    def _paths(self) -> PathIndex | None:
        """The features by path; None where none is part of another."""
        nested = any(feature.parents for feature in self.features)
        return PathIndex(self.features, self._holds) if nested else None

    @property
    def _holds(self) -> str:
        """Some of its zones, for who asks for one that it does not have."""
        some = ", ".join(dict.fromkeys(one.name for one in self.features[:FEW]))
        return f"it holds {some}{', …' if len(self) > FEW else ''}"

    @cached_property
    def _lines(self) -> list[bytes]:
        return gzip.decompress(self.path.read_bytes()).splitlines()

    @cached_property
    def _places(self) -> dict[str, int]:
        return {feature.id: place for place, feature in enumerate(self.features)}


def _feature(line: bytes) -> Feature:
    # the head of the line, cut by hand: parsing all shapes of admin_1_earth costs a second
    head = line[: line.index(b',"geometry":')] + b"}"
    plain = orjson.loads(head)
    return Feature(plain["id"], plain["properties"]["name"], plain["properties"]["iso"])
