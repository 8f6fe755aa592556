"""Names of coordinate systems as files write them, and which mean longitude and latitude."""

from __future__ import annotations

import re

#: those of longitude and latitude that need no conversion; nothing said means these
DEGREES = frozenset(("", "EPSG:4326", "EPSG:4979", "OGC:CRS84", "OGC:CRS84H"))

#: names without an authority → their codes; as EWKT, frames and people write them
NAMES = {
    **dict.fromkeys(("CRS84", "CRS:84", "WGS84", "WGS 84", "WGS_84", "WGS 1984"), "OGC:CRS84"),
    **dict.fromkeys(("GCS_WGS_1984", "WGS 84 (CRS84)", "SRID=0"), "OGC:CRS84"),
    **dict.fromkeys(("GOOGLE", "EPSG:900913", "EPSG:102100", "EPSG:102113"), "EPSG:3857"),
}

#: forms of a code: EPSG:4326 and EPSG::4326; URNs and addresses; SRID=4326; and the number alone
_FORMS = (
    re.compile(r"(EPSG|ESRI|OGC):{1,2}(?:[\d.]*:)?(\w{1,20})"),
    re.compile(r"URN:(?:X-)?OGC:DEF:CRS:(EPSG|ESRI|OGC):(?:[\d.]*:)?(\w{1,20})"),
    re.compile(r"HTTPS?://WWW\.OPENGIS\.NET/DEF/CRS/(EPSG|ESRI|OGC)/[\d.]+/(\w{1,20})"),
    re.compile(r"HTTPS?://WWW\.OPENGIS\.NET/GML/SRS/(EPSG)\.XML#(\d{1,6})"),
    re.compile(r"HTTPS?://SPATIALREFERENCE\.ORG/REF/(EPSG|ESRI)/(\d{1,6})\b.*"),
    re.compile(r"HTTPS?://(EPSG)\.IO/(\d{1,6})"),
    re.compile(r"()(?:SRID=)?(\d{1,6})"),
)


def code_of(text: str) -> str:
    """Return the code of a coordinate system, as EPSG:32737; another text without outer spaces.

    >>> code_of("urn:ogc:def:crs:EPSG::32737"), code_of("epsg:4326"), code_of("SRID=3857")
    ('EPSG:32737', 'EPSG:4326', 'EPSG:3857')
    """
    plain = text.strip().removesuffix(";")
    upper = plain.upper()
    for form in _FORMS:
        if found := form.fullmatch(upper):
            plain = f"{found[1] or 'EPSG'}:{found[2]}"
    return NAMES.get(upper, NAMES.get(plain, plain))


def is_degrees(text: str) -> bool:
    """Whether a coordinate system is longitude and latitude, WGS 84, by its name; also where empty.

    >>> is_degrees("urn:ogc:def:crs:OGC:1.3:CRS84"), is_degrees("EPSG:3857"), is_degrees("")
    (True, False, True)
    """
    return code_of(text) in DEGREES
