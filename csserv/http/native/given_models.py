"""Pydantic models of what the native API takes; its OpenAPI is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from csserv.request.options import MOST_ACCUMULATED, OverTime, OwnYear, Weighting
from csserv.tasks.log.task import PRIORITIES, TaskState

Longitude = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=200)]

#: shapes of days and moments, told to programs; people are told in words by what reads them
YEAR = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
MONTH_DAY = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|[12][0-9]))"
)
DAY = f"({YEAR}(-(0[1-9]|1[0-2]))?|{YEAR}-{MONTH_DAY})"
#: first and last year, or the word for those that suit the dataset
REFERENCE = r"^(default|\d{4}/\d{4})$"
Reference = (
    Annotated[bool, Field(strict=True)]
    | Annotated[Name, Field(json_schema_extra={"pattern": REFERENCE})]
)

PERIOD = f"^{DAY}(/{DAY})?$"
MOMENT = f"^{YEAR}-{MONTH_DAY}(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?Z?)?$"

#: the moment and the id of a task
CURSOR = r"^[0-9T:.Z-]{10,40}_[0-9a-f-]{36}$"


class Model(BaseModel):
    """The base of values that callers send; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Box(Model):
    """A box; west > east crosses the antimeridian."""

    box: tuple[Longitude, Latitude, Longitude, Latitude] = Field(
        description="west, south, east, north [degrees]"
    )


class Point(Model):
    """A point: the answer is the cell it lies in."""

    point: tuple[Longitude, Latitude] = Field(description="longitude, latitude [degrees]")


class LayerFeatures(Model):
    """Features of a layer; each is a zone."""

    layer: Name = Field(description="id of a feature layer, such as country")
    features: list[Name] = Field(min_length=1, description="ids, codes or names of its features")


