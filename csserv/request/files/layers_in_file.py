"""Which layer of a file holds its zones: the one of polygons, else of points, or a choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.collected_shapes import KINDS
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.plain_text import one_line

#: most layers of a file that are looked at
MOST_LAYERS = 100


@dataclass(frozen=True)
class Layer:
    """One layer of a file, or one folder of a KML."""

    name: str
    table: FeatureTable
    crs: str = ""

    @property
    def kind(self) -> str:
        """What it holds: "polygon" where it holds any, else "point", else "line", else "shape"."""
        types = {one.geom_type for one in self.table.shapes if one is not None}
        kinds = {KINDS.get(name, ("polygon", ""))[0] for name in types}
        return next((kind for kind in ("polygon", "point", "line") if kind in kinds), "shape")

    @property
    def shown(self) -> str:
        """Its name, and how many features it has."""
        return f"{one_line(self.name)} ({len(self.table.shapes):,})"


def choose_layer(layers: Sequence[Layer], wanted: str, file: str) -> Features:
    """Choose the layer of zones; a note tells which others are left out.

    Raises
    ------
    InvalidAreaError : there is no layer, none of the name that is wanted, or several that may be
        meant
    """
    if not layers:
        raise InvalidAreaError(f"{file} holds no layer of features")
    if wanted:
        taken = _named(layers, wanted, file)
        return replace(_features([taken], []), layers=_shown([taken], layers))
    for kind in ("polygon", "point", "line", "shape"):
        same = [layer for layer in layers if layer.kind == kind]
        if len(same) > 1 and kind in ("polygon", "point"):
            names = {one_line(layer.name): layer.shown for layer in same}
            raise several_layers(file, f"layers of {kind}s", names)
        if same:
            others = [one for one in layers if one is not same[0]]
            return replace(_features(same[:1], others), layers=_shown(same, layers))
    return _features(layers[:1], layers[1:])


def several_layers(file: str, what: str, layers: Mapping[str, str]) -> InvalidAreaError:
    """Return the error that a file holds several layers that may be meant.

    Parameters
    ----------
    layers : name by which each may be chosen → its name in words
    """
    some = ", ".join([*layers.values()][:10]) + (", …" if len(layers) > 10 else "")
    return InvalidAreaError(
        f"{file} holds {len(layers)} {what}: {some}; choose one, as in {file}:{[*layers][-1]} "
        "(layer)",
        layers,
    )


def join_layers(layers: Sequence[Layer], wanted: str, file: str) -> Features:
    """Take all layers as one, as the folders of a KML are meant; or the one that is wanted."""
    if not layers:
        raise InvalidAreaError(f"{file} holds no feature")
    taken = [_named(layers, wanted, file)] if wanted else layers
    whole = {} if wanted or len(layers) < 2 else {"": f"all {len(layers)} layers"}
    return replace(_features(taken, []), layers=whole | _shown(taken[:1], layers))


def _named(layers: Sequence[Layer], wanted: str, file: str) -> Layer:
    for layer in layers:
        if wanted in (layer.name, one_line(layer.name)):
            return layer
    same = [layer for layer in layers if layer.name.casefold() == wanted.casefold()]
    if len(same) == 1:
        return same[0]
    names = ", ".join(layer.shown for layer in layers[:10])
    raise InvalidAreaError(f"{file} has no layer {one_line(wanted)!r}; it has {names}")


def _shown(taken: Sequence[Layer], layers: Sequence[Layer]) -> dict[str, str]:
    """Return each layer's name, with and without its count, the first one taken first."""
    if len(layers) < 2:
        return {}
    return {one_line(one.name): one.shown for one in (taken[0], *layers)}


def _features(taken: Sequence[Layer], others: Sequence[Layer]) -> Features:
    notes: tuple[Note, ...] = ()
    if others:
        names = ", ".join(f"{layer.shown} of {layer.kind}s" for layer in others[:5])
        more = f" and {len(others) - 5:,} more" if len(others) > 5 else ""
        zones = one_line(taken[0].name)
        notes = (Note("zones", f"zones are the layer {zones}; left out are {names}{more}"),)
    table = taken[0].table if len(taken) == 1 else _joined([layer.table for layer in taken])
    return Features(table, taken[0].crs, notes)


def _joined(tables: Sequence[FeatureTable]) -> FeatureTable:
    names = dict.fromkeys(name for table in tables for name in table.fields)
    fields = {
        name: [
            value
            for table in tables
            for value in table.fields.get(name, [None] * len(table.shapes))
        ]
        for name in names
    }
    return FeatureTable([shape for table in tables for shape in table.shapes], fields)
