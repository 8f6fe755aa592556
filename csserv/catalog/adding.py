"""Making the catalog row of a new dataset from what the user says and what its first file says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import netCDF4

from csserv.catalog.entry import CatalogEntry
from csserv.catalog.file_patterns import find_pattern
from csserv.catalog.finding_out.few_files import few_of, first_of
from csserv.catalog.finding_out.known_products import kept_of_product, variable_of_product
from csserv.catalog.finding_out.name_dates import find_name_dates
from csserv.catalog.finding_out.one_date import check_dates_differ
from csserv.catalog.finding_out.untold_missing import find_untold_missing
from csserv.catalog.header_store.known_headers import Headers
from csserv.catalog.listing import list_files
from csserv.catalog.read.axes import field_names, find_axes, find_variable, is_place
from csserv.catalog.read.corrections import NONE, Corrections
from csserv.catalog.read.header import Header
from csserv.catalog.read.other_formats.data_formats import format_of, open_data
from csserv.catalog.read.other_formats.plain_dataset import UNNAMED
from csserv.catalog.read.source import READING, UNREADABLE, trouble
from csserv.catalog.row_fields import OR, Row, check_row
from csserv.catalog.timeline.running_sums import ACCUMULATED, ENDLESS, find_running_sums
from csserv.errors import GranuleError, InvalidRequestError, UndecidedError, UnnamedFileError
from csserv.units import is_accumulable

NAME = re.compile(r"[a-z][a-z0-9_-]*")

#: fields that are taken as they are given
AS_GIVEN = ("time_step", "time_at", "time_from_name", "bands", "crs", "prefer")


def make_row(
    data: Path,
    name: str,
    pattern: str,
    given: Mapping[str, Any],
    headers: Headers | None = None,
    known: Row | None = None,
) -> Row:
    """Make the catalog row of a new dataset from the given fields and from its first file.

    The title is the one given, else the variable's ``long_name``, else the dataset's name.

    Parameters
    ----------
    data : the data folder
    name : of the dataset
    pattern : glob below the data folder, or an absolute one that lies there
    given : fields of the row; those that are None or empty count as not given
    headers : what is known of files; they are read anew if not given
    known : what the built-in catalog says of the product, which stays where nothing else is given

    Raises
    ------
    UndecidedError : more than one variable, or names of files that may mean several dates; none
        given
    InvalidRequestError : a name or a pattern that cannot be; values that grow on from day to day
    SettingsError : a field that holds what it may not
    EmptySelectionError : no file matches
    GranuleError : the first file cannot be used
    """
    check_name(name)
    below = find_pattern(data, name, pattern)
    files = list_files(data, below)
    kept = kept_of_product(known or {})
    stated = {field: value for field, value in given.items() if value not in (None, "", [])}
    stated |= _dates_in_names(files, stated)
    readable = _first_readable(files)
    variable = stated.get("variable") or _find_variable(readable, stated, name, known or {})
    patterns = below.split(OR)
    meant = patterns if len(patterns) > 1 else below
    row: Row = {"title": name, "variable": variable, "files": meant} | kept | stated
    check_row(name, row)
    entry = CatalogEntry.of(name, data, row, headers=headers)
    header = first_of(entry).header()
    says_little = _says_little(first_of(entry).path)
    title = row.get("title") if "title" in kept | stated else ""
    title = title or dict(header.attributes).get("long_name") or name
    missing = find_untold_missing(few_of(entry), entry.select) if says_little else []
    over_time = "" if "over_time" in row else over_time_by_numbers(entry)
    if over_time == ENDLESS:
        raise InvalidRequestError(
            f"{header.variable} of {entry.files} grows from step to step, also over midnight, as a "
            "total since the beginning of a run does; if it is one, make amounts of steps of it, "
            "as `cdo deltat` does, else say how steps become longer ones with --over-time"
        )
    # what its makers publish, where the files do not say it: else they would be corrected
    units = "" if header.units else (known or {}).get("units", "")
    found = {"units": units, "missing": missing, "over_time": over_time}
    return row | {"title": title} | {field: value for field, value in found.items() if value}


def check_name(name: str) -> None:
    """Check the name of a new dataset.

    Raises
    ------
    InvalidRequestError : it is none
    """
    if not NAME.fullmatch(name):
        raise InvalidRequestError(
            f"{name!r} is no name of a dataset; write small letters, digits, _ and -, such as rain"
        )


def over_time_by_numbers(entry: CatalogEntry) -> str:
    """See from the numbers whether amounts of steps within a day grow through the day.

    Returns
    -------
    over_time : "accumulated", "sum" or ``ENDLESS``; empty for other data, and where the numbers do
        not tell

    Raises
    ------
    GranuleError : a file cannot be read
    """
    header = first_of(entry).header()
    if not is_accumulable(header.units or entry.units):
        return ""
    every = replace(entry, over_time=ACCUMULATED).timeline()
    if not 0 < every.step_days < 1:
        return ""
    return find_running_sums(every, entry.select)


def describe_reading(entry: CatalogEntry) -> dict[str, str]:
    """Describe how the files of a dataset are read, by its first file.

    Returns
    -------
    field of a row → what is used, and where it is stated: by the file or by the row

    Raises
    ------
    GranuleError : the first file cannot be read
    """
    granule = first_of(entry)
    header, declared = granule.header(), granule.declared_packing()
    names = ", ".join((entry.variable, *entry.aliases))
    found = {"variable": f"{header.variable} (the first of {names})"} if entry.aliases else {}
    found |= {"units": _units_source(entry, header), "missing": "nothing (the file states nothing)"}
    place = granule.find_place()
    found |= {"crs": f"{place.source} (from the file)"}
    found |= {"cells": "; ".join(place.remarks)} if place.remarks else {}
    given = {name: one for name in AS_GIVEN if (one := getattr(entry, name))}
    lists = {name: one if isinstance(one, str) else ", ".join(one) for name, one in given.items()}
    return found | dict(declared.sources) | {name: f"{one} (given)" for name, one in lists.items()}


def _units_source(entry: CatalogEntry, header: Header) -> str:
    if entry.corrections.units:
        return f"{entry.units} (given)"
    if header.units:
        return f"{header.units} (from the file)"
    return f"{entry.units or 'none'} (the file says none)"


def variables(path: Path, told: Corrections = NONE) -> list[str]:
    """List the names of a file's variables that have a time and a place.

    Parameters
    ----------
    told : what is said in place of the file

    Raises
    ------
    GranuleError : the file cannot be read
    """
    return [name for name, refusal in _candidates(path, told).items() if refusal is None]


def _axes_told(stated: Row) -> Corrections:
    """Take what a row says of time and place."""
    of_bands = stated.get("bands") == "steps"
    pattern, step = stated.get("time_from_name", ""), stated.get("time_step", "")
    return Corrections(
        crs=stated.get("crs", ""),
        time_from_name="" if of_bands else pattern,
        first_band=pattern if of_bands else "",
        band_step=step if of_bands else "",
    )


def _dates_in_names(files: Sequence[Path], stated: Row) -> Row:
    """Find where dates stand in the names of files, where they stand nowhere else.

    Raises
    ------
    UndecidedError : they may be dekads or pentads, and nobody has said which
    """
    wants_name = stated.get("bands") == "steps"
    first = _first_readable(files)
    if "time_from_name" in stated or not (wants_name or _lacks_time(first, stated)):
        return {}
    found = find_name_dates([path.name for path in files], stated.get("time_step", ""))
    if len(found.patterns) > 1 and len(set(found.steps)) == 1:
        raise UndecidedError(
            f"names such as {first.name} may be of {' or of '.join(found.patterns)}; say which "
            "with --time-from-name",
            "time_from_name",
            found.patterns,
        )
    if len(found.patterns) > 1:
        raise UndecidedError(
            f"names such as {first.name} may be of {' or of '.join(found.steps)}; say which "
            "with --time-step",
            "time_step",
            found.steps,
        )
    if not found.patterns:
        return {}
    if "prefer" not in stated:
        check_dates_differ(files, found.patterns[0])
    return {"time_from_name": found.patterns[0]}


def _first_readable(files: Sequence[Path]) -> Path:
    """Return the first file that can be opened; the first where none can, which says why."""
    for path in files:
        with suppress(GranuleError):
            _candidates(path, NONE)
            return path
    return files[0]


def _lacks_time(path: Path, stated: Row) -> bool:
    """Whether variables of a file can be used once it is said when they are, and not before."""
    told = _axes_told(stated)
    dated = replace(told, time_from_name="%Y")
    return not variables(path, told) and bool(variables(path, dated))


def _says_little(path: Path) -> bool:
    """Whether a file is of a format whose files often leave out which numbers are missing."""
    found = format_of(path)
    return found is not None and found.any_name


def _find_variable(path: Path, stated: Row, name: str, known: Row) -> str | list[str]:
    """Choose the variable: the product's, or the only one; where it has no name, the dataset's."""
    there = variables(path, _axes_told(stated))
    if there and _says_little(path):
        is_named = there[0] != UNNAMED
        return known.get("variable") or (there[0] if is_named else name)
    return variable_of_product(known, there) or _only_variable(path, _axes_told(stated))


def _only_variable(path: Path, told: Corrections) -> str:
    found = _candidates(path, told)
    known = [name for name, refusal in found.items() if refusal is None]
    if not known and found:
        name, refusal = next(iter(found.items()))
        raise GranuleError(f"cannot use {name} of {path.name}: {refusal}")
    if not known:
        raise GranuleError(f"{path.name} has no variable with time, latitude and longitude")
    if len(known) > 1:
        raise UndecidedError(
            f"{path.name} has {', '.join(known)}; choose one with --variable", "variable", known
        )
    return known[0]


def _candidates(path: Path, told: Corrections) -> dict[str, GranuleError | None]:
    """Tell why each variable cannot be asked for; None for one that can.

    Latitudes and longitudes themselves, as of curved grids, and bounds of cells are left out;
    what has most dimensions comes first, for it is the likeliest to be meant.
    """
    try:
        with READING, open_data(path, told, only_header=True) as file:
            every = {name: find_variable(file, name) for name in field_names(file)}
            fields = [name for name, one in every.items() if not (is_place(one) or _is_bounds(one))]
            fields.sort(key=lambda name: -every[name].ndim)
            return {name: _refusal(file, name, told) for name in fields}
    except UnnamedFileError as error:
        raise GranuleError(f"cannot read {path.name}: {error}") from None
    except UNREADABLE as error:
        raise GranuleError(f"cannot read {path.name}: {trouble(error, path)}") from error


def _is_bounds(variable: netCDF4.Variable[Any]) -> bool:
    every = variable.group().variables.values()
    return any(getattr(one, "bounds", "") == variable.name for one in every)


def _refusal(file: netCDF4.Dataset, name: str, told: Corrections) -> GranuleError | None:
    try:
        find_axes(file, name, bool(told.time_from_name), told.crs)
    except GranuleError as error:
        return error
    return None
