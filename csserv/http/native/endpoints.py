"""The endpoints of the native API: the table of their paths."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from csserv.access import Role
from csserv.http.native import answer_models as answers
from csserv.http.native import given_models
from csserv.http.native.actions import (
    delete_task,
    estimate,
    health,
    list_datasets,
    list_layers,
    list_tasks,
    list_workers,
    show_area,
    show_dataset,
    show_layer,
    show_task,
    stop_worker,
    streamed,
    submit,
)
from csserv.http.native.endpoint import Endpoint
from csserv.outputs.series_files import SERIES_FORMATS

#: all endpoints; to add one, add a row and, unless it streams, a function
ENDPOINTS = (
    Endpoint(
        "GET",
        "/datasets",
        "List the datasets",
        list_datasets,
        list[answers.DatasetModel],
        query=given_models.DatasetQuery,
    ),
    Endpoint(
        "GET",
        "/datasets/{name}",
        "One dataset: time steps, gaps, grid, last update",
        show_dataset,
        answers.DatasetInFull,
        query=given_models.CoverageQuery,
        errors=(404, 503),
    ),
    Endpoint("GET", "/layers", "List the feature layers", list_layers, list[answers.LayerModel]),
    Endpoint(
        "GET",
        "/layers/{id}",
        "The features of a layer; their shapes as GeoJSON",
        show_layer,
        list[answers.FeatureModel] | dict[str, Any],
        query=given_models.FeatureQuery,
        errors=(404, 422),
    ),
    Endpoint(
        "POST",
        "/estimate",
        "What a request would cost; no task is made",
        estimate,
        answers.EstimateModel,
        body=given_models.RequestModel,
        errors=(404, 413, 422, 503),
    ),
    Endpoint(
        "POST",
        "/tasks",
        "Submit a request",
        submit,
        answers.TaskModel,
        role=Role.SUBMITTER,
        body=given_models.SubmitModel,
        status=HTTPStatus.ACCEPTED,
        errors=(404, 413, 422, 503),
    ),
    Endpoint(
        "GET",
        "/tasks",
        "List tasks, newest first, a page at a time",
        list_tasks,
        answers.TaskPage,
        query=given_models.TaskQuery,
        errors=(422,),
    ),
    Endpoint("GET", "/tasks/{id}", "One task", show_task, answers.TaskModel, errors=(404, 410)),
    Endpoint(
        "DELETE",
        "/tasks/{id}",
        "Cancel a task; one that has ended is removed, with its result",
        delete_task,
        answers.TaskModel,
        role=Role.SUBMITTER,
        query=given_models.DeleteQuery,
        errors=(404, 409, 410, 503),
    ),
    Endpoint(
        "GET",
        "/tasks/{id}/area",
        "The area that a task asks about, as GeoJSON",
        show_area,
        dict[str, Any],
        errors=(404, 410),
    ),
    Endpoint(
        "GET",
        "/tasks/{id}/events",
        "Server-sent events: `task` (as GET tasks/{id}), `series` (new steps), `end`",
        streamed,
        ("text/event-stream",),
        errors=(404, 410),
    ),
    Endpoint(
        "GET",
        "/tasks/{id}/result",
        "The result of a task",
        streamed,
        ("application/json", *(form.media for form in SERIES_FORMATS.values())),
        query=given_models.ResultQuery,
        errors=(404, 409, 410),
    ),
    Endpoint(
        "GET",
        "/tasks/{id}/files/{name}",
        "One file of the result; Range and ETag are honoured",
        streamed,
        ("application/json", "application/zip"),
        errors=(404, 409, 410, 416),
    ),
    Endpoint(
        "GET",
        "/workers",
        "List the workers",
        list_workers,
        list[answers.WorkerModel],
        errors=(503,),
    ),
    Endpoint(
        "DELETE",
        "/workers/{uuid}",
        "Stop a worker: it finishes what it does and goes",
        stop_worker,
        answers.WorkerModel,
        role=Role.ADMIN,
        errors=(404, 503),
    ),
    Endpoint("GET", "/health", "Is the server in order?", health, answers.HealthModel, role=None),
)
