"""A feature layer that somebody has added: its zones are read from its file when asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from csserv.catalog.layers import FeatureLayer
from csserv.catalog.layers.whole_parts import Part, put_together
from csserv.catalog.name_index import Feature
from csserv.catalog.own_layers.layer_file import read_features, read_shapes
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, InvalidAreaError
from csserv.notes import Note
from csserv.request import Zone


@dataclass(frozen=True)
class OwnLayer(FeatureLayer):
    """A layer of one's own.

    Attributes
    ----------
    count : of its features
    remarks : what of its file was left out, and by which fields its zones are called
    told : what must be known of its zones, as they were of another layer
    signature : of its file, so that a layer that took its place is another one
    """

    count: int
    remarks: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    signature: Signature | None = None

    def __len__(self) -> int:
        return self.count

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """All features in the order of the file; none where it has just been removed.

        A page that lists all layers would fail otherwise: it looks for changes now and then only.
        """
        try:
            return tuple(read_features(self.path))
        except GranuleError:
            if self.path.exists():
                raise
            return ()

    def notes(self, features: Iterable[Feature]) -> tuple[Note, ...]:
        """Tell what must be known of features to use them rightly."""
        wanted = list(features)
        told = [Note("layers", text) for text in self.told]
        parts = ((one, one.members(self.features)) for one in wanted if isinstance(one, Part))
        told += [
            Note("layers", f"{part.name} is put together of its {len(some)} zones in {self.id}")
            for part, some in parts
        ]
        return (*super().notes(wanted), *told)

    def zone(self, feature: Feature) -> Zone:
        """Read the shape of a feature and return it as a zone."""
        return self.zones([feature])[0]

    def zones(self, features: Iterable[Feature]) -> tuple[Zone, ...]:
        """Read the shapes of several features at once; a part is put together of its zones.

        Raises
        ------
        InvalidAreaError : the layer has been replaced since, and one of them is gone; or a part has
            points
        """
        wanted = {
            one: one.members(self.features) if isinstance(one, Part) else [one] for one in features
        }
        if gone := [part.id for part, some in wanted.items() if not some]:
            raise InvalidAreaError(f"{self.id} was changed just now, and has no {gone[0]} any more")
        each = dict.fromkeys(feature for some in wanted.values() for feature in some)
        shapes = read_shapes(self.path, [feature.id for feature in each])
        if lost := [feature.id for feature in each if feature.id not in shapes]:
            raise InvalidAreaError(f"{self.id} was changed just now, and has no {lost[0]} any more")
        zones = {one: Zone(one.id, one.name, shapes[one.id], one.parents) for one in each}
        return tuple(
            put_together(one, [zones[member] for member in some])
            if isinstance(one, Part)
            else zones[one]
            for one, some in wanted.items()
        )
