"""Features as a file has them, shapes with fields; and which of them are zones, called what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.antimeridian import goes_across, pole_within
from csserv.request.broken_shapes import has_no_width, is_small
from csserv.request.collected_shapes import counted, kind_of, of_one_kind, parts_left_out
from csserv.request.limits import Limits
from csserv.request.naming.field_texts import Fields, texts_of
from csserv.request.naming.zone_names import Labels, label_zones
from csserv.request.naming.zone_parents import Parents, find_parents

#: a zone before it is checked: its id, name, geometry, and what it is part of
Row = tuple[str, str, BaseGeometry, Parents]

#: fields whose use goes without saying
USUAL = ("", "name", "id")


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features in the order of their file.

    Attributes
    ----------
    shapes : None or empty where a feature has none
    fields : field → its value of each feature
    ids : of the features themselves, empty where one has none
    keyed : whether these count more than a field of ids, as the index of a frame does
    """

    shapes: Sequence[BaseGeometry | None]
    fields: Fields = field(default_factory=dict)
    ids: Sequence[str] = ()
    keyed: bool = False

    def check_counts(self, limits: Limits) -> None:
        """Check the number of features and of vertices.

        Raises
        ------
        AreaTooLargeError : there are more than allowed
        """
        there = [shape for shape in self.shapes if shape is not None]
        limits.check_counts(len(there), int(shapely.get_num_coordinates(there).sum()))

    def zones(
        self, mixed: bool = False, name_field: str = "", id_field: str = ""
    ) -> tuple[list[Row], tuple[Note, ...]]:
        """Choose the zones, and tell what is left out and by what they are called.

        Zones are all polygons; or all points, where there is no polygon.

        Parameters
        ----------
        mixed : whether polygons and points may be zones side by side
        name_field, id_field : fields of names and ids; empty for the likeliest

        Raises
        ------
        InvalidAreaError : there is no polygon and no point, or no such field
        """
        plain = self._surfaces
        wanted = _wanted(self._kinds, mixed)
        kept = [i for i, kind in enumerate(self._kinds) if kind in wanted]
        labels = self.labels(mixed, name_field, id_field)
        own = [self.ids[i] if self.ids else "" for i in kept]
        ids = _ids(labels, own, kept, self.keyed and not id_field)
        names = labels.names or [""] * len(kept)
        parents = find_parents(self._fields_of_zones(mixed), labels.name_field, len(kept))
        rows = [
            (identity, name or _name_of(i, self.ids, len(kept)), shape, above)
            for i, identity, name, above in zip(kept, ids, names, parents, strict=True)
            if (shape := plain[i]) is not None
        ]
        left_out = _left_out(self._kinds, wanted)
        parts = parts_left_out(self.shapes[i] for i in kept)
        return rows, (*left_out, *parts, *_called(labels))

    def labels(self, mixed: bool = False, name_field: str = "", id_field: str = "") -> Labels:
        """Choose the fields of names and ids, as ``zones`` does, and read them.

        Raises
        ------
        InvalidAreaError : there is no polygon and no point, or no such field
        """
        return label_zones(self._fields_of_zones(mixed), name_field, id_field)

    def texts(self, mixed: bool = False) -> dict[str, tuple[str, ...]]:
        """Return the values of each field, of the zones, as texts; empty where there is none."""
        return {name: texts_of(values) for name, values in self._fields_of_zones(mixed).items()}

    @cached_property
    def _surfaces(self) -> list[BaseGeometry | None]:
        return [None if one is None or one.is_empty else of_one_kind(one) for one in self.shapes]

    @cached_property
    def _kinds(self) -> list[str]:
        return ["empty" if one is None else kind_of(one) for one in self._surfaces]

    def _fields_of_zones(self, mixed: bool) -> Fields:
        wanted = _wanted(self._kinds, mixed)
        kept = [kind in wanted for kind in self._kinds]
        if all(kept):
            return self.fields
        return {name: list(compress(values, kept)) for name, values in self.fields.items()}


