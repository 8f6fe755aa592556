"""Writes zones as canonical GeoJSON: the same zones always give the same text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.machine.collection_pause import pause_collection
from csserv.notes import Note

#: numbers nearer to zero are written by orjson in another way than by Python
TINY = 1e-4


def canonical_geojson(
    title: str, zones: Sequence[tuple[str, str, BaseGeometry]], notes: Sequence[Note]
) -> str:
    """Return a FeatureCollection as text: keys are sorted, and there are no spaces.

    Parameters
    ----------
    zones : id, name and shape of each, in two dimensions
    """
    with pause_collection():  # lists of millions of corners are made and thrown away
        shapes = _geometries([shape for _, _, shape in zones])
    features = ",".join(
        f'{{"geometry":{shape},"id":{_text(i)},"properties":{{"name":{_text(name)}}},'
        '"type":"Feature"}'
        for (i, name, _), shape in zip(zones, shapes, strict=True)
    )
    told = f'"notes":{_text([note.to_dict() for note in notes])},' if notes else ""
    end = f'"title":{_text(title)},"type":"FeatureCollection"}}'
    return f'{{"features":[{features}],{told}{end}'


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _geometries(shapes: Sequence[BaseGeometry]) -> list[str]:
    given = np.fromiter(shapes, object, len(shapes))
    kinds = np.array([shape.geom_type for shape in shapes])
    texts = np.empty(len(given), object)
    for kind in np.unique(kinds).tolist():
        places = np.flatnonzero(kinds == kind)
        for place, text in zip(places, _coordinates(given[places]), strict=True):
            texts[place] = f'{{"coordinates":{text},"type":"{kind}"}}'
    return list(texts)


def _coordinates(shapes: NDArray[np.object_]) -> list[str]:
    """Write the coordinates of shapes of one kind."""
    xy, of_shape = shapely.get_coordinates(shapes, return_index=True)
    # a point has no parts: to look for them is half of the work for it
    is_point = shapes[0].geom_type == "Point"
    offsets = () if is_point else shapely.to_ragged_array(shapes, include_z=False)[2]
    whole: list[Any] = xy.tolist()
    for ends in offsets:
        whole = [whole[first:end] for first, end in pairwise(ends.tolist())]
    tiny = set(of_shape[((xy != 0) & (np.abs(xy) < TINY)).any(axis=1)].tolist())
    return [_text(one) if i in tiny else orjson.dumps(one).decode() for i, one in enumerate(whole)]
