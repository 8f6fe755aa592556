"""The projection of a grid: from the grid mapping of a file, or from the ``crs`` of its row."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from csserv.catalog.read.place.measured import Measure
from csserv.catalog.read.place.projected.cf_projections import PROJECTIONS, as_proj, figure
from csserv.catalog.read.place.surroundings import Coordinate, Surroundings
from csserv.errors import GranuleError

if TYPE_CHECKING:  # pyproj loads where a grid is projected
    from pyproj import CRS

#: attributes that hold a coordinate reference system as a text, the ones of CF and GDAL first
TEXTS = (
    "crs_wkt",
    "spatial_ref",
    "proj4",
    "proj4text",
    "proj4_params",
    "proj4_string",
    "epsg_code",
)

#: semi-major axis of any figure of the Earth [m]
_EARTH = (6.3e6, 6.4e6)

#: longitude and latitude, however it is written
PLAIN = ("epsg:4326", "epsg:4979", "ogc:crs84", "crs84", "wgs84", "wgs 84", "latitude_longitude")

#: how to go on, in the row of a dataset, at ``datasets add``, or in xarray
HOW = 'give the projection as crs, such as crs = "EPSG:32637"'


@dataclass(frozen=True)
class Projection:
    """How the coordinates of a grid become longitude and latitude.

    Attributes
    ----------
    name : as an error calls it
    wkt : what pyproj makes it of; empty where the coordinates are degrees themselves
    unit : of its coordinates [m]; 0 for degrees, as of a rotated pole
    height : of a satellite, where coordinates may be angles that it sees [m]; else 0
    """

    name: str
    wkt: str = ""
    unit: float = 0.0
    height: float = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether coordinates are longitudes and latitudes."""
        return not self.wkt


def of_row(text: str) -> Projection:
    """Read the ``crs`` of a row.

    Raises
    ------
    GranuleError : pyproj does not know it
    """
    name = f"crs {text!r}"
    if text.strip().lower() in PLAIN:
        return Projection(name)
    return _parsed(text, name, f"give one that pyproj knows, such as {'EPSG:32637'!r}")


def find_mapping(around: Surroundings, axes: Collection[str], alone: bool) -> str:
    """Name the grid mapping of a variable; empty where it has none.

    By CF 1.11, section 5.6, it is named as ``crs``, or as ``crs: x y wgs: lat lon`` where
    coordinates of several kinds have one each.

    Parameters
    ----------
    axes : names of the coordinates that it is wanted for
    alone : whether the only one of the file will do where the variable names none
    """
    stated = str(around.get("grid_mapping") or "")
    each = re.findall(r"(\S+?)\s*:\s*([^:]*?)(?=\s+\S+\s*:|$)", stated.strip())
    if each:
        fitting = [name for name, of in each if set(of.split()) & set(axes)]
        return str((fitting or [each[0][0]])[0])
    if stated.strip():
        return stated.split()[0]
    if not alone:
        return ""
    signs = ("grid_mapping_name", *TEXTS)
    found = [one.name for one in around.others(0) if any(one.get(sign) for sign in signs)]
    return found[0] if len(found) == 1 else ""


def read_mapping(around: Surroundings, name: str, axis: Coordinate | None) -> Projection | None:
    """Read a grid mapping, by CF 1.11, appendix F, or by the text that GDAL adds.

    Parameters
    ----------
    axis : one of the axes; by CF, false easting and northing have its units

    Returns
    -------
    None where the file has no such one, or it says of no projection

    Raises
    ------
    GranuleError : unknown, or incomplete; names it
    """
    attributes = around.attributes(name) if name else None
    if attributes is None:
        return None
    plain = {key: _plain(value) for key, value in attributes.items()}
    kind = str(plain.get("grid_mapping_name", "")).strip().lower()
    name = f"grid mapping {name} ({kind})" if kind else f"grid mapping {name}"
    text = next((_text(attributes[key]) for key in TEXTS if plain.get(key)), "")
    if kind == "latitude_longitude" or (not kind and _is_geographic(text)):
        _check_meridian(name, float(plain.get("longitude_of_prime_meridian", 0.0)))
        return Projection(name)
    if kind and not _is_wkt(text):
        unit = axis.units.factor if axis and axis.units.measure is Measure.LENGTH else 1.0
        return _of_parameters(name, kind, tuple(sorted(plain.items())), unit)
    if not text:
        return None
    found = _parsed(text, name, HOW)
    return replace(found, height=found.height or _height(plain))


