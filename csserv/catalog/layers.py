"""Feature layers: sets of named zones; countries and their first-level units come with csserv."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, ValuesView
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import orjson
import shapely

from csserv.catalog.country_names import AMBIGUOUS, codes_of, english_names
from csserv.catalog.layer_facts import NO_FACTS, LayerFacts
from csserv.catalog.name_index import Feature, NameIndex
from csserv.catalog.path_index import PathIndex
from csserv.catalog.unit_dates import unit_notes, units_held
from csserv.errors import InvalidAreaError, UnknownLayerError
from csserv.notes import Note
from csserv.request import Area, Zone
from csserv.request.limits import FILE_LIMITS, Limits
from csserv.table import Table

BUNDLED = Path(__file__).parent / "boundaries"

#: id of a bundled layer → title, both as in ClimateSERV
TITLES = {"country": "Countries", "admin_1_earth": "Admin #1"}

#: ids of the layers of countries and of first-level units
COUNTRIES, UNITS = "country", "admin_1_earth"

#: most places of one name that are suggested
MOST = 5

#: id of a bundled layer → where it is from
FACTS = {
    "country": LayerFacts("Natural Earth, 1:10 million", "public domain", "2018"),
    "admin_1_earth": LayerFacts("Natural Earth, 1:10 million", "public domain", "about 2010"),
}


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
        return NameIndex(self.features)

    @cached_property
    def _paths(self) -> PathIndex | None:
        """The features by path; None where none is part of another."""
        nested = any(feature.parents for feature in self.features)
        return PathIndex(self.features) if nested else None

    @cached_property
    def _lines(self) -> list[bytes]:
        return gzip.decompress(self.path.read_bytes()).splitlines()

    @cached_property
    def _places(self) -> dict[str, int]:
        return {feature.id: place for place, feature in enumerate(self.features)}


class Layers(Mapping[str, FeatureLayer]):
    """The feature layers that the server knows, by id.

    Parameters
    ----------
    layers : those that stay as they are
    own : returns those that somebody has added, as they are now; looks at once if told so
    """

    def __init__(
        self,
        layers: Iterable[FeatureLayer],
        own: Callable[[bool], Mapping[str, FeatureLayer]] = lambda at_once: {},
    ) -> None:
        self._layers = {layer.id: layer for layer in layers}
        self._own = own

    @classmethod
    def bundled(cls) -> Self:
        """Open the layers that come with csserv."""
        return cls(
            FeatureLayer(name, title, BUNDLED / f"{name}.geojsonl.gz", facts=FACTS[name])
            for name, title in TITLES.items()
        )

    def __getitem__(self, name: str) -> FeatureLayer:
        for at_once in (False, True):  # one that was added just now is looked for at once
            if found := self._layers.get(name) or self._own(at_once).get(name):
                return found
        raise UnknownLayerError(name, self) from None

    def __contains__(self, name: object) -> bool:
        return name in self._layers or name in self._own(False)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._layers, **self._own(False)})

    def __len__(self) -> int:
        return len(self._layers) + len(self._own(False))

    def values(self) -> ValuesView[FeatureLayer]:
        """Return all layers of one moment."""
        return {**self._layers, **self._own(False)}.values()

    @property
    def own(self) -> tuple[FeatureLayer, ...]:
        """The layers that somebody has added."""
        return tuple(self._own(False).values())

    def __call__(self, layer: str = "", text: str = "") -> Table:
        """List the layers, or the features of one layer, as a table; ``text`` searches it.

        Raises
        ------
        UnknownLayerError : no such layer; the message names the nearest known ids
        """
        if not layer:
            rows = tuple(one.row for one in self.values())
            return Table(rows, ("id", "title"))(text)
        rows = tuple(self[layer].rows)
        found = Table(rows, ("id", "name"))(text)
        if text and not found and layer == COUNTRIES:  # by a name that the layer does not have
            codes = codes_of(text)
            return Table(tuple(row for row in rows if row["id"] in codes), ("id", "name"))
        return found

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def area(self, layer: str, features: Iterable[str], limits: Limits = FILE_LIMITS) -> Area:
        """Build an area from features of a layer; each one is a zone, however often it is named.

        Raises
        ------
        UnknownLayerError, InvalidAreaError : no such layer or feature; names the nearest ones
        AreaTooLargeError : more features than the limits allow; none is looked up then
        """
        asked, one = dict.fromkeys(features), self[layer]
        limits.check_counts(len(asked), 0)
        found = dict.fromkeys(feature for text in asked for feature in one.choose(text))
        limits.check_counts(len(found), 0)
        return one.area(list(found), ", ".join(feature.name for feature in found))

    def find(self, text: str) -> Area:
        """Find an area by name: ``Kenya``, ``KEN``, ``Kenya/Rift Valley``, or ``Kenya/*``.

        ``Kenya/*`` gives an area with each first-level unit of the country as a zone. The id of a
        layer may stand first: ``counties/Turkana``, ``counties/*``, ``counties/Rift Valley/*``.

        Raises
        ------
        InvalidAreaError : unknown, with the nearest names; or ambiguous, with the ids
        """
        country_name, slash, unit_name = (part.strip() for part in str(text).partition("/"))
        named = country_name.casefold()
        if named in self or (slash and ("_" in named or named in self._own(True))):
            return self._find_in(self[named], unit_name)
        countries, units = self["country"], self[UNITS]
        if slash and not country_name:
            raise InvalidAreaError(f"no area {text!r}; write Kenya, Kenya/Rift Valley or Kenya/*")
        if not slash:
            feature, layer = self._country_or_unit(country_name)
            return layer.area([feature], feature.name)
        country = countries.find(country_name)
        own = units.of_country(country.iso)
        if not own:
            raise InvalidAreaError(f"{country.name} has no units; ask for {country.name!r} itself")
        if unit_name == "*":
            return units.area(own, f"{country.name}, each unit")
        holds = units_held(country.iso, [unit.name for unit in own])
        unit = NameIndex(own, holds=holds).find(unit_name, f"units of {country.name}")
        return units.area([unit], f"{country.name}/{unit.name}")

    def _find_in(self, layer: FeatureLayer, text: str) -> Area:
        """Find an area in a layer; first-level units by the name of their country, too."""
        if not text:
            raise InvalidAreaError(
                f"{layer.id} is a layer of {len(layer):,} zones; ask for all, {layer.id}/*, or for "
                f"one, such as {layer.id}/{layer.features[0].name}"
            )
        if layer.id == UNITS and "/" in text:
            return self.find(text)
        found = layer.choose(text)
        if len(found) == 1 and not text.endswith("*"):
            return layer.area(found, found[0].name)
        above = text.rpartition("/")[0].strip()
        return layer.area(found, f"{layer.title}{above and f', {above}'}, each zone")

    def _country_or_unit(self, text: str) -> tuple[Feature, FeatureLayer]:
        countries, units = self["country"], self[UNITS]
        if by_id := units.with_id(text):
            return by_id, units
        try:
            return countries.find(text), countries
        except InvalidAreaError as error:
            if text[3:4] == "-":  # as in KEN-rift-valley
                return units.find(text), units
            said, near, _ = str(error).partition(";")
            if paths := self._paths_to(text):
                raise InvalidAreaError(
                    f"{said}; did you mean {' or '.join(paths[:MOST])}?"
                ) from None
            if near or countries.named(text):  # others are like it, or several are it
                raise
            raise InvalidAreaError(
                f"{said}; for districts, add a layer of your own (csserv layers add)"
            ) from None

    def _paths_to(self, text: str) -> list[str]:
        """List where there is a zone of a name, below a country or in a layer of one's own."""
        countries = {country.iso: country.name for country in self["country"].features}
        units = self[UNITS].named(text)
        paths = [f"{countries.get(unit.iso, unit.iso)}/{unit.name}" for unit in units]
        return paths + [f"{layer.id}/{one.name}" for layer in self.own for one in layer.named(text)]


def _feature(line: bytes) -> Feature:
    # the head of the line, cut by hand: parsing all shapes of admin_1_earth costs a second
    head = line[: line.index(b',"geometry":')] + b"}"
    plain = orjson.loads(head)
    return Feature(plain["id"], plain["properties"]["name"], plain["properties"]["iso"])
