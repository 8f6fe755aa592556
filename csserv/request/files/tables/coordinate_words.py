"""Words of headers that name coordinates, in languages and programs that tables come from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from csserv.request.files.text_encoding import ungarbled
from csserv.request.plain_text import one_line

#: words of coordinates, in languages that tables are written in, the likeliest first
LATITUDES = (
    *("latitude", "lat", "latitud", "latitudine", "latitudo", "lati", "breite", "breitengrad"),
    *("breedtegraad", "breddgrad", "szerokość", "широта", "خط العرض", "خط عرض", "دائرة العرض"),
    *("دائرة عرض", "عرض جغرافیایی", "العرض", "enlem", "lintang"),
    *("ኬክሮስ", "纬度", "緯度", "vĩ độ", "latdec", "latdd", "declat", "gpslat", "ycoord", "coordy"),
    *("northing", "norte", "y"),
)
LONGITUDES = (
    *("longitude", "lon", "long", "lng", "longitud", "longitudine", "longitudo", "longi"),
    *("länge", "laenge", "längengrad", "lengtegraad", "längdgrad", "długość", "долгота"),
    *("خط الطول", "خط طول", "طول جغرافیایی", "الطول"),
    *("boylam", "bujur", "ኬንትሮስ", "经度", "經度", "kinh độ", "londec", "longdec", "londd"),
    *("longdd", "declon", "declong", "gpslon", "gpslong", "xcoord", "coordx", "easting", "este"),
    "x",
)

#: headers of shapes
SHAPES = (
    *("wkt", "geometry", "geom", "the geom", "wkt geom", "geom wkt", "shape", "geojson", "geo"),
    *("wkb", "ewkb", "ewkt"),
)

#: words for west in some languages and for east in others
EITHER = ("o",)

#: words of a header of a part of a coordinate, or of the edges of a box
PARTS = {
    *("m", "mm", "min", "mins", "minute", "minutes", "minutos", "minuten", "max", "lower", "upper"),
    *("s", "ss", "sec", "secs", "second", "seconds", "secondes", "segundos", "sekunden"),
}

#: words that say nothing of the sign
UNITS_BESIDE = (
    *("deg", "degree", "degrees", "dd", "decimal", "decimals", "dms", "wgs", "gps", "in", "d"),
    *("degre", "degres", "degrés", "grados", "graus", "n", "north", "e", "east"),
)

#: words of a column that tells the side only: N/S, lat_dir, GPSLatitudeRef
SIDE_WORDS = {
    *("ns", "ew", "we", "dir", "direction", "hem", "hemi", "hemisphere", "hémisphère", "ref"),
    *("hemisferio", "hemisfério", "hemisphäre", "side", "sense"),
}

#: words of the coordinates to take of several: plain degrees, and of the usual system
PLAIN_DEGREES = frozenset(("dd", "decimal", "decimals", "dec", "wgs"))

_LETTER = re.compile(r"[^\W\d_]")

#: names for people, of columns such as "long name"
NAMES_BESIDE = frozenset(("name", "names", "nom", "nombre", "nome", "desc", "description", "rains"))


def words_of(name: object) -> list[str]:
    """Return the words of a header, in small letters; ``decimalLatitude`` has two.

    >>> words_of("GPSLatitude_dd"), words_of("خط العرض (N)")
    (['gps', 'latitude', 'dd'], ['خط', 'العرض', 'n'])
    """
    if not _LETTER.search(given := str(name)):  # as most values of a wide table
        return []
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", ungarbled(one_line(given)))
    return re.findall(r"[^\W\d_]+", apart.casefold())


def tells_side(words: Sequence[str]) -> bool:
    """Whether a header of these words is of a column of letters, such as N/S or lat_dir."""
    plain = set(words)
    both = ({"n", "s"}, {"e", "w"}, {"e", "o"}, {"o", "w"})
    return bool(plain & SIDE_WORDS) or any(pair <= plain for pair in both)
