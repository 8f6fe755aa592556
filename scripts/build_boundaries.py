"""Make the bundled boundaries from Natural Earth: ``build_boundaries.py path/to/world_map.gpkg``.

The GeoPackage is in Debian's package qgis-common (``apt-get download qgis-common``, then
``dpkg-deb -x``, ``usr/share/qgis/resources/data/world_map.gpkg``); Natural Earth 10 m, public
domain.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

from csserv.name_folding import fold_name

#: simplification [degrees]: 0.01 is about 1 km, a fifth of a CHIRPS cell
TOLERANCE = 0.01
DECIMALS = 4
TARGET = Path(__file__).parent.parent / "csserv" / "catalog" / "boundaries"

#: the two features that the layer leaves without name and code, in its order
NAMELESS = [("TKL", "Tokelau"), ("XDA", "Disputed areas")]

#: country, name that the layer gives to a unit, a place in it [degrees], and the unit's own name;
#: the layer has the names of neighbours there, though its field ``gn_name`` is mostly right
MISNAMED = (
    ("AFG", "Parwan", (69.515, 35.313), "Panjshir"),
    ("AFG", "Uruzgan", (66.130, 33.722), "Daykundi"),
    ("ALB", "Durrës", (19.819, 41.328), "Tiranë"),
    ("AZE", "Lankaran", (46.280, 39.730), "La\u00e7\u0131n"),
    ("ECU", "Napo", (-78.617, -1.249), "Tungurahua"),
    ("ECU", "Tungurahua", (-77.813, -0.994), "Napo"),
    ("ERI", "Anseba", (38.931, 15.339), "Maekel"),
    ("ERI", "Debub", (38.483, 16.667), "Semenawi Keyih Bahri"),
    ("ERI", "Maekel", (38.816, 14.887), "Debub"),
    ("ERI", "Semenawi Keyih Bahri", (38.451, 15.778), "Anseba"),
    ("GBR", "Halton", (-3.014, 53.389), "Wirral"),
    ("GUY", "Cuyuni-Mazaruni", (-58.507, 7.264), "Pomeroon-Supenaam"),
    ("GUY", "Demerara-Mahaica", (-58.198, 6.800), "Essequibo Islands-West Demerara"),
    ("GUY", "East Berbice-Corentyne", (-58.155, 6.790), "Demerara-Mahaica"),
    ("GUY", "Essequibo Islands-West Demerara", (-57.600, 6.383), "Mahaica-Berbice"),
    ("GUY", "Mahaica-Berbice", (-57.517, 6.250), "East Berbice-Corentyne"),
    ("GUY", "Pomeroon-Supenaam", (-58.624, 6.407), "Cuyuni-Mazaruni"),
    ("GUY", "Upper Demerara-Berbice", (-59.800, 3.383), "Upper Takutu-Upper Essequibo"),
    ("GUY", "Upper Takutu-Upper Essequibo", (-58.300, 6.000), "Upper Demerara-Berbice"),
    ("HRV", "Brodsko-Posavska", (17.686, 45.340), "Požeško-Slavonska"),
    ("MWI", "Chitipa", (33.933, -9.933), "Karonga"),
    ("MDA", "Rezina", (29.000, 47.770), "Rîbnița"),
    ("NPL", "Bhojpur", (87.270, 26.455), "Kosi"),
    ("SRB", "Pomoravski", (21.333, 43.583), "Rasinski"),
    ("SVN", "Bistrica ob Sotli", (15.598, 46.157), "Podcetrtek"),
    ("SVN", "Podcetrtek", (15.650, 46.060), "Bistrica ob Sotli"),
    ("SVN", "Zasavska", (14.997, 46.134), "Zagorje ob Savi"),
    ("UGA", "Mbarara", (30.850, -0.200), "Kiruhura"),
    ("VNM", "Đông Bắc", (105.834, 22.147), "Bắc Kạn"),
    ("VNM", "Đông Nam Bộ", (106.817, 10.950), "Đồng Nai"),
    ("VNM", "Đồng Bằng Sông Hồng", (106.051, 20.646), "Hưng Yên"),
)

Row = dict[str, str]


def main() -> None:
    """Build both layers."""
    source = Path(sys.argv[1])
    countries, shapes = read(source, "countries")
    country_rows = country_names(countries)
    write("country", country_rows, simplified(shapes))
    isos = {row["iso"] for row in country_rows}
    units, shapes = read(source, "states_provinces")
    units = rightly_named(units, shapes)
    write("admin_1_earth", unit_names(units, countries, country_rows, isos), simplified(shapes))


def read(source: Path, layer: str) -> tuple[list[Row], np.ndarray]:
    """Read a layer as mappings and shapes; the file stops 0.1 degrees short of the antimeridian."""
    meta, _, wkb, values = pyogrio.raw.read(source, layer=layer)
    rows = [
        dict(zip(meta["fields"], map(str, row), strict=True)) for row in zip(*values, strict=True)
    ]
    return rows, shapely.transform(shapely.from_wkb(wkb), to_the_edge)


def rightly_named(rows: list[Row], shapes: np.ndarray) -> list[Row]:
    """Give units that have a neighbour's name their own; each must be where it is said to be."""
    own: dict[int, str] = {}
    for country, wrong, place, name in MISNAMED:
        there = shapely.covers(shapes, shapely.Point(place))
        (found,) = [i for i, row in enumerate(rows) if there[i] and row["adm0_a3"] == country]
        if rows[found]["name"] != wrong:
            raise ValueError(f"{rows[found]['name']} is at {place}, not {wrong}")
        own[found] = name
    return [{**row, "name": own.get(i, row["name"])} for i, row in enumerate(rows)]