class GeoJson(BaseModel):
    """GeoJSON in longitude and latitude (EPSG:4326); each polygon or point is a zone."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: Literal["Point", "MultiPoint", "Polygon", "MultiPolygon", "Feature", "FeatureCollection"]
    name_field: str = Field("", description="property that names the zones, such as ADM3_EN")
    id_field: str = Field("", description="property of their ids, such as ADM3_PCODE")


#: what an area may be, for who gives something else
WAYS = (
    'write a name ("Kenya", "Kenya/Rift Valley", "Kenya/*"), {"box": [west, south, east, north]}, '
    '{"point": [lon, lat]}, {"layer": "country", "features": ["Kenya", "Uganda"]}, or GeoJSON'
)


def _way(given: object) -> str | None:
    """Return the tag of the form in which an area is given, so that errors are about that form."""
    if isinstance(given, str):
        return "name"
    if isinstance(given, Mapping):
        forms = {"box": "box", "point": "point", "layer": "layer", "type": "geojson"}
        return next((form for key, form in forms.items() if key in given), None)
    names: dict[type, str] = {Box: "box", Point: "point", LayerFeatures: "layer"}
    return names.get(type(given), "geojson" if isinstance(given, GeoJson) else None)


AreaModel = Annotated[
    Annotated[Name, Tag("name")]
    | Annotated[Box, Tag("box")]
    | Annotated[Point, Tag("point")]
    | Annotated[LayerFeatures, Tag("layer")]
    | Annotated[GeoJson, Tag("geojson")],
    Discriminator(_way, custom_error_type="area", custom_error_message=WAYS),
]


class RequestModel(Model):
    """A request."""

    dataset: Annotated[str | int, Field(description="name, or ClimateSERV's number")]
    operation: Name = Field(
        description="mean, max, min, median, p90, sum, total, geotiff, …; or several: mean,max"
    )
    area: AreaModel = Field(
        description='a name ("Kenya", "Kenya/Rift Valley", "Kenya/*"), a box, a point, features '
        "of a layer, or GeoJSON"
    )
    period: Name = Field(
        description="2019, 2019-03, 2019-03-07, or two of these with / between",
        json_schema_extra={"pattern": PERIOD},
    )
    time_step: str | None = Field(
        None,
        description="native, daily, pentad, weekly, dekad, monthly, seasonal, yearly, period",
    )
    units: str | None = Field(None, description="of the series, such as degC")
    weighting: Weighting | None = Field(None, description="area, exact; centre; or share, planar")
    least_valid: Annotated[float, Field(ge=0, le=100)] | None = Field(
        None, description="share of a longer step that must have data [%]"
    )
    over_time: OverTime | None = Field(
        None, description="how longer steps are made; what the data need if not given"
    )
    accumulate: Annotated[int, Field(ge=1, le=MOST_ACCUMULATED)] | None = Field(
        None, description="steps that each holds, itself and those before it: a rolling sum"
    )
    against: Reference | None = Field(
        None,
        description="first and last year of the reference that says what is normal, such as "
        '"1991/2020"; or "default", or true, for the years that suit the dataset',
    )
    own_year: OwnYear | None = Field(
        None, description="whether a step's own year is part of its reference; in if not given"
    )
    index: Name | None = Field(
        None, description="an index in place of the values: spi, deciles, cdd, …"
    )
    index_options: dict[str, str | float] = Field(
        default_factory=dict, description="what the index can be told, such as its distribution"
    )
    select: dict[str, str | float | list[str | float]] = Field(
        default_factory=dict,
        description='coordinate to select of each further dimension; several, or all: "*"',
    )


class SubmitModel(RequestModel):
    """A request to be queued."""

    id: str | None = Field(
        None, description="a UUID of your own; submitting it again changes nothing"
    )
    priority: int = Field(
        0,
        ge=PRIORITIES[0],
        le=PRIORITIES[-1],
        description="higher ones are claimed first; above 0 only for an admin",
    )
    client: Name | None = Field(None, description="who asks; only an admin may name another")


class TaskQuery(Model):
    """Which tasks to list; newest first."""

    state: TaskState | None = None
    dataset: Name | None = None
    since: Name | None = Field(
        None,
        description="submitted at or after; ISO 8601, UTC",
        json_schema_extra={"pattern": MOMENT},
    )
    client: Name | None = Field(None, description="whose; an admin's are all, else one's own")
    after: str | None = Field(
        None, pattern=CURSOR, description="where to go on: the moment and id of the last task seen"
    )
    page: int = Field(1, ge=1, le=1_000_000, description="without `after`: the number of the page")
    count: int = Field(50, ge=1, le=1000)


class DatasetQuery(Model):
    """Which datasets to list."""

    available: bool | None = Field(None, description="only those with, or without, files here")


class CoverageQuery(Model):
    """What to report of a dataset."""

    period: Name | None = Field(
        None,
        description="say which of its steps are missing, too",
        json_schema_extra={"pattern": PERIOD},
    )


class FeatureQuery(Model):
    """Which features of a layer to give, and how."""

    search: str = Field("", max_length=200, description="only those whose id or name holds this")
    format: Literal["list", "geojson"] = "list"


class LayerFile(Model):
    """What a file of a layer does not say, and how to read it."""

    filename: Name = Field(description="name of the file, such as counties.zip; its ending counts")
    title: str = Field("", max_length=200, description="what it is, in a few words")
    source: str = Field("", max_length=200, description="who made it; results say it")
    licence: str = Field("", max_length=200, description="what may be done with it")
    valid_from: str = Field("", max_length=10, description="a day, a month or a year")
    layer: str = Field("", description="which of several layers or files in a ZIP")
    name_field: str = Field("", description="field that names the zones, such as ADM2_EN")
    id_field: str = Field("", description="field of their ids, such as ADM2_PCODE")
    crs: str = Field("", description="coordinate system, such as EPSG:32737, if it has none")
    encoding: str = Field("", description="of the texts of a shapefile or table, such as cp1256")
    lon_field: str = Field("", description="column of a table with the longitudes, such as POINT_X")
    lat_field: str = Field("", description="column of a table with the latitudes")
    replace: bool = Field(False, description="take the place of a layer of this name")


class EstimateQuery(Model):
    """What more to estimate."""

    result_size: bool = Field(False, description="say how large the result's JSON will be")
    time_range: bool = Field(False, description="say between which times the task will take")


class ResultQuery(Model):
    """How to write a result."""

    format: Literal["json", "csv", "xlsx", "netcdf", "parquet"] = "json"
    partial: bool = Field(
        False, description="of a task that has not ended: the steps known so far, as JSON"
    )
    version: Literal["1", "2"] = Field(
        "1",
        description="of JSON: 1 has all of a series in it; with 2, a result of many numbers says "
        "once what its series share, as it is stored, and a small one is the same",
    )


class DeleteQuery(Model):
    """What to do with a task."""

    action: Literal["either", "cancel", "remove"] = Field(
        "either", description="cancel it; remove it and its result, if it has ended; or what suits"
    )


class NoParameters(Model):
    """No parameters."""
