"""What the fields of a request mean, behind their question marks."""

from __future__ import annotations

from collections.abc import Mapping

from csserv.language import mark, tr

#: field → what it means
HELP: Mapping[str, str] = {
    "operation": mark(
        "How the cells of the area become one number at each step. The mean counts each cell by "
        "its share in the area; maps (geotiff, netcdf, csv) keep the cells as they are. How days "
        "become months is another question: see time step."
    ),
    "time_step": mark(
        "How much time one number stands for. Of a step longer than that of the data, rain is "
        "added up and temperatures are averaged, unless you choose otherwise below."
    ),
    "units": mark("Write what you want: mm/day, inch, degC; empty keeps what the data have."),
    "weighting": mark(
        "A cell that a border cuts counts by the share of it that lies within: this is exact. "
        "The others are there to compare with services that count whole cells."
    ),
    "over_time": mark(
        "Rain of days adds up to that of a month; a temperature of a month is the mean of its "
        "days. Choose highest or lowest for extremes."
    ),
    "least_valid": mark("A month, say, is left empty where fewer of its days have data."),
    "accumulate": mark(
        "With 3, each month stands for itself and the two before it: a sum that moves on by a "
        "month at a time, as for drought over a season."
    ),
    "reference": mark(
        "Each value is set beside the same step of other years: what is normal, how far the value "
        "is from it, and how many of the years were lower."
    ),
    "own_year": mark(
        "Whether a value is among the years that it is compared with. Left out, a record is not "
        "part of what is normal for it."
    ),
    "index": mark(
        "A number without units that says how dry or wet, or how long, by a published method, in "
        "place of the values."
    ),
}


def help_of(field: str) -> str:
    """Say what a field means, a key of ``HELP``."""
    return tr(HELP[field])
