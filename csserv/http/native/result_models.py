"""What a result looks like over HTTP, as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class ZoneModel(BaseModel):
    """A zone of the area."""

    id: str
    name: str


class SeriesParts(BaseModel):
    """What a series of either form has."""

    zone: ZoneModel
    select: dict[str, str] = Field({}, description="coordinate of each further dimension")
    value: list[float | None] = Field(description="of the operation; null without data")
    further: dict[str, list[float | None]] = Field(
        {}, description="of the other operations, where several are asked for"
    )
    against: dict[str, list[float | str | None]] | None = Field(
        None,
        description="what is normal at each step, and how the value stands to it: a list for each "
        "of the statistics that the result names; null where nothing is said",
    )
    further_against: dict[str, dict[str, list[float | str | None]]] = Field(
        {}, description="what against says, of the other operations; against is of the first"
    )
    index_of: list[float | None] | dict[str, list[float | None]] | None = Field(
        None,
        description="of an index: the value or sum that it is of at each step, in units of "
        "index.of; of several results, a list of each",
    )
    fit: dict[str, list[float | None]] | None = Field(
        None,
        description="of an index that fits a distribution: each parameter by step of the year, "
        "from January on; null where nothing can be fitted",
    )
    percent_on_grid: float = Field(100, description="share of the zone that the grid covers [%]")


class SeriesModel(SeriesParts):
    """The series of a zone, and of one coordinate of each further dimension."""

    time: list[str] = Field(description="first day or moment of each step, UTC")
    valid_percent: list[float] = Field(description="share of the zone that has data [%]")
    valid_steps_percent: list[float] | None = Field(
        None, description="share of each longer step that has data [%]"
    )


class CompactSeries(SeriesParts):
    """A series of a compact result, which has the times; an entry of all steps is there once."""

    valid_percent: float | list[float] = Field(
        description="share of the zone that has data [%]; a number where it is that of all steps"
    )
    valid_steps_percent: float | list[float] | None = Field(
        None,
        description="share of each longer step that has data [%]; a number where it is that of all",
    )


class NoteModel(BaseModel):
    """What was taken for granted, or what is strange about the data or the area."""

    code: str
    text: str
    where: str


class StatisticModel(BaseModel):
    """What is said against what is normal."""

    name: str = Field(description="of its lists, in the series")
    units: str = Field(description="empty for classes: below, near or above")
    long_name: str
    method: str = Field("", description="what is done over the years, in a word of CF")


class StepOfYear(BaseModel):
    """Statistics that steps share which are compared with the same, such as all Januaries."""

    statistics: list[str] = Field(description="names of those whose lists have an entry for each")
    of_step: list[int] = Field(description="place of each step's entry in these lists, from 0 on")


class Climatology(BaseModel):
    """The steps of the year that have a normal, and what each is of."""

    time: list[str] = Field(description="when each begins in the first year of the reference")
    start: list[str] = Field(description="when the first step begins that it is of")
    end: list[str] = Field(description="when the last one ends, which does not belong to it")
    of_step: list[int | None] = Field(
        description="place of each step of the result in these lists, from 0 on; null of a part of "
        "a step, where the whole one is there as well"
    )


class ReferenceModel(BaseModel):
    """What the values of a result are compared with."""

    reference: str = Field(description="first and last year, such as 1991/2020")
    own_year: Literal["in", "out"] = Field(
        description="whether the year of a step is part of its own reference"
    )
    window_days: int | None = Field(
        None, description="of daily steps: how many days of each year are taken together"
    )
    percentiles: str = Field(description="how percentiles and ranks are found")
    statistics: list[StatisticModel]
    climatology: Climatology | None = Field(
        None, description="from when to when each normal is of; null where that is not known"
    )


class CompactReference(ReferenceModel):
    """What the values of a compact result are compared with."""

    step_of_year: StepOfYear | None = Field(
        None, description="null where each step has entries of its own"
    )


class IndexReceipt(BaseModel):
    """How an index was computed; further members tell its rules: zeros, limits, definitions."""

    index: str = Field(description="its name, such as spi")
    title: str
    library: str
    version: str = Field("", description="of the library")
    time_step: str
    accumulate: int = Field(1, description="steps that are added up")
    reference: str = Field("", description="first and last year that it compares with")
    calibration_years: str = Field("", description="those of the reference that the data have")
    parameters: dict[str, Any] = Field({}, description="all that it could be told")
    distribution: str = Field("", description="that was fitted")
    classes: list[dict[str, float | str | None]] = Field(
        [], description="names of classes, each from a lowest value on; null of the first"
    )
    of: dict[str, Any] = Field({}, description="units and variable of the values")
    second_opinion: dict[str, Any] | None = Field(
        None,
        description="of another library, where compare asks for it: flips has each step whose "
        "class is another, with both values and the reason",
    )


class ResultParts(BaseModel):
    """What a result of either form has; more fields tell how it was made."""

    id: str | None = Field(None, description="of the task; null before it has ended")
    request: dict[str, Any] = Field({}, description="as it was asked")
    units: str = Field("", description="of the values")
    calendar: str = Field("", description="of the times, as CF names it")
    steps: dict[str, list[Any]] | None = Field(
        None, description="of longer steps: the last day of each (end), and whether it is complete"
    )
    index: IndexReceipt | None = Field(
        None, description="how the index came about that stands in place of the values"
    )
    notes: list[NoteModel] = []
    provenance: dict[str, Any] | None = Field(
        None, description="dataset, files read, weighting, versions, and when it was computed"
    )
    checksum: str | None = Field(
        None, description="CRC-32 of all bytes of the file before this member; null of a part"
    )


class ResultModel(ResultParts):
    """A result, or the part of it that is known so far: each series is whole by itself."""

    version: Literal[1] = Field(1, description="of the form of this document")
    against: ReferenceModel | None = Field(
        None, description="what values are compared with, where that was asked for"
    )
    series: list[SeriesModel]
    partial: bool = Field(False, description="whether steps are still missing")
    runs: list[tuple[int, int]] | None = Field(
        None, description="of a part: the number of the first step of each run, and how many"
    )
    zones_left_out: int = Field(
        0, description="of a part of many zones: of how many it says nothing"
    )


class CompactResult(ResultParts):
    """A stored result of many numbers: what series share, and what steps share, is there once."""

    version: Literal[2] = Field(description="of the form of this document")
    time: list[str] = Field(description="first day or moment of each step of all series, UTC")
    against: CompactReference | None = Field(
        None, description="what values are compared with, where that was asked for"
    )
    series: list[CompactSeries]
