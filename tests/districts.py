"""A small file of districts, as offices of statistics publish them, and what is in it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

#: id, name, province and westmost longitude; each is a square of a degree north of the equator
DISTRICTS = (
    ("LA0101", "Turkana", "North", 22.0),
    ("LA0102", "Central", "North", 23.0),
    ("LA0201", "Central", "South", 24.0),
    ("LA0202", "Murang'a / Côte", "South", 25.0),
)


def district_frame() -> gpd.GeoDataFrame:
    """Fields as OCHA's common operational datasets have them."""
    ids, names, above, west = zip(*DISTRICTS, strict=True)
    return gpd.GeoDataFrame(
        {
            "ADM2_EN": names,
            "ADM2_PCODE": ids,
            "ADM1_EN": above,
            "ADM1_PCODE": [one[:4] for one in ids],
            "ADM0_EN": ["Lakeland"] * len(ids),
        },
        geometry=[shapely.box(x, 0, x + 1, 1) for x in west],
        crs="EPSG:4326",
    )


def write_districts(path: Path) -> Path:
    """Write them as a GeoPackage."""
    district_frame().to_file(path, driver="GPKG")
    return path
