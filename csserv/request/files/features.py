"""The features read from a file, with their coordinate system; and the area of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.notes import Note
from csserv.request.area import Area, Zone
from csserv.request.coordinate_systems import DEGREES, code_of
from csserv.request.feature_table import FeatureTable, shape_notes
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.files.text_encoding import garbled_note
from csserv.request.limits import Limits

#: coordinate systems by code or in full; PROJ itself would also open files
_CRS = re.compile(r"(EPSG|ESRI|OGC):\w{1,20}|\s*[A-Z_]{5,20}\s*\[.*", re.DOTALL)

#: longest edge of a projected polygon [m]; 3,000 km bend by 20 m between corners of this distance
LONGEST_EDGE = 10_000


@dataclass(frozen=True)
class Features:
    """The features of a file, and what it says of all of them.

    Attributes
    ----------
    crs : coordinate system; empty for longitude and latitude
    notes : what was left out of it
    title : of the area; empty for the name of the file, or of its only zone
    mixed : whether polygons and points are zones side by side
    layers : name of each layer → its name in words, where there are several; the one taken first
    columns : all of a table
    used : of these, those of longitude and latitude
    """

    table: FeatureTable
    crs: str = ""
    notes: tuple[Note, ...] = ()
    title: str = ""
    mixed: bool = False
    layers: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    used: tuple[str, str] = ("", "")

    def to_area(
        self, file: str, title: str, limits: Limits, choices: FileChoices = NO_CHOICES
    ) -> Area:
        """Make an area with each polygon, or else each point, as a zone, in longitude/latitude.

        Parameters
        ----------
        file : name of the file, for error messages
        title : of the area, if it has several zones

        Raises
        ------
        InvalidAreaError : there is no feature, or one is no usable zone
        AreaTooLargeError : there are more zones or vertices than the limits allow
        """
        count = len(self.table.shapes)
        if not count:
            raise InvalidAreaError(f"{file} holds no feature")
        if limits.zones is not None and count > limits.zones:  # the rest was not read
            raise AreaTooLargeError(
                f"{file} has more than {limits.zones:,} zones (CSSERV_MAX_ZONES)"
            )
        self.table.check_counts(limits)
        try:
            rows, notes = self.table.zones(self.mixed, choices.name_field, choices.id_field)
        except InvalidAreaError as error:
            raise InvalidAreaError(f"{file}: {error}") from None
        to_degrees = _Conversion(choices.crs or self.crs, file, self.crs if choices.crs else "")
        shapes = to_degrees([shape for _, _, shape, _ in rows])
        zones = Zone.of_rows(
            [(i, name, one, above) for (i, name, _, above), one in zip(rows, shapes, strict=True)]
        )
        told = shape_notes([name for _, name, _, _ in rows], shapes)
        fields = (*self.table.fields, *self.columns)
        garbled = garbled_note([name for _, name, _, _ in rows], fields)
        whole = (*self.notes, *to_degrees.notes, *notes, *told, *garbled)
        return Area(zones, self.title or (zones[0].name if len(zones) == 1 else title), whole)


class _Conversion:
    """Converts shapes to longitude and latitude [degrees].

    Raises
    ------
    InvalidAreaError : an unknown coordinate system
    """

    def __init__(self, crs: str, file: str, stated: str = "") -> None:
        self._file = file
        self._transformer = None
        self._longest = math.inf
        self.notes: tuple[Note, ...] = ()
        if stated:
            said = f"coordinates are taken as {crs}, whatever {file} says of them"
            self.notes = (Note("zones", said),)
        plain = code_of(crs)
        if plain in DEGREES:
            return
        if not _CRS.fullmatch(plain):
            raise InvalidAreaError(
                f"{file}: unknown coordinate system {crs[:80]!r}; write it as EPSG:32737"
            )
        import pyproj  # slow to import, and most files are in degrees

        try:
            system = pyproj.CRS.from_user_input(plain)
            if system.is_geographic and system.equals("EPSG:4326", ignore_axis_order=True):
                return
            if not (system.is_projected or system.is_geographic):
                raise pyproj.exceptions.CRSError("no map")
            self._transformer = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
            self._longest = LONGEST_EDGE / system.axis_info[0].unit_conversion_factor
        except pyproj.exceptions.ProjError:
            raise InvalidAreaError(f"{file}: unknown coordinate system {crs[:80]!r}") from None
        said = f"coordinates are converted from {system.name}"
        self.notes = (*self.notes, Note("zones", said))

    def __call__(self, shapes: Sequence[BaseGeometry]) -> Sequence[BaseGeometry]:
        """Convert shapes, all at once."""
        if self._transformer is None:
            return shapes
        # a straight edge of a projection is a curve in degrees
        given = np.fromiter(shapes, object, len(shapes))
        dense = shapely.segmentize(shapely.force_2d(given), self._longest)
        moved = shapely.transform(dense, self._project)
        if not np.isfinite(shapely.get_coordinates(moved)).all():
            raise InvalidAreaError(
                f"{self._file}: coordinates lie outside of its coordinate system; say the right "
                "one (crs)"
            )
        return list(moved)

    def _project(self, xy: np.ndarray) -> np.ndarray:
        if self._transformer is None:
            return xy
        return np.column_stack(self._transformer.transform(xy[:, 0], xy[:, 1]))
