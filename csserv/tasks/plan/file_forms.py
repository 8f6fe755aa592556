"""Files of two forms, of other grids or chunks: one step of a result cannot be made of both."""

from __future__ import annotations

from collections.abc import Sequence

from csserv.catalog import Header
from csserv.catalog.timeline.timeline import Stretch
from csserv.errors import InvalidRequestError


def form_of(header: Header) -> tuple[object, object]:
    """Return what files must have in common to be read for one step."""
    return header.layout.geometry, header.grid


def are_of_one_form(headers: Sequence[Header]) -> bool:
    """Whether all files have the same grid, and store its cells alike."""
    # thousands of files have the very same grid and layout, which need one look
    each = {(id(one.layout), id(one.grid)): one for one in headers}.values()
    first = form_of(headers[0])
    return all(form_of(one) == first for one in each)


def of_two_forms(one: Stretch, other: Stretch) -> InvalidRequestError:
    """Say how to go on where a step of the result holds steps of both."""
    both = f"{one.granule.path.name} and {other.granule.path.name} hold parts of one step"
    if one.header.grid == other.header.grid:
        return InvalidRequestError(
            f"{both}, and store their cells in another order or in other chunks: ask for native "
            "steps, or bring all files into one form with csserv optimise"
        )
    begins = other.header.times[other.steps.start].strftime("%Y-%m-%d")
    return InvalidRequestError(
        f"{both}, and have different grids: ask for native steps, or for two periods, one before "
        f"{begins}, when another grid begins, and one from then on"
    )
