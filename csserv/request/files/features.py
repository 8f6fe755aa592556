"""The features read from a file: names, geometries and coordinate system; and the area of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.request.area import Area, Zone
from csserv.request.limits import Limits

#: fields that may hold the name of a feature, the likeliest first
NAMES = ("name", "nam", "title", "label", "adm2_en", "adm1_en", "name_1", "id")

#: coordinate systems by code or in full; GDAL itself would also open files and addresses
_CRS = re.compile(r"(EPSG|ESRI|OGC):\w{1,20}|\s*[A-Z_]{5,20}\s*\[.*", re.DOTALL)


@dataclass(frozen=True)
class Features:
    """The features of a file in its order; a shape may be None, a name empty."""

    names: Sequence[object]
    shapes: Sequence[BaseGeometry | None]
    crs: str | None

    def to_area(self, file: str, title: str, limits: Limits) -> Area:
        """Make an area with each feature as a zone, in longitude/latitude.

        Parameters
        ----------
        file : name of the file, for error messages
        title : of the area, if it has several zones

        Raises
        ------
        InvalidAreaError : there is no feature, or one is no usable zone
        AreaTooLargeError : there are more zones or vertices than the limits allow
        """
        shapes = [(i, shape) for i, shape in enumerate(self.shapes, 1) if shape is not None]
        if not shapes:
            raise InvalidAreaError(f"{file} holds no feature")
        if limits.zones is not None and len(shapes) > limits.zones:  # the rest was not read
            raise AreaTooLargeError(
                f"{file} has more than {limits.zones:,} zones (CSSERV_MAX_ZONES)"
            )
        vertices = sum(int(shapely.get_num_coordinates(shape)) for _, shape in shapes)
        limits.check_counts(len(shapes), vertices)
        zones = tuple(
            Zone(str(i), str(self.names[i - 1] or f"zone {i}"), self._lonlat(shape, file))
            for i, shape in shapes
        )
        return Area(zones, zones[0].name if len(zones) == 1 else title)

    def _lonlat(self, shape: BaseGeometry, file: str) -> BaseGeometry:
        if self.crs in (None, "EPSG:4326", "OGC:CRS84"):
            return shape
        if not _CRS.fullmatch(self.crs):
            raise InvalidAreaError(f"{file}: unknown coordinates")
        from rasterio.warp import transform  # loads PROJ, so only where needed

        def project(xy: np.ndarray) -> np.ndarray:
            return np.column_stack(transform(self.crs, "EPSG:4326", xy[:, 0], xy[:, 1]))

        try:
            return shapely.transform(shapely.force_2d(shape), project)
        except Exception as error:
            raise InvalidAreaError(f"{file}: unknown coordinates: {error}") from None


def name_field(fields: Sequence[str]) -> int | None:
    """Return the index of the field that names a feature; None if there is none.

    >>> name_field(["AREA", "Name"])
    1
    """
    lowered = [field.lower() for field in fields]
    return next((lowered.index(name) for name in NAMES if name in lowered), None)
