"""An address put into the form of a request: what of it the form takes, and what it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from csserv.catalog import Catalog, Coverage
from csserv.errors import CsservError, InvalidRequestError
from csserv.request import Options
from csserv.request.options import PAIRS
from csserv.request.reference import DEFAULT
from csserv.views.address.asked_query import AskedQuery
from csserv.views.request.request_fields import RequestFields


def fill_fields(asked: AskedQuery, form: RequestFields, catalog: Catalog) -> tuple[str, ...]:
    """Fill the fields with what an address asks; return why its dataset is not to be had."""
    name, problem = _dataset(asked.dataset, form, catalog)
    form.choose(name, asked.operation or "mean", asked.period, asked.options)
    return (problem,) if problem else ()


def misfits(asked: AskedQuery, form: RequestFields, coverage: Coverage) -> tuple[str, ...]:
    """Say what of an address was not possible, now that the form knows what its dataset has."""
    try:
        possible = form.to_options()
    except InvalidRequestError:  # the form says so itself
        return tuple(_unknown_names(asked.options, form, coverage))
    return (
        *_other_options(asked.options, possible, form.dataset.value),
        *_unknown_names(asked.options, form, coverage),
    )


def query_of(form: RequestFields, areas: tuple[str, ...]) -> AskedQuery | None:
    """Return what a form asks, with an area in words; None while a field is wrong."""
    try:
        options, period = form.to_options(), form.period.period
    except InvalidRequestError:
        return None
    return AskedQuery(form.dataset.value, form.operations, period, areas, options)


def _dataset(name: str, form: RequestFields, catalog: Catalog) -> tuple[str, str]:
    """Return the dataset that is meant, or the one that is chosen, and what is wrong."""
    there = [value for _, value in form.dataset.rows]
    if not name:
        return form.dataset.value, ""
    try:
        known = catalog[name].name
    except CsservError as error:
        return form.dataset.value, f"dataset: {error}"
    if known not in there:
        return form.dataset.value, f"dataset: {known} has no files on this server"
    return known, ""


def _other_options(asked: Options, possible: Options, dataset: str) -> Iterator[str]:
    for one in fields(Options):
        wanted, got = getattr(asked, one.name), getattr(possible, one.name)
        if one.name in PAIRS or wanted in (got, one.default) or (wanted == DEFAULT and got):
            continue
        yield (
            f"{one.name}: {_shown(wanted)} is not possible here with {dataset}; "
            f"it is now {_shown(got)}"
        )


def _unknown_names(asked: Options, form: RequestFields, coverage: Coverage) -> Iterator[str]:
    """Say which dimensions the data do not have, and which options the index does not."""
    dimensions = [one.name for one in coverage.further]
    for name, _ in asked.select:
        if name not in dimensions:
            has = ", ".join(dimensions) or "none"
            yield f"select.{name}: {form.dataset.value} has no {name}; further dimensions: {has}"
    known = form.comparison.index_fields.options
    for name, _ in asked.index_options if form.comparison.index.value else ():
        if name not in known:
            has = ", ".join(known) or "none"
            yield f"index_option.{name}: {asked.index} has no such option; it has {has}"


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value) or "nothing"
