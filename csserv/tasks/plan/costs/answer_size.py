"""How large the JSON of a result will be, known before anything is computed."""

from __future__ import annotations

from csserv.climatology.normals import REFERENCE_STATISTICS, STATISTICS
from csserv.outputs.document.compact_form import COMPACT, version_for
from csserv.request import Request

#: digits of a number that was computed, with what stands between two [bytes]
NUMBER = 19

#: a time, a share of data that is 100 %, and what a document says of each file [bytes]
TIME, SHARE, FILE = 13, 6, 250

#: what a series has beside its steps, and a document beside its series [bytes]
SERIES, DOCUMENT = 200, 6000


def answer_size(request: Request, series: int, steps: int, files: int) -> int:
    """Estimate the size of a result's JSON, from above: zeros are shorter than other numbers.

    Parameters
    ----------
    series : of all zones, and of all coordinates of further dimensions
    steps : of the result
    files : that it names
    """
    lists = len(request.operation.split(","))
    shared = 0
    if request.options.index:
        lists += 1  # what the index is of
    elif request.options.against:
        shared = lists * len(REFERENCE_STATISTICS)
        lists += lists * len(STATISTICS) - shared
    of_step = NUMBER * lists
    if version_for(series, series * steps * (lists + shared)) != COMPACT:
        of_step += TIME + SHARE + NUMBER * shared
    return series * (SERIES + steps * of_step) + TIME * steps + FILE * files + DOCUMENT
