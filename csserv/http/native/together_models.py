"""Pydantic models of what several results answer together: outlooks, an index of two datasets."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from csserv.http.native.given_models import PERIOD, AreaModel, Model, Name, Reference

#: a text of the query that names a task
TaskId = Name


class OutlookModel(Model):
    """A season that is asked about."""

    dataset: Name = Field(description="of amounts, such as rain; its name")
    operation: Name = Field("mean", description="over each zone: mean, sum or total")
    area: AreaModel = Field(description="as of a request")
    season: Name = Field(
        description="first and last day or month, of a year at most, such as 2024-03/2024-05; "
        "steps that begin in it count whole",
        json_schema_extra={"pattern": PERIOD},
    )
    against: Reference = Field(
        True,
        description='years that say what is normal, such as "1991/2020"; true for those that '
        "suit the dataset",
    )
    forecast: str = Field("", max_length=200, description="dataset that goes on where it ends")
    select: dict[str, str | float | list[str | float]] = Field(
        default_factory=dict, description='of the forecast: {"member": "*"} for all members'
    )


class OutlookQuery(Model):
    """The tasks and the season of an outlook, as the address that POST /outlook gives has them."""

    task: TaskId = Field(description="of what fell")
    forecast: str = Field("", max_length=200, description="task of the forecast")
    season: Name = Field(json_schema_extra={"pattern": PERIOD})
    against: Name = Field(description="first and last year, such as 1991/2020")


class OutlookTasks(BaseModel):
    """The tasks of an outlook, and where its answer will be."""

    tasks: list[str]
    links: dict[str, Any] = Field(description="self, the answer; tasks")


class ZoneOutlook(BaseModel):
    """How a season stands in a zone, and how it may end; all amounts in the outlook's units."""

    model_config = ConfigDict(extra="allow")

    zone: str
    so_far: float | None = Field(description="what fell up to known_to")
    so_far_normal: float | None = Field(description="mean of the same days of other years")
    end_normal: float | None = Field(description="mean of whole seasons")
    lower_tercile: float | None
    upper_tercile: float | None
    end_p50: float | None = Field(description="how it may end; end_p10 to end_p90 as well")
    below_lower_tercile_percent: float | None = Field(description="share of the ways it may end")
    above_upper_tercile_percent: float | None
    years_used: int
    total: list[float | None] = Field(
        description="since the season began, step by step; normal_p10 to normal_p90 and fan_p10 to "
        "fan_p90 are lists beside it"
    )


class OutlookAnswer(BaseModel):
    """How a season stands against what is normal, and how it may end."""

    words: list[str] = Field(description="a sentence for each zone")
    season: tuple[str, str] = Field(description="first day, and the day after the last")
    known_to: str = Field(description="when the data end")
    units: str
    reference: str
    forecast: str | None
    notes: list[str]
    tasks: list[str]
    times: list[str] = Field(description="first day of each step of the season")
    zones: list[ZoneOutlook]


class IndexInputs(Model):
    """Tasks whose results an index is computed of, of the same area, period and time step."""

    precipitation: TaskId | None = None
    pet: TaskId | None = Field(None, description="potential evapotranspiration")
    temperature: TaskId | None = None
    temperature_min: TaskId | None = None
    temperature_max: TaskId | None = None
    ndvi: TaskId | None = None


class IndexOfModel(Model):
    """An index of the results of several tasks."""

    index: Name = Field(description="spei, eddi, …")
    of: IndexInputs
    accumulate: int = Field(1, ge=1, description="steps that are added up")
    against: Reference | None = Field(
        None, description='first and last year of its reference, such as "1991/2020"'
    )
    index_options: dict[str, str | float] = Field(
        default_factory=dict, description='what it can be told: {"pet": "hargreaves"}'
    )
