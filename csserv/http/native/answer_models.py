"""Pydantic models of what the native API returns; its OpenAPI is made of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from csserv.tasks.log.task import TaskState


class TaskRequestModel(BaseModel):
    """The request of a task; the area by its hash."""

    dataset: str
    operation: str
    period: str
    area: str = Field(description="SHA-256 of the area")
    area_title: str
    zones: int
    fingerprint: str = Field(description="SHA-256 of the request: the same for the same question")
    files: int = Field(description="granules that hold the period")
    first_file: str
    last_file: str
    options: dict[str, Any]
    bytes: int = Field(description="to be unpacked [bytes]")


class Links(BaseModel):
    """Addresses that belong to a task."""

    self: str
    events: str
    result: str
    files: list[str]


class TaskModel(BaseModel):
    """A task; times are UTC."""

    id: str
    state: TaskState
    progress: float = Field(ge=0, le=1, description="share of the work done [1]")
    done: int = Field(description="time steps processed")
    total: int = Field(description="time steps to process; 0 until known")
    request: TaskRequestModel
    client: str
    priority: int
    attempt: int
    attempts: int
    submitted: str
    started: str | None
    finished: str | None
    error: str | None
    request_id: str = Field(description="of the call that submitted it: given or made")
    links: Links


class TaskPage(BaseModel):
    """Tasks, newest first."""

    tasks: list[TaskModel]
    next: str | None = Field(description="the next page; null on the last one")
    left_out: list[str] = Field(
        description="what of the log cannot be read and is left out, a sentence each; empty if "
        "all is well"
    )


class EstimateModel(BaseModel):
    """What a request would cost; no task is made."""

    zones: int
    cells: int = Field(description="of the grid that lie in the area at least partly")
    steps: int = Field(description="of the answer")
    steps_read: int = Field(description="of the data")
    granules: int = Field(description="files to be read")
    bytes: int = Field(description="to be read from them [bytes]")
    inflated: int = Field(description="of the same, unpacked [bytes]")
    seconds: float = Field(description="how long it will take once it is its turn [s]")
    measured: int = Field(description="finished tasks that this is based on; 0: a rule of thumb")
    missing_steps: int = Field(description="steps of the period that the files lack")
    missing: list[GapModel] = Field(description="each run of them")
    queued: int = Field(description="tasks that wait or run at this moment")
    refused: str | None = Field(description="why it would be refused; null when it would not")
    selections: int = Field(description="coordinates of further dimensions; a series of each zone")
    against: str = Field("", description="years that say what is normal; absent if not asked for")
    reference_years: int = Field(0, description="of these, how many have data; absent likewise")
    result_bytes: int = Field(
        0, description="of the result's JSON, at most about [bytes]; absent if not asked for"
    )
    seconds_low: float = Field(
        0, description="three of four such tasks take longer than this, and [s]; absent likewise"
    )
    seconds_high: float = Field(0, description="less than this [s]; absent likewise")
    first_guess: bool = Field(
        False, description="whether too few tasks like it have run to know; absent likewise"
    )


class DatasetModel(BaseModel):
    """A dataset."""

    name: str
    title: str
    number: int | None = Field(description="ClimateSERV's datatype number")
    description: str
    variable: str
    units: str
    time_step: str
    resolution: str
    region: str
    source: str
    licence: str
    citation: str
    available: bool = Field(description="whether this server has files of it")
    reason: str = Field(description="why not, and what to do about it")
    first: str | None = Field(description="day of the first step")
    last: str | None = Field(description="day of the last step")


class GapModel(BaseModel):
    """A run of missing steps."""

    first: str
    last: str
    steps: int


class MissingModel(BaseModel):
    """Steps of a period that there should be and are not."""

    steps: int
    runs: list[GapModel]


class CoverageModel(BaseModel):
    """The data of a dataset that this server has."""

    first: str
    last: str
    steps: int
    time_step: str = Field(description="as found in the files; irregular where there is none")
    calendar: str
    units: str = Field(description="of the values, as the files say it")
    gaps: list[GapModel]
    updated: str = Field(description="when the newest file changed, UTC")
    bounds: tuple[float, float, float, float] = Field(
        description="west, south, east, north [degrees]"
    )
    resolution: tuple[float, float] = Field(description="width and height of a cell [degrees]")
    rows: int
    columns: int
    bytes: int = Field(description="on disk [bytes]")
    files: int
    further: dict[str, list[str]] = Field(
        description="dimensions that are neither time nor place, with what to select of them"
    )
    fill: float | None = Field(description="number that means missing in the files")
    missing: MissingModel | None = Field(description="of the period that was asked about")


class DatasetInFull(DatasetModel):
    """A dataset, and the data of it that this server has."""

    coverage: CoverageModel | None


class FeatureModel(BaseModel):
    """A feature of a layer."""

    id: str
    name: str
    iso: str = Field(description="ISO 3166 code of the country, three letters; or empty")
    parents: list[str] = Field([], description="what it is part of, the largest first")


class IndexParameter(BaseModel):
    """Something that an index can be told: a member of ``index_options``."""

    name: str
    default: str | float
    allowed: str
    means: str


class IndexModel(BaseModel):
    """An index, as ``index`` of a request names it."""

    name: str
    title: str
    definition: str = Field(description="what it is, and who defined it so")
    needs: list[str] = Field(description="what it is computed of, if nothing else is chosen")
    time_steps: list[str]
    units: str
    library: str = Field(description="whose formula it is; csserv where no library has it")
    has_reference: bool = Field(description="whether it compares with other years")
    most_accumulated: int = Field(description="steps that may be added up; 1 for none")
    parameters: list[IndexParameter]


class LayerModel(BaseModel):
    """A feature layer."""

    id: str
    title: str
    features: int
    source: str = Field(description="who made it")
    licence: str
    as_of: str = Field(description="when its zones were as they are")


class AddedLayer(LayerModel):
    """A layer that was added, and how its file was read."""

    notes: list[str]


class WorkerModel(BaseModel):
    """A worker."""

    uuid: str
    host: str
    state: str = Field(description="idle, busy, draining, aside or silent")
    task: str = Field(description="the task it works on, or empty")
    done: int = Field(description="calls done")
    memory: int = Field(description="in use [bytes]")
    memory_limit: int = Field(description="[bytes]; 0 is none")
    since: str
    is_kept: bool = Field(description="the server starts another in its place when it goes")
    set_aside: str = Field(
        description="why it gets no blocks, or none of some datasets; empty if it gets them"
    )


class HealthModel(BaseModel):
    """The state of the server."""

    status: Literal["ok", "no runner", "stalled"]
    troubles: list[str] = Field(
        description="what stands still: a runner without a sign of life, files that do not answer"
    )
    version: str
    open_tasks: int


class ProblemModel(BaseModel):
    """An error, as a problem document (RFC 9457)."""

    type: str = Field(description="urn:csserv:<kind>, such as urn:csserv:unknown-dataset")
    title: str
    status: int
    detail: str = Field(description="what was given, and what is allowed")
    request_id: str = Field(description="of this call, as the server's log names it")
