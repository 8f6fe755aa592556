"""Units that change within a dataset: values are brought to those of its first file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from csserv.catalog.read.header import Header
from csserv.catalog.timeline.consistency import Member, Problem
from csserv.errors import InvalidRequestError
from csserv.notes import Note
from csserv.units import converter


def in_one_unit(
    members: Sequence[Member],
) -> tuple[list[Member], list[Problem], list[Note]]:
    """Bring all files to the units of the first one that says some.

    A file that says none is taken to have them, too; the note tells so.
    """
    first = next((one for one in members if one.header.units), members[0])
    others = {one.header.units: one for one in reversed(members)}
    others.pop(first.header.units)
    problems: list[Problem] = []
    notes: list[Note] = []
    for own, one in others.items():
        try:
            notes.append(_told(own, one.name, first))
        except InvalidRequestError:
            problems.append(_refused(own, one.name, first))
    if problems or not notes:
        return list(members), problems, notes
    units = first.header.units
    return [replace(one, header=_in(one.header, units)) for one in members], [], notes


def _told(units: str, name: str, first: Member) -> Note:
    wanted = first.header.units
    if not units:
        return Note("units", f"it says no units; those of {first.name} are taken: {wanted}", name)
    converter(units, wanted)
    return Note("units", f"converted from {units} to {wanted}", name)


def _refused(units: str, name: str, first: Member) -> Problem:
    return Problem(
        f"{first.name} has the units {first.header.units!r} and {name} {units!r}: put them into "
        "two datasets, or say units in the row where those of the files are wrong"
    )


def _in(header: Header, units: str) -> Header:
    """Let stored numbers become values in other units."""
    if header.units in ("", units):
        return replace(header, units=units)
    scale, offset = converter(header.units, units)
    packing = header.layout.packing
    own = replace(packing, scale=packing.scale * scale, offset=packing.offset * scale + offset)
    return replace(header, units=units, layout=replace(header.layout, packing=own))
