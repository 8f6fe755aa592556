"""Waypoints of a GPX, once its content has been checked; routes and tracks are lines."""

from __future__ import annotations

from pathlib import Path

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.files.features import Features
from csserv.request.files.shapes.gdal import read_layers

#: layers of lines; GDAL gives their points as layers, too
LINES = ("routes", "tracks")


def read_waypoints(path: Path, file: str, most: int | None) -> Features:
    """Read the waypoints; a note tells of routes and tracks.

    Raises
    ------
    InvalidAreaError : there are none
    """
    layers = {layer.name: layer for layer in read_layers(path, file, most)}
    counts = {name: len(layers[name].table.shapes) for name in LINES if name in layers}
    lines = " and ".join(
        f"{count:,} {name if count > 1 else name[:-1]}" for name, count in counts.items() if count
    )
    if "waypoints" not in layers or not layers["waypoints"].table.shapes:
        has = f" but lines ({lines}), which cover no cell" if lines else ""
        raise InvalidAreaError(f"{file} holds no waypoint{has}; mark places as waypoints")
    notes = (Note("zones", f"zones are the waypoints; left out are {lines}"),) if lines else ()
    return Features(layers["waypoints"].table, layers["waypoints"].crs, notes)
