"""Grid mappings of the CF conventions, as PROJ writes them.

``pyproj.CRS.from_cf`` puts 0 for what a file leaves out, and leaves out what is beside the
attributes that it looks for; here, what a mapping needs must be there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

#: CF's name → PROJ's; what stands in braces is of FIELDS (CF 1.11, appendix F)
PROJECTIONS = {
    "albers_conical_equal_area": "aea {parallels} {lat} {lon}",
    "azimuthal_equidistant": "aeqd {lat} {lon}",
    "geostationary": "geos {height} {lon} {sweep}",
    "lambert_azimuthal_equal_area": "laea {lat} {lon}",
    "lambert_conformal_conic": "lcc {parallels} {lat} {lon}",
    "lambert_cylindrical_equal_area": "cea {true_scale} {lon}",
    "mercator": "merc {true_scale} {lon}",
    "orthographic": "ortho {lat} {lon}",
    "polar_stereographic": "stere {pole} {lon}",
    "sinusoidal": "sinu {lon}",
    "stereographic": "stere {lat} {lon} {scale}",
    "transverse_mercator": "tmerc {lat} {lon} {scale}",
    "vertical_perspective": "nsper {height} {lat} {lon}",
}

#: CF has a name of its own for each kind of mapping; files mix them up
_LONGITUDES = (
    "longitude_of_central_meridian",
    "longitude_of_projection_origin",
    "straight_vertical_longitude_from_pole",
)
_SCALES = ("scale_factor_at_central_meridian", "scale_factor_at_projection_origin")

Attributes = Mapping[str, Any]


def as_proj(kind: str, mapping: Attributes, unit: float) -> str:
    """Write a grid mapping as PROJ does, without the figure of the Earth.

    Parameters
    ----------
    unit : of false easting and northing [m]

    Raises
    ------
    KeyError : it lacks an attribute; names it
    ValueError : an attribute holds what it may not
    """
    wanted = [name for _, name, _, _ in Formatter().parse(PROJECTIONS[kind]) if name]
    text = PROJECTIONS[kind].format(**{name: FIELDS[name](mapping) for name in wanted})
    shift = (float(mapping.get(f"false_{way}", 0.0)) * unit for way in ("easting", "northing"))
    return "+proj={} +x_0={!r} +y_0={!r}".format(text, *shift)


def figure(mapping: Attributes) -> str:
    """Write the figure of the Earth as PROJ does; WGS 84 where none is given.

    Raises
    ------
    ValueError : it has a name that is not known
    """
    a, b, flat = (_given(mapping, (key,)) for key in _AXES)
    if (radius := _given(mapping, ("earth_radius",))) is not None:
        shape = f"+R={radius!r}"
    elif a is None:
        shape = _named(mapping)
    elif b is not None:
        shape = f"+a={a!r} +b={b!r}"
    else:  # CF: a flattening of 0 is a sphere
        shape = f"+a={a!r} +rf={flat!r}" if flat else f"+R={a!r}"
    meridian = float(mapping.get("longitude_of_prime_meridian", 0.0))
    moved = mapping.get("towgs84")
    shift = f" +towgs84={','.join(map(repr, moved))}" if isinstance(moved, tuple) else ""
    return f"{shape} +pm={meridian!r}{shift}"


_AXES = ("semi_major_axis", "semi_minor_axis", "inverse_flattening")

_UNKNOWN = ("", "unknown", "undefined", "none")


#: figures by the names of ellipsoids, and of data that rest on them, without marks between words
_ELLIPSOIDS = {
    "WGS84": ("wgs84", "wgs1984", "worldgeodeticsystem1984", "epsg7030"),
    "GRS80": ("grs80", "grs1980", "nad83", "northamericandatum1983", "etrs89", "epsg7019"),
    "WGS72": ("wgs72", "wgs1972"),
    "clrk66": ("clarke1866", "nad27", "northamericandatum1927"),
    "clrk80": ("clarke1880", "clarke1880rgs", "arc1960", "arc1950"),
    "airy": ("airy1830", "airy", "osgb36", "osgb1936", "ordnancesurveyofgreatbritain1936"),
    "bessel": ("bessel1841", "bessel"),
    "intl": ("international1924", "hayford"),
    "krass": ("krassowsky1940", "krassovsky1940", "krassowsky", "pulkovo1942"),
}


def _named(mapping: Attributes) -> str:
    for key in ("reference_ellipsoid_name", "horizontal_datum_name"):
        name = str(mapping.get(key, "")).strip()
        plain = "".join(c for c in name.casefold() if c.isalnum())
        if plain in _UNKNOWN:
            continue
        for ellipsoid, names in _ELLIPSOIDS.items():
            if plain in names:
                return f"+ellps={ellipsoid}"
        raise ValueError(f"{key} {name!r} is not known")
    return "+ellps=WGS84"


def _parallels(mapping: Attributes) -> str:
    """One standard parallel stands for both."""
    given = mapping["standard_parallel"]
    first, last = (given[0], given[-1]) if isinstance(given, tuple) else (given, given)
    return f"+lat_1={float(first)!r} +lat_2={float(last)!r}"


def _true_scale(mapping: Attributes) -> str:
    """Where, or by how much, lengths are true."""
    if _given(mapping, _SCALES) is not None:
        return f"+k_0={_given(mapping, _SCALES)!r}"
    return f"+lat_ts={_number(mapping, ('standard_parallel',))!r}"


def _pole(mapping: Attributes) -> str:
    """Files mix up the signs of the pole and of the parallel: those of the south are negative."""
    parallel = _given(mapping, ("standard_parallel",))
    origin = _given(mapping, ("latitude_of_projection_origin",))
    pole = math.copysign(
        90.0, _number(mapping, ("standard_parallel",)) if origin is None else origin
    )
    if parallel is None:
        return f"+lat_0={pole!r} +k_0={_number(mapping, _SCALES[::-1])!r}"
    return f"+lat_0={pole!r} +lat_ts={math.copysign(parallel, pole)!r}"


def _sweep(mapping: Attributes) -> str:
    if "sweep_angle_axis" in mapping:
        return f"+sweep={str(mapping['sweep_angle_axis']).lower()}"
    fixed = str(mapping["fixed_angle_axis"]).lower()
    return f"+sweep={'y' if fixed == 'x' else 'x'}"


def _given(mapping: Attributes, names: tuple[str, ...]) -> float | None:
    """Return the first of some attributes that is there."""
    for name in names:
        if name in mapping:
            return float(mapping[name])
    return None


def _number(mapping: Attributes, names: tuple[str, ...]) -> float:
    found = _given(mapping, names)
    if found is None:
        raise KeyError(names[0])
    return found


#: name in PROJECTIONS → what PROJ takes of the attributes of a mapping
FIELDS: dict[str, Callable[[Attributes], str]] = {
    "height": lambda m: f"+h={_number(m, ('perspective_point_height',))!r}",
    "lat": lambda m: f"+lat_0={_number(m, ('latitude_of_projection_origin',))!r}",
    "lon": lambda m: f"+lon_0={_number(m, _LONGITUDES)!r}",
    "parallels": _parallels,
    "pole": _pole,
    "scale": lambda m: f"+k_0={_number(m, _SCALES)!r}",
    "sweep": _sweep,
    "true_scale": _true_scale,
}
