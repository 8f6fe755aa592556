"""Corrections of files that state something wrongly, or not at all; from their catalog row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Corrections:
    """Fields of a catalog row that replace or complete what its files state.

    Attributes
    ----------
    missing : further stored numbers that stand for missing values
    valid : lowest and highest valid value, unpacked; None where there is no bound
    scale, offset : replace the file's (value = stored x scale + offset); None keeps it
    units : replace the file's; empty keeps them
    crs : coordinate reference system of the horizontal axes, in a form that pyproj reads; empty
        keeps the file's
    time_from_name : how the date is written in the file's name, as for ``strptime``; empty reads
        the time from the file
    """

    missing: tuple[float, ...] = ()
    valid: tuple[float | None, float | None] = (None, None)
    scale: float | None = None
    offset: float | None = None
    units: str = ""
    crs: str = ""
    time_from_name: str = ""


#: for files that need no correction
NONE = Corrections()