def to_the_edge(xy: np.ndarray) -> np.ndarray:
    """Move vertices at 179.9 degrees east or west, and 89.9 south, to 180 and 90."""
    lon, lat = xy.T
    lon = np.where(np.abs(lon) > 179.8999, np.sign(lon) * 180.0, lon)
    return np.column_stack([lon, np.where(lat < -89.8999, -90.0, lat)])


def simplified(shapes: np.ndarray) -> np.ndarray:
    """Simplify with shared edges kept; a shape too small for it stays as it is."""
    rough = shapely.coverage_simplify(shapes, TOLERANCE, simplify_boundary=True)
    kept = np.where(shapely.is_empty(rough) | (shapely.area(rough) == 0), shapes, rough)
    rounded = shapely.transform(kept, lambda xy: np.round(xy, DECIMALS))
    valid = shapely.make_valid(rounded, method="structure", keep_collapsed=False)
    lost = shapely.is_empty(valid)
    valid[lost] = shapely.make_valid(shapes[lost])
    return np.asarray(shapely.normalize(valid))


def country_names(rows: list[Row]) -> list[Row]:
    """Name each country by its ISO A3 code, or where it has none by the layer's other code."""
    seen: set[str] = set()
    named = []
    nameless = iter(NAMELESS)
    for row in rows:
        if row["NAME"] in ("", "nan", "None"):
            row["ISO_A3"], row["NAME"] = next(nameless)
        own = slug(row["NAME"])[:12].upper()
        codes = [row["ISO_A3"], row["WB_A3"], own, *(f"{own}-{n}" for n in range(2, 9))]
        code = next(c for c in codes if c not in ("", "-99", "nan", "None") and c not in seen)
        seen.add(code)
        named.append({"id": code, "name": row["NAME"], "iso": code})
    return named


def unit_names(
    rows: list[Row], countries: list[Row], named: list[Row], isos: set[str]
) -> list[Row]:
    """Name each unit by its country's code and its own name; a second of a name has a number."""
    by_two = {c["iso_a2"]: n["iso"] for c, n in zip(countries, named, strict=True)}
    by_two = {two: iso for two, iso in by_two.items() if two not in ("", "-99", "-1", "None")}
    seen: dict[str, int] = {}
    result = []
    for row in rows:
        iso = (
            row["adm0_a3"] if row["adm0_a3"] in isos else by_two.get(row["iso_a2"], row["adm0_a3"])
        )
        options = (row["name"], row["woe_name"], row["gn_name"], f"{row['admin']} (unnamed)")
        name = next(n for n in options if n not in ("", "nan", "None"))
        key = f"{iso}-{slug(name)}"
        seen[key] = seen.get(key, 0) + 1
        number = f"-{seen[key]}" if seen[key] > 1 else ""
        result.append({"id": key + number, "name": name, "iso": iso})
    return result


def slug(text: str) -> str:
    """Plain lower-case letters, digits and hyphens."""
    plain = fold_name(text.replace("\u2013", ""))  # ids have always been without dashes
    return plain.replace(" ", "-") if plain.isascii() and plain else "unit"


def write(layer: str, rows: list[Row], shapes: np.ndarray) -> None:
    """Write one GeoJSON feature a line, by id, compressed, the same bytes each time."""
    lines = []
    for row, shape in sorted(zip(rows, shapes, strict=True), key=lambda pair: pair[0]["id"]):
        geometry = json.loads(shapely.to_geojson(shape))
        properties = {"name": row["name"], "iso": row["iso"]}
        feature = {
            "type": "Feature",
            "id": row["id"],
            "properties": properties,
            "geometry": geometry,
        }
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) + "\n")
    path = TARGET / f"{layer}.geojsonl.gz"
    path.write_bytes(gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0))
    valid = int(shapely.is_valid(shapes).sum())
    print(f"{path.name}: {len(rows)} features, {valid} valid, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
