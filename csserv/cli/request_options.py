"""The arguments and options of a request, shared by the commands that take one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import click

from csserv.catalog.area_lookup import check_unchosen, is_name
from csserv.cli.file_options import FILE_OPTIONS, take_choices
from csserv.request import Area, Options, Period
from csserv.request.files import FileChoices, read_area
from csserv.request.files.file_choices import NO_CHOICES
from csserv.request.files.reading import is_folder
from csserv.request.options import OVER_TIME, OWN_YEAR, WEIGHTINGS

if TYPE_CHECKING:  # slow to import, and not needed by help texts
    from csserv.service import Service

#: a choice whose names may be written in capitals
any_of = partial(click.Choice, case_sensitive=False)

#: two numbers, as people write a point
PAIR = re.compile(r"\s*([-+]?\d+(?:\.\d*)?)\s*[,;\s]\s*([-+]?\d+(?:\.\d*)?)\s*")

#: in the order of the help text
REQUEST_OPTIONS = (
    click.argument("dataset"),
    click.argument("operation", metavar="OPERATION"),
    click.option("--area", "place", help='A name ("Kenya", "Kenya/*") or a file of polygons.'),
    click.option("--layer", help="Layer, folder or file of a ZIP; also --area file.gpkg:layer."),
    *FILE_OPTIONS,
    click.option("--box", nargs=4, type=float, help="West south east north [degrees]."),
    click.option("--point", nargs=2, type=float, help="Longitude latitude [degrees]."),
    click.option(
        "--period", help="2019, 2019-03 or 2019-01-01/2019-12-31; all of it if not given."
    ),
    click.option("--time-step", help="native, daily, pentad, weekly, dekad, monthly, seasonal, …"),
    click.option("--least-valid", type=float, help="% of a longer step with data.  [default: 80]"),
    click.option(
        "--over-time",
        type=any_of(OVER_TIME),
        help="How longer steps are made.",
    ),
    click.option("--accumulate", type=int, help="Steps that each holds: 3 months, each month."),
    click.option("--against", metavar="YEARS", help="What is normal: 1991/2020, or default."),
    click.option(
        "--own-year",
        type=any_of(OWN_YEAR),
        help="Is it in its reference?",
    ),
    click.option("--index", help="An index in place of the values: spi, deciles, cdd, …"),
    click.option("--index-option", "index_options", multiple=True, metavar="NAME=VALUE"),
    click.option("--units", help="Units of the series, such as degC."),
    click.option("--weighting", type=any_of(WEIGHTINGS), help="[default: area]"),
    click.option("--select", multiple=True, metavar="NAME=VALUE", help="member=3, =1,2,5 or ='*'."),
)


@dataclass(frozen=True)
class RequestArguments:
    """A request as given on the command line; the service checks it."""

    dataset: str
    operation: str
    area: Area | str
    period: str | None  #: None for all that there is
    options: Options

    def for_service(self, service: Service) -> tuple[str, str, Area | str, Period | str]:
        """Dataset, operation, area and period, as ``Service.submit`` takes them."""
        period: Period | str | None = self.period
        if period is None:
            period = service.catalog[self.dataset].timeline().period
        return self.dataset, self.operation, self.area, period


def with_request_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the arguments and options of a request to a command, which gets them as ``request``."""

    @wraps(command)
    def with_request(
        *args: Any,
        dataset: str,
        operation: str,
        place: str | None,
        box: tuple[float, float, float, float] | None,
        point: tuple[float, float] | None,
        period: str | None,
        select: tuple[str, ...],
        time_step: str | None,
        least_valid: float | None,
        over_time: str | None,
        accumulate: int | None,
        against: str | None,
        own_year: str | None,
        index: str | None,
        index_options: tuple[str, ...],
        units: str | None,
        weighting: str | None,
        **others: Any,
    ) -> None:
        options = Options.of(
            dict(read_pair(text) for text in select),
            dict(read_pair(text, "index-option") for text in index_options),
            time_step=time_step and time_step.lower(),
            least_valid=least_valid,
            over_time=over_time,
            accumulate=accumulate,
            against=against,
            own_year=own_year,
            index=index and index.lower(),
            units=units,
            weighting=weighting,
        )
        area = given_area(place, box, point, take_choices(others))
        request = RequestArguments(dataset, operation.lower(), area, period, options)
        command(*args, request=request, **others)

    for option in reversed(REQUEST_OPTIONS):
        with_request = option(with_request)
    return with_request


def given_area(
    place: str | None,
    box: tuple[float, float, float, float] | None,
    point: tuple[float, float] | None,
    choices: FileChoices,
) -> Area | str:
    """Return the area that one of three options gives.

    Raises
    ------
    click.UsageError : none, or several of them are given
    """
    if sum(given is not None for given in (place, box, point)) != 1:
        raise click.UsageError("give one of --area, --box and --point")
    if box is not None:
        return Area.from_box(*box)
    if point is not None:
        return Area.from_point(*point)
    if numbers := PAIR.fullmatch(str(place)):
        first, second = numbers.groups()
        raise click.UsageError(
            f"--area {place} are two numbers; for a point write --point {first} {second}, "
            "longitude before latitude"
        )
    if choices == NO_CHOICES:
        return str(place)
    if is_name(str(place)) and not is_folder(str(place)):
        check_unchosen(str(place), choices)
    return read_area(str(place), choices=choices)


def read_pair(text: str, option: str = "select") -> tuple[str, str]:
    """Read the name and the value of an option.

    Raises
    ------
    click.UsageError : it is written otherwise
    """
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        example = "member=3" if option == "select" else "distribution=gamma"
        raise click.UsageError(f"--{option} {text}: write NAME=VALUE, such as {example}")
    return name, value
