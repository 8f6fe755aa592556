"""Feature layers: sets of named zones; countries and their first-level units come with csserv."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import orjson
import shapely

from csserv.catalog.name_index import Feature, NameIndex
from csserv.errors import InvalidAreaError, UnknownLayerError
from csserv.request import Area, Zone
from csserv.request.limits import FILE_LIMITS, Limits
from csserv.table import Table

BUNDLED = Path(__file__).parent / "boundaries"

#: id of a bundled layer → title, both as in ClimateSERV
TITLES = {"country": "Countries", "admin_1_earth": "Admin #1"}


@dataclass(frozen=True)
class FeatureLayer:
    """A set of zones in a gzipped file with one GeoJSON feature a line."""

    id: str
    title: str
    path: Path

    def __len__(self) -> int:
        return len(self.features)

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
        return self._index.find(text, self.title.lower())

    def with_id(self, text: str) -> Feature | None:
        """Return the feature of an id, in any case; None where there is none."""
        return self._ids.get(text.casefold())

    def of_country(self, iso: str) -> list[Feature]:
        """List the features of a country by its ISO 3166 code of three letters."""
        return [feature for feature in self.features if feature.iso == iso]

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
        return NameIndex(self.features)

    @cached_property
    def _lines(self) -> list[bytes]:
        return gzip.decompress(self.path.read_bytes()).splitlines()

    @cached_property
    def _places(self) -> dict[str, int]:
        return {feature.id: place for place, feature in enumerate(self.features)}


class Layers(Mapping[str, FeatureLayer]):
    """The feature layers that the server knows, by id."""

    def __init__(self, layers: Iterable[FeatureLayer]) -> None:
        self._layers = {layer.id: layer for layer in layers}

    @classmethod
    def bundled(cls) -> Self:
        """Open the layers that come with csserv."""
        return cls(
            FeatureLayer(name, title, BUNDLED / f"{name}.geojsonl.gz")
            for name, title in TITLES.items()
        )

    def __getitem__(self, name: str) -> FeatureLayer:
        try:
            return self._layers[name]
        except KeyError:
            raise UnknownLayerError(name, self) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def __call__(self, layer: str = "", text: str = "") -> Table:
        """List the layers, or the features of one layer, as a table; ``text`` searches it.

        Raises
        ------
        UnknownLayerError : no such layer; the message names the nearest known ids
        """
        if not layer:
            rows = [
                {"id": one.id, "title": one.title, "features": len(one)} for one in self.values()
            ]
            return Table(tuple(rows), ("id", "title"))(text)
        features = tuple(asdict(feature) for feature in self[layer].features)
        return Table(features, ("id", "name"))(text)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def area(self, layer: str, features: Iterable[str], limits: Limits = FILE_LIMITS) -> Area:
        """Build an area from features of a layer; each one is a zone, however often it is named.

        Raises
        ------
        UnknownLayerError, InvalidAreaError : no such layer or feature; names the nearest ones
        AreaTooLargeError : more features than the limits allow; none is looked up then
        """
        asked = dict.fromkeys(features)
        limits.check_counts(len(asked), 0)
        found = dict.fromkeys(self[layer].find(text) for text in asked)
        title = ", ".join(feature.name for feature in found)
        return Area(tuple(self[layer].zone(feature) for feature in found), title)

    def find(self, text: str) -> Area:
        """Find an area by name: ``Kenya``, ``KEN``, ``Kenya/Rift Valley``, or ``Kenya/*``.

        ``Kenya/*`` gives an area with each first-level unit of the country as a zone.

        Raises
        ------
        InvalidAreaError : unknown, with the nearest names; or ambiguous, with the ids
        """
        country_name, slash, unit_name = (part.strip() for part in str(text).partition("/"))
        countries, units = self["country"], self["admin_1_earth"]
        if slash and not country_name:
            raise InvalidAreaError(f"no area {text!r}; write Kenya, Kenya/Rift Valley or Kenya/*")
        if not slash:
            feature, layer = self._country_or_unit(country_name)
            return Area((layer.zone(feature),), feature.name)
        country = countries.find(country_name)
        own = units.of_country(country.iso)
        if not own:
            raise InvalidAreaError(f"{country.name} has no units; ask for {country.name!r} itself")
        if unit_name == "*":
            return Area(tuple(units.zone(unit) for unit in own), f"{country.name}, each unit")
        unit = NameIndex(own).find(unit_name, f"units of {country.name}")
        return Area((units.zone(unit),), f"{country.name}/{unit.name}")

    def _country_or_unit(self, text: str) -> tuple[Feature, FeatureLayer]:
        countries, units = self["country"], self["admin_1_earth"]
        by_id = units.with_id(text)
        return (by_id, units) if by_id else (countries.find(text), countries)


def _feature(line: bytes) -> Feature:
    # the head of the line, cut by hand: parsing all shapes of admin_1_earth costs a second
    head = line[: line.index(b',"geometry":')] + b"}"
    plain = orjson.loads(head)
    return Feature(plain["id"], plain["properties"]["name"], plain["properties"]["iso"])
