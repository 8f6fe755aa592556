"""ClimateSERV's codes and names of datasets, operations and time steps, and ours for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from csserv.catalog import Catalog, CatalogEntry
from csserv.catalog.catalog import BUILT_IN
from csserv.catalog.toml_table import read_table
from csserv.errors import InvalidRequestError, UnknownDatasetError
from csserv.http.climateserv.call import Parameters, quoted


@dataclass(frozen=True)
class OperationCode:
    """The code of an operation in ClimateSERV's API.

    Attributes
    ----------
    key : name of its values in an answer
    operation : name of the operation in csserv
    is_file : whether the result is a file; its series then only says which steps are in it
    """

    number: int
    key: str
    label: str
    operation: str
    is_file: bool = False


OPERATION_CODES = (
    OperationCode(0, "max", "Max", "max"),
    OperationCode(1, "min", "Min", "min"),
    OperationCode(2, "median", "Median", "median"),
    OperationCode(3, "range", "Range", "range"),
    OperationCode(4, "sum", "Sum", "sum"),
    OperationCode(5, "avg", "Average", "mean"),
    OperationCode(6, "download", "Download", "geotiff", is_file=True),
    OperationCode(7, "netcdf", "NetCDF", "netcdf", is_file=True),
    OperationCode(8, "csv", "CSV", "csv", is_file=True),
)

#: interval type → time step
INTERVALS = {0: "native", 1: "monthly", 2: "yearly"}

#: forecast model → numbers of its datasets: air temperature and precipitation of each member
MODELS = {"ccsm4": range(6, 26), "cfsv2": range(42, 90)}

#: name of a variable in requests → in answers, in the order of the dataset numbers
VARIABLES = {"Temperature": "air_temperature", "Precipitation": "precipitation"}

#: name of a seasonal forecast → numbers of members, and the model they belong to
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
    """Return the member of a forecast that a dataset number stands for; None if it is no forecast.

    >>> member(9)
    Member(ensemble='ccsm4_ens02', variable='precipitation', number=9)
    """
    for model, numbers in MODELS.items():
        if number is not None and number in numbers:
            place, variable = divmod(number - numbers.start, 2)
            return Member(f"{model}_ens{place + 1:02}", list(VARIABLES.values())[variable], number)
    return None


def entry_of(catalog: Catalog, parameters: Parameters) -> CatalogEntry:
    """Return the dataset of a call, given by number or by ClimateSERV's old name.

    Raises
    ------
    InvalidRequestError : the dataset, or the member or variable of a forecast, is unknown
    """
    text = parameters.need("datatype", "the number of a dataset, such as 0 for CHIRPS")
    if text in SEASONAL:
        return catalog[str(_seasonal(text, parameters))]
    old = _old_names()
    if text in old:
        return catalog[str(old[text])]
    if not (text.isascii() and text.isdecimal()):
        raise UnknownDatasetError(text[:80], [*old, *SEASONAL])
    numbers = {one.number for one in catalog.values()}
    if len(text) > 9 or int(text) not in numbers:
        known = _listed(number for number in numbers if number is not None)
        raise InvalidRequestError(f"no dataset has the number {quoted(text)}; there are {known}")
    return catalog[str(int(text))]


def operation_code_of(parameters: Parameters) -> OperationCode:
    """Return the operation of a call."""
    known = {str(code.number): code for code in OPERATION_CODES}
    allowed = ", ".join(f"{code.number} {code.label}" for code in OPERATION_CODES)
    text = parameters.need("operationtype", f"one of {allowed}")
    if text not in known:
        raise InvalidRequestError(f"operationtype is {quoted(text)}; allowed are {allowed}")
    return known[text]


def time_step_of(parameters: Parameters) -> str:
    """Return the time step of a call."""
    text = parameters.get("intervaltype") or "0"
    known = {str(number): step for number, step in INTERVALS.items()}
    if text not in known:
        raise InvalidRequestError(
            f"intervaltype is {quoted(text)}; allowed are 0 day, 1 month, 2 year"
        )
    return known[text]


@lru_cache(maxsize=1)
def _old_names() -> dict[str, int]:
    """Return the numbers of ClimateSERV's datasets by their old names."""
    rows = read_table(BUILT_IN).values()
    return {str(row["old_name"]): int(row["number"]) for row in rows if "old_name" in row}


def _seasonal(name: str, parameters: Parameters) -> int:
    ensemble, variable = (
        parameters.get("seasonal_ensemble", ""),
        parameters.get("seasonal_variable", ""),
    )
    known = {
        f"ens{count:02}": MODELS[model].start + 2 * (count - 1)
        for members, model in SEASONAL[name]
        for count in members
    }
    if ensemble not in known:
        raise InvalidRequestError(
            f"seasonal_ensemble is {quoted(ensemble)}; {name} has {min(known)} to {max(known)}"
        )
    if variable not in VARIABLES:
        raise InvalidRequestError(
            f"seasonal_variable is {quoted(variable)}; allowed are {', '.join(VARIABLES)}"
        )
    return known[ensemble] + list(VARIABLES).index(variable)


def _listed(numbers: Iterable[int]) -> str:
    """Write numbers as a list in which runs are shortened.

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