@lru_cache(maxsize=64)  # the same in thousands of files; pyproj takes milliseconds
def _of_parameters(
    name: str, kind: str, items: tuple[tuple[str, Any], ...], unit: float
) -> Projection:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    plain = dict(items)
    try:
        if kind == "rotated_latitude_longitude":
            base = f"+proj=longlat {figure(plain)} +type=crs"
            poles = {key: value for key, value in plain.items() if "north_pole" in key}
            crs = CRS.from_cf({"grid_mapping_name": kind, "geographic_crs_name": base, **poles})
        elif kind in PROJECTIONS:
            crs = CRS.from_user_input(f"{as_proj(kind, plain, unit)} {figure(plain)} +type=crs")
        else:
            raise GranuleError(f"its {name} is none that csserv knows; {HOW}")
    except (CRSError, KeyError, TypeError, ValueError) as error:
        why = f"it lacks {error}" if isinstance(error, KeyError) else _first_line(error)
        raise GranuleError(f"its {name} cannot be used: {why}; {HOW}") from None
    return _projection(crs, name, _height(plain))


@lru_cache(maxsize=64)
def _parsed(text: str, name: str, how: str) -> Projection:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(text)
    except (CRSError, ValueError, TypeError) as error:
        raise GranuleError(f"its {name} cannot be used: {_first_line(error)}; {how}") from None
    return _projection(crs, name, 0.0)


def _projection(crs: CRS, name: str, height: float) -> Projection:
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    figure = flat.ellipsoid
    if figure is None or not _EARTH[0] < figure.semi_major_metre < _EARTH[1]:
        size = "no figure" if figure is None else f"a radius of {figure.semi_major_metre:g} m"
        raise GranuleError(f"its {name} cannot be used: it gives the Earth {size}; {HOW}")
    if flat.is_geographic and not flat.is_derived:
        _check_meridian(name, flat.prime_meridian.longitude if flat.prime_meridian else 0.0)
        return Projection(name)
    unit = 0.0 if flat.is_geographic else float(flat.axis_info[0].unit_conversion_factor)
    return Projection(name, flat.to_wkt(), unit, height or _satellite_height(flat))


def _satellite_height(crs: CRS) -> float:
    operation = crs.coordinate_operation
    if operation is None or not operation.method_name.startswith("Geostationary"):
        return 0.0
    heights = (one.value for one in operation.params if one.name == "Satellite Height")
    return float(next(heights, 0.0))


def _height(plain: Mapping[str, Any]) -> float:
    return float(plain.get("perspective_point_height", 0.0))


def _check_meridian(name: str, meridian: float) -> None:
    if meridian:
        raise GranuleError(
            f"its {name} counts longitudes from {meridian:g} degrees east; write the file with "
            "those from Greenwich"
        )


def _plain(value: Any) -> Any:
    """Turn what numpy holds into Python's own; texts of numbers into numbers."""
    own = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    if isinstance(own, str) and re.fullmatch(r"[-+0-9.eE]+([ ,]+[-+0-9.eE]+)*", own.strip()):
        numbers = [float(one) for one in re.split(r"[ ,]+", own.strip())]
        return numbers[0] if len(numbers) == 1 else tuple(numbers)
    return tuple(own) if isinstance(own, list) else own


def _text(value: Any) -> str:
    """Write a reference system; a number is that of the EPSG."""
    text = str(value).strip()
    return f"EPSG:{text}" if text.isdigit() else text


def _is_wkt(text: str) -> bool:
    return bool(re.match(r"\s*(PROJ|GEO|BOUND|COMPD|COMPOUND|DERIVED)", text.upper()))


def _is_geographic(text: str) -> bool:
    """Whether a text is of longitude and latitude; known without pyproj."""
    upper = text.strip().upper()
    return upper.startswith(("GEOGCS[", "GEOGCRS[", "GEODCRS[")) and "BASEGEO" not in upper


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