def shape_notes(names: Sequence[str], shapes: Sequence[BaseGeometry]) -> tuple[Note, ...]:
    """Tell how shapes in longitude and latitude are taken where they may be meant otherwise."""
    return (*_across(names, shapes), *_without_width(names, shapes))


def _wanted(kinds: Sequence[str], mixed: bool) -> tuple[str, ...]:
    there = [kind for kind in ("polygon", "point") if kind in kinds]
    if there:
        return tuple(there if mixed else there[:1])
    counts = Counter(kinds)
    lines = counts.get("line", 0)
    if lines:
        raise InvalidAreaError(
            f"it holds {counted(lines, 'line')} (LineString) and nothing else; a line covers no "
            "cell: give polygons or points"
        )
    raise InvalidAreaError("it holds no shape; give polygons or points")


def _ids(
    labels: Labels, own: Sequence[str], kept: Sequence[int], keyed: bool = False
) -> Sequence[str]:
    """Return ids: of their field, of the features themselves, or numbers; each once."""
    of_field = labels.ids and (labels.id_field.casefold() not in USUAL or not all(own))
    if of_field and not keyed:
        return labels.ids
    if all(own) and len(set(own)) == len(own):
        return own
    return labels.ids or [str(i + 1) for i in kept]


def _name_of(i: int, own: Sequence[str], count: int) -> str:
    """Name a zone that has no name."""
    if own and own[i]:
        return own[i]
    return "area" if count == 1 else f"zone {i + 1}"


def _left_out(kinds: Sequence[str], wanted: Sequence[str]) -> Iterator[Note]:
    counts = Counter(kind for kind in kinds if kind not in wanted)
    if empty := counts.pop("empty", 0):
        yield Note("zones", f"{counted(empty, 'feature')} without a shape {_are(empty)} left out")
    for kind, count in counts.items():
        zones = f"{wanted[0]}s"
        yield Note("zones", f"{counted(count, kind)} {_are(count)} left out: zones are {zones}")


def _called(labels: Labels) -> Iterator[Note]:
    """Tell by which fields zones are called, where that does not go without saying."""
    used = (("names", labels.name_field), ("ids", labels.id_field))
    said = [f"{what} of {name}" for what, name in used if name.casefold() not in USUAL]
    if said:
        yield Note("zones", f"zones have the {' and the '.join(said)}")
    if labels.doubt:
        yield Note("zones", labels.doubt)


def _across(names: Sequence[str], shapes: Sequence[BaseGeometry]) -> Iterator[Note]:
    west, _, east, _ = shapely.bounds(shapes).T
    wide = np.flatnonzero(east - west > 180).tolist()
    across = [i for i in wide if goes_across(shapes[i])]
    poles = {i: pole for i in across if (pole := pole_within(shapes[i]))}
    if cut := [names[i] for i in across if i not in poles]:
        verb = "goes" if len(cut) == 1 else "go"
        said = "across 180° of longitude the short way; for the long way, give corners between"
        yield Note("zones", f"{_which(cut)} {verb} {said}")
    for pole in dict.fromkeys(poles.values()):
        caps = [names[i] for i, one in poles.items() if one == pole]
        goes, is_closed = ("goes", "is") if len(caps) == 1 else ("go", "are")
        said = f"round the {pole} pole, and {is_closed} closed along it"
        yield Note("zones", f"{_which(caps)} {goes} {said}")


def _which(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names):,} zones"


def _without_width(names: Sequence[str], shapes: Sequence[BaseGeometry]) -> Iterator[Note]:
    flat = np.flatnonzero(shapely.area(shapes) == 0).tolist()
    if names := [names[i] for i in flat if has_no_width(shapes[i]) and is_small(shapes[i])]:
        what = "is a polygon" if len(names) == 1 else "are polygons"
        yield Note("zones", f"{_which(names)} {what} without width, taken as a point")


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
