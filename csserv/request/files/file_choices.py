"""What a person may say of an area file where the file does not say it, or says several things."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileChoices:
    """Choices of how to read an area file; each is empty where the file, or its content, decides.

    Attributes
    ----------
    layer : which of several layers, folders or files in a ZIP
    name_field, id_field : fields of the names and ids of zones
    crs : coordinate system, as "EPSG:32737"
    encoding : of texts, as "cp1256"
    lon_field, lat_field : columns of the longitudes and latitudes of a table
    """

    layer: str = ""
    name_field: str = ""
    id_field: str = ""
    crs: str = ""
    encoding: str = ""
    lon_field: str = ""
    lat_field: str = ""

    @property
    def names_columns(self) -> bool:
        """Whether columns of coordinates are named, as only tables have them."""
        return bool(self.lon_field or self.lat_field)


NO_CHOICES = FileChoices()
