"""What was read from a file of shapes: names, geometries, and their coordinate system."""

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

#: fields that name a feature, the likeliest first
NAMES = ("name", "nam", "title", "label", "adm2_en", "adm1_en", "name_1", "id")

#: a coordinate system by its code or in full; by itself, GDAL also takes files and addresses
_CRS = re.compile(r"(EPSG|ESRI|OGC):\w{1,20}|\s*[A-Z_]{5,20}\s*\[.*", re.DOTALL)


@dataclass(frozen=True)
class Features:
    """The features of a file, in its order; a shape may be missing, a name empty."""

    names: Sequence[object]
    shapes: Sequence[BaseGeometry | None]
    crs: str | None

    def to_area(self, file: str, title: str, limits: Limits) -> Area:
        """Make each feature a zone, in longitude/latitude.

        Parameters
        ----------
        file : what the file is called
        title : of the area, when it has several zones

        Raises
        ------
        InvalidAreaError : there is no feature, or one that is no usable zone
        AreaTooLargeError : there are more zones or vertices than the limits allow
        """
        shapes = [(i, shape) for i, shape in enumerate(self.shapes, 1) if shape is not None]
        if not shapes:
            raise InvalidAreaError(f"{file} holds no feature")
        if limits.zones is not None and len(shapes) > limits.zones:  # no more were read
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
        from rasterio.warp import transform  # PROJ is loaded only where needed

        def project(xy: np.ndarray) -> np.ndarray:
            return np.column_stack(transform(self.crs, "EPSG:4326", xy[:, 0], xy[:, 1]))

        try:
            return shapely.transform(shapely.force_2d(shape), project)
        except Exception as error:
            raise InvalidAreaError(f"{file}: unknown coordinates: {error}") from None


def name_field(fields: Sequence[str]) -> int | None:
    """Choose the field that names a feature.

    >>> name_field(["AREA", "Name"])
    1
    """
    lowered = [field.lower() for field in fields]
    return next((lowered.index(name) for name in NAMES if name in lowered), None)
