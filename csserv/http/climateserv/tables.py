"""ClimateSERV's codes and names, and what they are here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from csserv.catalog import Catalog, CatalogEntry
from csserv.catalog.catalog import BUILT_IN
from csserv.catalog.toml_table import read_table
from csserv.errors import InvalidRequestError, UnknownDatasetError
from csserv.http.climateserv.call import Parameters, shown


@dataclass(frozen=True)
class Code:
    """An operation of ClimateSERV.

    Attributes
    ----------
    key : of its values
    operation : ours
    is_file : whether the answer is a file, and each step tells only that it is in there
    """

    number: int
    key: str
    label: str
    operation: str
    is_file: bool = False


CODES = (
    Code(0, "max", "Max", "max"),
    Code(1, "min", "Min", "min"),
    Code(2, "median", "Median", "median"),
    Code(3, "range", "Range", "range"),
    Code(4, "sum", "Sum", "sum"),
    Code(5, "avg", "Average", "mean"),
    Code(6, "download", "Download", "geotiff", is_file=True),
    Code(7, "netcdf", "NetCDF", "netcdf", is_file=True),
    Code(8, "csv", "CSV", "csv", is_file=True),
)

#: interval type → time step
INTERVALS = {0: "native", 1: "monthly", 2: "yearly"}

#: model → numbers of its members: two each, air temperature and precipitation
MODELS = {"ccsm4": range(6, 26), "cfsv2": range(42, 90)}

#: names of variables in requests and in answers, in the order of their numbers
VARIABLES = {"Temperature": "air_temperature", "Precipitation": "precipitation"}

#: names of a seasonal forecast → members, and the model that has them
SEASONAL = {
    "CCSM4": ((range(1, 11), "ccsm4"),),
    "CFSV2": ((range(1, 25), "cfsv2"),),
    "Seasonal_Forecast": ((range(1, 11), "ccsm4"), (range(11, 25), "cfsv2")),
}


@dataclass(frozen=True)
class Member:
    """One variable of one member of a seasonal forecast."""

    ensemble: str  #: such as ``ccsm4_ens01``
    variable: str
    number: int


def member(number: int | None) -> Member | None:
    """Find which member of a forecast has a number; None if it is no forecast.

    >>> member(9)
    Member(ensemble='ccsm4_ens02', variable='precipitation', number=9)
    """
    for model, numbers in MODELS.items():
        if number is not None and number in numbers:
            place, variable = divmod(number - numbers.start, 2)
            return Member(f"{model}_ens{place + 1:02}", list(VARIABLES.values())[variable], number)
    return None


def entry_of(catalog: Catalog, given: Parameters) -> CatalogEntry:
    """Find the dataset that is asked for, by number or old name.

    Raises
    ------
    InvalidRequestError : unknown, or a forecast whose member or variable is
    """
    text = given.need("datatype", "the number of a dataset, such as 0 for CHIRPS")
    if text in SEASONAL:
        return catalog[str(_seasonal(text, given))]
    old = _old_names()
    if text in old:
        return catalog[str(old[text])]
    if not (text.isascii() and text.isdecimal()):
        raise UnknownDatasetError(text[:80], [*old, *SEASONAL])
    numbers = {one.number for one in catalog.values()}
    if len(text) > 9 or int(text) not in numbers:
        known = _listed(number for number in numbers if number is not None)
        raise InvalidRequestError(f"no dataset has the number {shown(text)}; there are {known}")
    return catalog[str(int(text))]


def code_of(given: Parameters) -> Code:
    """Find the operation that is asked for."""
    known = {str(code.number): code for code in CODES}
    allowed = ", ".join(f"{code.number} {code.label}" for code in CODES)
    text = given.need("operationtype", f"one of {allowed}")
    if text not in known:
        raise InvalidRequestError(f"operationtype is {shown(text)}; allowed are {allowed}")
    return known[text]


def time_step_of(given: Parameters) -> str:
    """Find the time step that is asked for."""
    text = given.get("intervaltype") or "0"
    known = {str(number): step for number, step in INTERVALS.items()}
    if text not in known:
        raise InvalidRequestError(
            f"intervaltype is {shown(text)}; allowed are 0 day, 1 month, 2 year"
        )
    return known[text]


@lru_cache(maxsize=1)
def _old_names() -> dict[str, int]:
    """Read what ClimateSERV's datasets were called; a name goes with its number, whoever has it."""
    rows = read_table(BUILT_IN).values()
    return {str(row["old_name"]): int(row["number"]) for row in rows if "old_name" in row}


def _seasonal(name: str, given: Parameters) -> int:
    ensemble, variable = given.get("seasonal_ensemble", ""), given.get("seasonal_variable", "")
    known = {
        f"ens{count:02}": MODELS[model].start + 2 * (count - 1)
        for members, model in SEASONAL[name]
        for count in members
    }
    if ensemble not in known:
        raise InvalidRequestError(
            f"seasonal_ensemble is {shown(ensemble)}; {name} has {min(known)} to {max(known)}"
        )
    if variable not in VARIABLES:
        raise InvalidRequestError(
            f"seasonal_variable is {shown(variable)}; allowed are {', '.join(VARIABLES)}"
        )
    return known[ensemble] + list(VARIABLES).index(variable)


def _listed(numbers: Iterable[int]) -> str:
    """Write numbers, runs of them short.

    >>> _listed([0, 2, 3, 4, 7, 8])
    '0, 2 to 4, 7, 8'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(parts)
