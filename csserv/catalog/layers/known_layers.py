"""The feature layers that the server knows: bundled ones, and those that somebody has added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, ValuesView
from dataclasses import replace
from pathlib import Path
from typing import Self

from csserv.catalog.country_names import codes_of, is_usual
from csserv.catalog.layers.feature_layer import COUNTRIES, TITLES, UNITS, FeatureLayer
from csserv.catalog.layers.layer_facts import LayerFacts
from csserv.catalog.layers.unit_dates import units_held
from csserv.catalog.name_index import Feature, NameIndex
from csserv.errors import InvalidAreaError, UnknownLayerError
from csserv.name_folding import fold_name
from csserv.notes import Note
from csserv.request import Area
from csserv.request.files.written_areas import read_written
from csserv.request.limits import FILE_LIMITS, Limits
from csserv.request.plain_text import one_line
from csserv.table import Table

BUNDLED = Path(__file__).parent.parent / "boundaries"

#: most places of one name that are suggested
MOST = 5

#: id of a bundled layer → where it is from
FACTS = {
    COUNTRIES: LayerFacts("Natural Earth, 1:10 million", "public domain", "2018"),
    UNITS: LayerFacts("Natural Earth, 1:10 million", "public domain", "about 2010"),
}


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
        chosen = [(text, one.choose(text)) for text in asked]
        found = dict.fromkeys(feature for _, some in chosen for feature in some)
        limits.check_counts(len(found), 0)
        area = one.area(list(found), ", ".join(feature.name for feature in found))
        taken = (_taken(text, some[0]) for text, some in chosen if layer == COUNTRIES and some)
        return _with(area, [note for notes in taken for note in notes])

    def find(self, text: str, limits: Limits = FILE_LIMITS) -> Area:
        """Find an area by name: ``Kenya``, ``KEN``, ``Kenya/Rift Valley``, or ``Kenya/*``.

        ``Kenya/*`` gives an area with each first-level unit of the country as a zone. The id of a
        layer may stand first: ``counties/Turkana``, ``counties/*``, ``counties/Rift Valley/*``,
        and ``counties/Rift Valley`` for all of these as one zone.
        What is no name but WKT, or the four edges of a box, is taken as such.

        Raises
        ------
        InvalidAreaError : unknown, with the nearest names; or ambiguous, with the ids
        AreaTooLargeError : more zones than the limits allow; none is read then
        """
        if written := read_written(str(text), limits):
            return written
        country_name, slash, unit_name = (part.strip() for part in str(text).partition("/"))
        named = country_name.casefold()
        if named in self or (slash and ("_" in named or named in self._own(True))):
            return self._find_in(self[named], unit_name, limits)
        countries, units = self["country"], self[UNITS]
        if slash and not country_name:
            raise InvalidAreaError(f"no area {text!r}; write Kenya, Kenya/Rift Valley or Kenya/*")
        if not slash:
            feature, layer = self._country_or_unit(country_name)
            taken = _taken(country_name, feature) if layer is countries else ()
            return _with(layer.area([feature], feature.name), taken)
        country = countries.find(country_name)
        taken = _taken(country_name, country)
        own = units.of_country(country.iso)
        if not own:
            raise InvalidAreaError(f"{country.name} has no units; ask for {country.name!r} itself")
        if unit_name == "*":
            return _with(units.area(own, f"{country.name}, each unit"), taken)
        holds = units_held(country.iso, [unit.name for unit in own])
        unit = NameIndex(own, holds=holds).find(unit_name, f"units of {country.name}")
        return _with(units.area([unit], f"{country.name}/{unit.name}"), taken)

    def _find_in(self, layer: FeatureLayer, text: str, limits: Limits) -> Area:
        """Find an area in a layer; first-level units by the name of their country, too."""
        if not text:
            raise InvalidAreaError(
                f"{layer.id} is a layer of {len(layer):,} zones; ask for all, {layer.id}/*, or for "
                f"one, such as {layer.id}/{layer.features[0].name}"
            )
        if layer.id == UNITS and "/" in text:
            return self.find(text)
        found = layer.choose(text)
        limits.check_counts(len(found), 0)
        if len(found) == 1 and not text.endswith("*"):
            return layer.area(found, found[0].name)
        above = text.rpartition("/")[0].strip()
        return layer.area(found, f"{layer.title}{above and f', {above}'}, each zone")

    def _country_or_unit(self, text: str) -> tuple[Feature, FeatureLayer]:
        countries, units = self["country"], self[UNITS]
        if by_id := units.with_id(text):
            return by_id, units
        try:
            country = countries.find(text)
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
        self._check_only(text, country)
        return country, countries

    def _check_only(self, text: str, country: Feature) -> None:
        """See that no unit of another country has the name of a country in another language.

        Raises
        ------
        InvalidAreaError : one has, as Papua or Équateur; with the choices
        """
        others = [one.id for one in self[UNITS].named(text) if one.iso != country.iso]
        if others and not _is_usual(text, country):
            choices = ", ".join([f"{country.id} ({country.name})", *others[: MOST - 1]])
            raise InvalidAreaError(
                f"{text!r} is ambiguous among countries and units; write one of {choices}"
            )

    def _paths_to(self, text: str) -> list[str]:
        """List where there is a zone of a name, below a country or in a layer of one's own."""
        countries = {country.iso: country.name for country in self["country"].features}
        units = self[UNITS].named(text)
        paths = [
            f"{unit.iso if len(codes_of(name)) > 1 else name}/{unit.name}"
            if (name := countries.get(unit.iso))
            else unit.id
            for unit in units
        ]
        return paths + [f"{layer.id}/{one.name}" for layer in self.own for one in layer.named(text)]


def _is_usual(text: str, country: Feature) -> bool:
    """Whether a country is called by its code, its name in the layer, or an English one."""
    return fold_name(text) == fold_name(country.name) or is_usual(text, country.id)


def _taken(text: str, country: Feature) -> tuple[Note, ...]:
    """Tell which country is meant by a name of another language."""
    if text.strip() == "*" or _is_usual(text, country):
        return ()
    said = f"{one_line(text)} is taken as the country {country.name} ({country.id})"
    return (Note("layers", said),)


def _with(area: Area, notes: Sequence[Note]) -> Area:
    return replace(area, notes=(*notes, *area.notes)) if notes else area
