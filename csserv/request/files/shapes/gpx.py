"""Waypoints of a GPX, or else points of routes, once its content has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.files.features import Features
from csserv.request.files.layers_in_file import Layer
from csserv.request.files.shapes.gdal import read_layers

#: layers of lines; GDAL gives their points as layers, too
LINES = ("routes", "tracks")

#: numbers that GDAL gives to points of routes
_NUMBERS = ("route_fid", "route_point_id")


def read_waypoints(path: Path, file: str, most: int | None) -> Features:
    """Read the waypoints, or else the points of routes; a note tells what is left out.

    Raises
    ------
    InvalidAreaError : there are none
    """
    layers = {layer.name: layer for layer in read_layers(path, file, most)}
    counts = {name: len(layers[name].table.shapes) for name in LINES if name in layers}
    lines = _listed(counts)
    if taken := _with_shapes(layers, "waypoints"):
        said = f"zones are the waypoints; left out are {lines}" if lines else ""
    elif taken := _with_shapes(layers, "route_points"):
        tracks = _listed({"tracks": counts.get("tracks", 0)})
        said = f"zones are the points of {_listed({'routes': counts.get('routes', 0)})}"
        said += f"; left out are {tracks}" if tracks else ""
    else:
        has = f" but lines ({lines}), which cover no cell" if lines else ""
        raise InvalidAreaError(f"{file} holds no waypoint{has}; mark places as waypoints")
    fields = {name: one for name, one in taken.table.fields.items() if name not in _NUMBERS}
    notes = (Note("zones", said),) if said else ()
    return Features(replace(taken.table, fields=fields), taken.crs, notes)


def _with_shapes(layers: Mapping[str, Layer], name: str) -> Layer | None:
    found = layers.get(name)
    return found if found and found.table.shapes else None


def _listed(counts: Mapping[str, int]) -> str:
    """Return layers of lines with their counts; empty for none."""
    return " and ".join(
        f"{count:,} {name if count > 1 else name[:-1]}" for name, count in counts.items() if count
    )
