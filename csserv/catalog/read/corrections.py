"""Corrections of files that state something wrongly, or not at all; from their catalog row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Corrections:
    """Fields of a catalog row that replace or complete what its files state.

    Attributes
    ----------
    aliases : other names of the variable, tried in order where the first one is not in a file
    missing : stored numbers that mean missing, besides those that the file states
    valid : lowest and highest value, unpacked; None where there is no bound
    scale, offset : in place of the file's: value = stored x scale + offset; None keeps them
    units : in place of the file's; empty keeps them
    crs : coordinate reference system of the horizontal axes, as pyproj takes it; empty keeps
        the file's
    time_from_name : where the date stands in the file's name, as ``strptime`` writes it
    first_band : the same, where it is the date of the first of several bands
    band_step : how long the step of each band is then; empty where they are no steps
    """

    aliases: tuple[str, ...] = ()
    missing: tuple[float, ...] = ()
    valid: tuple[float | None, float | None] = (None, None)
    scale: float | None = None
    offset: float | None = None
    units: str = ""
    crs: str = ""
    time_from_name: str = ""
    first_band: str = ""
    band_step: str = ""


#: for files that need no correction
NONE = Corrections()
