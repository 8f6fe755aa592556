"""The OpenAPI 3.1 document, made from the table of endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from csserv.http.handler import Handler
from csserv.http.native import answer_models
from csserv.http.native.endpoint import BASE, VERSION, Endpoint
from csserv.http.native.endpoints import ENDPOINTS

Json = dict[str, Any]

REF = "#/components/schemas/{model}"

#: media type of a body that is a file
FILE = "application/octet-stream"

STATUS_WORDS = {
    400: "The body or the query is not readable",
    401: "A token is needed, or the one given is not valid",
    403: "The caller's role does not allow it",
    404: "There is no such thing; the detail names the nearest ones",
    405: "Another method is needed",
    409: "The task has not ended",
    410: "The task failed, was cancelled, or its result is no longer kept: the detail says which",
    412: "The file is not the version that `If-Match` names",
    413: "Larger than a limit; the detail says the limit and the amount asked",
    415: "The body is of another type than application/json",
    416: "The range lies outside the file",
    422: "Something in it cannot be; the detail says what was given and what is allowed",
    429: "Too many requests; Retry-After says when to try again [s]",
    503: "Something that is needed is not there now: the log, a file, or the scheduler",
}

INTRODUCTION = """How much rain fell here? Submit a request (`POST /tasks`), follow it
(`GET /tasks/{id}/events`, or `GET /tasks/{id}` now and then), and fetch its result. Times are
UTC, longitudes and latitudes are in degrees (EPSG:4326), boxes are west, south, east, north.
Errors are `application/problem+json`. Where the server asks for a token, send
`Authorization: Bearer TOKEN`."""


def document() -> Json:
    """Return the OpenAPI document of the native API."""
    inputs: list[tuple[Any, JsonSchemaMode, TypeAdapter[Any]]] = [
        ((endpoint.method, endpoint.path, kind), mode, TypeAdapter(model))
        for endpoint in ENDPOINTS
        for kind, mode, model in _values(endpoint)
    ]
    inputs.append((("problem",), "serialization", TypeAdapter(answer_models.ProblemModel)))
    found, definitions = TypeAdapter.json_schemas(inputs, ref_template=REF)
    schemas = {key: schema for (key, _), schema in found.items()}
    paths: dict[str, Json] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "csserv", "version": VERSION, "description": INTRODUCTION},
        "servers": [{"url": BASE}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _values(endpoint: Endpoint) -> Iterator[tuple[str, JsonSchemaMode, Any]]:
    """Yield the models of an endpoint: "body" or "answer", mode of its JSON schema, model."""
    if endpoint.body:
        yield "body", "validation", endpoint.body
    if model := endpoint.json_answer if endpoint.streams else endpoint.answer:
        yield "answer", "serialization", model


def _operation(endpoint: Endpoint, schemas: Mapping[Any, Json]) -> Json:
    key = (endpoint.method, endpoint.path)
    written: Json = {
        "summary": endpoint.summary,
        "operationId": operation_id(endpoint),
        "responses": _responses(endpoint, schemas),
    }
    if parameters := [*_path_parameters(endpoint), *_query_parameters(endpoint)]:
        written["parameters"] = parameters
    if endpoint.body:
        content = {"application/json": {"schema": schemas[(*key, "body")]}}
        written["requestBody"] = {"required": True, "content": content}
    if endpoint.takes_file:
        written["requestBody"] = {"required": True, "content": {FILE: {}}}
    if endpoint.role:
        written["security"] = [{}, {"token": []}]
        written["description"] = f"Needs the role {endpoint.role}."
    return written


def _responses(endpoint: Endpoint, schemas: Mapping[Any, Json]) -> Json:
    problem = {"application/problem+json": {"schema": schemas[("problem",)]}}
    if not endpoint.streams:
        schema = schemas[(endpoint.method, endpoint.path, "answer")]
        content = {"application/json": {"schema": schema}}
    else:
        content = {media: {} for media in endpoint.answer}
        if endpoint.json_answer:
            schema = schemas[(endpoint.method, endpoint.path, "answer")]
            content["application/json"] = {"schema": schema}
    good: Json = {"description": endpoint.summary, "content": content}
    if endpoint.status == 202:
        location = {"description": "the task's address", "schema": {"type": "string"}}
        good["headers"] = {"Location": location}
    usual = {422, 429} | ({401, 403} if endpoint.role else set())
    body = {400, 413, 415} if endpoint.body else {413} if endpoint.takes_file else set()
    errors = sorted({*endpoint.errors, *usual, *body})
    return {str(int(endpoint.status)): good} | {
        str(status): {"description": STATUS_WORDS[status], "content": problem} for status in errors
    }


def _path_parameters(endpoint: Endpoint) -> Iterator[Json]:
    for name in re.findall(r"\{(\w+)\}", endpoint.path):
        kind: Json = {"type": "string", "minLength": 1}
        if name == "id" and "/tasks/" in endpoint.path:
            kind["format"] = "uuid"
        yield {"name": name, "in": "path", "required": True, "schema": kind}


def _query_parameters(endpoint: Endpoint) -> Iterator[Json]:
    schema = endpoint.query.model_json_schema(ref_template=REF)
    known = schema.pop("$defs", {})
    for name, one in schema.get("properties", {}).items():
        plain = _without_refs(one, known)
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": plain.pop("description", name),
            "schema": plain,
        }


def _without_refs(schema: Any, known: Mapping[str, Json]) -> Any:
    """Replace the references of a query model by their schemas, which stand nowhere else."""
    if isinstance(schema, list):
        return [_without_refs(one, known) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _without_refs(known[schema["$ref"].rpartition("/")[2]], known)
    return {name: _without_refs(one, known) for name, one in schema.items()}


def operation_id(endpoint: Endpoint) -> str:
    """Return the operationId of an endpoint, from which client generators make names.

    >>> operation_id(ENDPOINTS[1])
    'get_datasets_name'
    """
    return "_".join([endpoint.method.lower(), *re.findall(r"\w+", endpoint.path)])


class OpenApiDocument(Handler):
    """Serves the OpenAPI document as JSON."""

    address = f"{BASE}/openapi.json"

    def get(self) -> None:
        """Send it."""
        self.set_header("Content-Type", "application/json")
        self.finish(orjson.dumps(document()))

    head = get
