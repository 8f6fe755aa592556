"""Build the outline of the countries that the map on the screen shows, from the bundled layer.

Usage: python scripts/build_world.py
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import orjson
import shapely

from csserv.catalog import Layers

TARGET = Path(__file__).parent.parent / "csserv" / "views" / "maps" / "world.geojsonl.gz"

#: about 15 km: half a pixel where the whole world is on a screen [degrees]
TOLERANCE = 0.15


def main() -> None:
    """Simplify the countries with shared edges kept, and leave out what no screen shows."""
    layer = Layers.bundled()["country"]
    shapes = [layer.zone(feature).geometry for feature in layer.features]
    simple = shapely.coverage_simplify(np.array(shapes), TOLERANCE)
    lines = []
    for feature, shape in zip(layer.features, simple, strict=True):
        geometry = orjson.loads(shapely.to_geojson(shapely.set_precision(large_parts(shape), 0.01)))
        names = {"name": feature.name, "iso": feature.iso}
        lines.append(
            orjson.dumps(
                {"type": "Feature", "id": feature.id, "properties": names, "geometry": geometry}
            )
        )
    TARGET.write_bytes(gzip.compress(b"\n".join(lines) + b"\n", 9, mtime=0))
    print(f"{len(lines)} countries, {TARGET.stat().st_size / 1024:.0f} kB in {TARGET}")


def large_parts(shape: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """Leave out islands that are less than a pixel; the largest part stays in any case."""
    parts = shapely.get_parts(shape)
    sizes = shapely.area(parts)
    return shapely.multipolygons(parts[(sizes > 2 * TOLERANCE**2) | (sizes == sizes.max())])


if __name__ == "__main__":
    main()
