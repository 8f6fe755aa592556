"""Make the lakes, rivers and towns of the map: ``build_places.py path/to/package path/to/cache``.

The first is the unpacked npm package mapeo-offline-map (``npm pack mapeo-offline-map@2.0.0``, then
``tar xzf``): lakes and rivers of Natural Earth, public domain. The second is the file
``cityplacemarks.cache`` of Debian's package marble-qt-data (``apt-get download marble-qt-data``,
then ``dpkg-deb -x``, ``usr/share/marble/data/placemarks``): towns of GeoNames, CC BY 4.0.
"""

from __future__ import annotations

import gzip
import math
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import shapely

TARGET = Path(__file__).parent.parent / "csserv" / "views" / "maps" / "places" / "places.json.gz"

#: simplification [degrees]: about 2 km, that to which the source is rounded
TOLERANCE = 0.02

#: coordinates are whole numbers of this part of a degree
PARTS = 100

#: of towns that are no seats of regions, the largest of each square of this size [degrees]
SQUARE = 0.5

#: least weight of a town of each rank, from 0 on
WEIGHTS = (3_000_000, 1_000_000, 300_000, 100_000, 30_000, 0)

#: how many times its people a capital of a country or the seat of a region counts
COUNTS = {"PPLC": 4.0, "PPLA": 1.5}

#: codes of GeoNames for towns that are given up, destroyed or historical
GONE = frozenset({"PPLQ", "PPLW", "PPLH"})


@dataclass(frozen=True)
class Town:
    """A town of the source."""

    name: str
    lon: float  #: [degrees east]
    lat: float  #: [degrees north]
    kind: str  #: code of GeoNames, such as PPLC
    people: int

    @property
    def weight(self) -> float:
        """How much its name matters on a map."""
        return COUNTS.get(self.kind, 1.0) * max(self.people, 1)

    @property
    def rank(self) -> int:
        """Return 0 for those that a map of the world names, up to 5; capitals have 3 at most."""
        rank = next(i for i, least in enumerate(WEIGHTS) if self.weight >= least)
        return min(rank, 3) if self.kind == "PPLC" else rank


def main() -> None:
    """Build the file."""
    package, cache = map(Path, sys.argv[1:3])
    lakes = shapes(package / "dist" / "lakes.json")
    rivers = shapes(package / "dist" / "rivers.json")
    towns = sorted(chosen(list(read_towns(cache.read_bytes()))), key=lambda t: (-t.weight, t.name))
    places = {
        "lakes": {
            "name": [fields.get("name") or "" for fields, _ in lakes],
            "zoom": [fields["scalerank"] for fields, _ in lakes],
            "shape": [polygons(shape) for _, shape in lakes],
        },
        "rivers": {
            "zoom": [fields["min_zoom"] for fields, _ in rivers],
            "shape": [lines(shape) for _, shape in rivers],
        },
        "towns": {
            "name": [town.name for town in towns],
            "lon": [round(town.lon * PARTS) for town in towns],
            "lat": [round(town.lat * PARTS) for town in towns],
            "rank": [town.rank for town in towns],
            "capital": [int(town.kind == "PPLC") for town in towns],
        },
    }
    TARGET.write_bytes(gzip.compress(orjson.dumps(places), 9, mtime=0))
    counts = f"{len(lakes)} lakes, {len(rivers)} rivers, {len(towns)} towns"
    print(f"{counts}, {TARGET.stat().st_size / 1024:.0f} kB in {TARGET}")


def shapes(path: Path) -> list[tuple[dict[str, Any], Any]]:
    """Read features as fields and simplified shapes; what is shown first comes first."""
    features = orjson.loads(path.read_bytes())["features"]
    read = []
    for feature in features:
        shape = shapely.from_geojson(orjson.dumps(feature["geometry"]).decode())
        read.append((feature["properties"], shapely.simplify(shape, TOLERANCE)))
    return sorted(read, key=lambda pair: pair[0].get("min_zoom", pair[0].get("scalerank")))


def polygons(shape: Any) -> list[list[list[int]]]:
    """Write the rings of each polygon: a lake, and its islands."""
    return [
        [steps(ring) for ring in (one.exterior, *one.interiors)] for one in shapely.get_parts(shape)
    ]


def lines(shape: Any) -> list[list[int]]:
    """Write each line of a river."""
    return [steps(one) for one in shapely.get_parts(shape)]


def steps(line: Any) -> list[int]:
    """Write the corners of a line as lon, lat, lon, lat, …, each as the step from the one before.

    >>> steps(shapely.LineString([(33.0, -1.0), (33.01, -1.02)]))
    [3300, -100, 1, -2]
    """
    corners = (shapely.get_coordinates(line) * PARTS).round().astype(int).tolist()
    first: list[int] = corners[0]
    pairs = pairwise(corners)
    return first + [now - was for one, other in pairs for was, now in zip(one, other, strict=True)]


def chosen(towns: list[Town]) -> Iterator[Town]:
    """Yield capitals, seats of regions, large towns, and the largest of each square."""
    largest: dict[tuple[int, int], Town] = {}
    for town in towns:
        square = (math.floor(town.lon / SQUARE), math.floor(town.lat / SQUARE))
        if square not in largest or largest[square].people < town.people:
            largest[square] = town
    best = set(largest.values())
    yield from (
        town for town in towns if town.kind in COUNTS or town.people >= 200_000 or town in best
    )


def read_towns(data: bytes) -> Iterator[Town]:
    """Read the cache of Marble: Qt's data stream, its places in radians."""
    if struct.unpack_from(">I", data)[0] != 0x31415926:
        raise ValueError("this is no cache of places of Marble")
    at = 8

    def text() -> str:
        nonlocal at
        (size,) = struct.unpack_from(">I", data, at)
        start, at = at + 4, at + 4 + (0 if size == 0xFFFFFFFF else size)
        return data[start:at].decode("utf-16-be")

    while at < len(data):
        name = text()
        lon, lat, _ = struct.unpack_from(">ddd", data, at)
        at += 24
        kind, _, _, _ = (text() for _ in range(4))  # role, description, country, state
        _, people, _, _ = struct.unpack_from(">dqhb", data, at)  # area, people, two of the time
        at += 19
        if kind not in GONE:
            yield Town(name, math.degrees(lon), math.degrees(lat), kind, people)


if __name__ == "__main__":
    main()
