"""Checks what is to be prepared: numbers that are kept, and that the store has room for."""

from __future__ import annotations

from dataclasses import replace

from csserv.catalog import Coverage
from csserv.errors import InvalidRequestError
from csserv.request import Period
from csserv.tasks.kept.kernels import kernels
from csserv.tasks.log.task import RequestRecord
from csserv.tasks.plan.checked_request import CheckedRequest

#: what is prepared: all data, those too that come later; or the period that was asked for
ALL, OF_PERIOD = "all", "period"

#: share of the store that one preparation may take: others must have room beside it
SHARE = 0.8

#: bytes of a number
NUMBER = 8


def whole_period(there: Coverage) -> Period:
    """Return the days of all data that a dataset has."""
    return Period.parse(f"{there.first[:10]}/{there.last[:10]}")


def preparation_record(checked: CheckedRequest, most: float, kind: str) -> RequestRecord:
    """Check a preparation, as :func:`check_preparation` does, and make the record of its task.

    Parameters
    ----------
    kind : ``ALL`` or ``OF_PERIOD``
    """
    check_preparation(checked, most)
    record = RequestRecord.of(checked.request, checked.files, checked.inflated)
    return replace(record, prepare=kind)


def check_preparation(checked: CheckedRequest, most: float) -> None:
    """Check that numbers of a request are kept, and how many there will be.

    Parameters
    ----------
    most : largest size of all numbers that are kept [MB]

    Raises
    ------
    InvalidRequestError : says what is kept, or how much room it would take
    """
    asked, options = checked.request, checked.request.options
    if options.against or options.index:
        what = "an index" if options.index else "what is normal"
        raise InvalidRequestError(
            f"{what} is computed of kept numbers each time: prepare the series without it"
        )
    kept = kernels(checked.wanted)
    if not kept:
        raise InvalidRequestError(
            f"numbers of {asked.operation} are not kept; they are of mean, sum, total, max, min, "
            "range, count, coverage, std, variance, and percentiles"
        )
    steps = checked.steps if not options.makes_longer else len(checked.plan().asked.times)
    size = NUMBER * len(kept) * len(asked.area.zones) * len(checked.selections) * steps / 1e6
    if size > SHARE * most:
        raise InvalidRequestError(
            f"this would keep about {size:,.0f} MB; CSSERV_STORE_MAX is {most:,.0f} MB, of which "
            f"{SHARE:.0%} may be prepared at once: ask for fewer zones, a longer time step or a "
            "shorter period, or allow more"
        )
