"""What may be asked about data and areas: datasets, what they cover, layers, areas."""

from __future__ import annotations

from abc import ABC, abstractmethod

from csserv.catalog import Coverage
from csserv.catalog.area_lookup import AreaLike
from csserv.catalog.layers import FeatureLayer
from csserv.catalog.own_layers import OwnLayer
from csserv.request import Area
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.table import Table


class DataMethods(ABC):
    """Which data there are, and which areas they may be asked for."""

    @property
    @abstractmethod
    def datasets(self) -> Table:
        """The datasets and their coverage as a table; call it with a text to search it."""

    @abstractmethod
    def extent(self, dataset: str) -> tuple[str, str]:
        """First and last day of a dataset's data on this machine, ``YYYY-MM-DD``."""

    @abstractmethod
    def coverage(self, name: str) -> Coverage:
        """Return what a dataset's files on this machine cover, and which steps are missing."""

    def area(
        self,
        given: AreaLike,
        *,
        layer: str = "",
        name_field: str = "",
        id_field: str = "",
        crs: str = "",
        encoding: str = "",
        lon_field: str = "",
        lat_field: str = "",
    ) -> Area:
        """Make an area of a feature's name, a file, GeoJSON, a GeoDataFrame, a geometry or a box.

        Files are read on this machine. For callers on other machines, use ``layers.find`` for names
        and ``csserv.request.files.read_upload`` for files.

        Parameters
        ----------
        layer : which of several layers, folders or files in a ZIP; also ``"file.gpkg:layer"``
        name_field, id_field : fields of the names and ids of zones
        crs : coordinate system, such as ``"EPSG:32737"``, of a file that does not state it
        encoding : of the texts of a shapefile or table, such as ``"cp1256"``
        lon_field, lat_field : columns of the longitudes and latitudes of a table
        """
        choices = FileChoices(layer, name_field, id_field, crs, encoding, lon_field, lat_field)
        return self._find_area(given, choices)

    @abstractmethod
    def add_layer(
        self,
        name: str,
        given: AreaLike,
        choices: FileChoices = NO_CHOICES,
        *,
        title: str = "",
        source: str = "",
        licence: str = "",
        valid_from: str = "",
        replace: bool = False,
    ) -> OwnLayer | FeatureLayer:
        """Add a layer of one's own: its zones are then areas by name, such as ``name/Turkana``.

        Parameters
        ----------
        name : small letters, digits, _ and -, such as ``kenya_counties``
        given : a file of polygons or points, a GeoDataFrame, or another area
        choices : how to read a file; see :meth:`area`
        title : what it is, in a few words
        source, licence : who made it, and what may be done with it; results say it
        valid_from : from when on its zones are as they are: ``"2013-03-04"`` or ``"2013"``
        replace : take the place of a layer of this name

        Raises
        ------
        InvalidRequestError : a name that cannot be or is taken, or a file that is none of zones
        SettingsError : the data folder cannot be written
        """

    @abstractmethod
    def remove_layer(self, name: str) -> None:
        """Remove a layer of one's own; results that were made with it stay.

        Raises
        ------
        UnknownLayerError : there is none of that name
        """

    @abstractmethod
    def _find_area(self, given: AreaLike, choices: FileChoices) -> Area:
        """Make an area of what is given as one, by the layers that are known."""
