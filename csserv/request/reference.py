"""The reference of a request: the years that say what is normal."""

from __future__ import annotations

from csserv.errors import InvalidRequestError
from csserv.request.period import Period

#: normals of fewer years say little, and are refused
LEAST_YEARS = 10

#: the reference that the World Meteorological Organization recommends (WMO-No. 1203, 2017)
STANDARD = "1991/2020"

#: in place of years: those that suit the dataset
DEFAULT = "default"

#: share of the standard reference that a dataset must cover, else its whole record is taken [%]
COVERED = 80


def read_reference(given: object) -> str:
    """Read a reference; returns ``"1991/2020"``, ``"default"``, or empty for none.

    Parameters
    ----------
    given : None, False or empty for none; True or "default"; first and last year

    Raises
    ------
    InvalidRequestError : not whole years, or fewer than ``LEAST_YEARS``

    >>> read_reference(True), read_reference("1981 / 2010"), read_reference("1991-01/2020-12")
    ('default', '1981/2010', '1991/2020')
    """
    if given is None or given is False or given == "":
        return ""
    if given is True or str(given).strip().casefold() in (DEFAULT, "true"):
        return DEFAULT
    period = _period(given)
    first, last = period.start.year, period.end.year
    is_whole = period == Period.parse(f"{first:04}/{last:04}")
    if not is_whole:
        raise InvalidRequestError(f"against is {given!r}; {_ALLOWED}")
    if last - first + 1 < LEAST_YEARS:
        raise InvalidRequestError(
            f"against is {given!r}, which is {_years(last - first + 1)}; normals need at least "
            f"{LEAST_YEARS}, such as {STANDARD}"
        )
    return f"{first:04}/{last:04}"


_ALLOWED = f"allowed are first and last year, such as {STANDARD}, or {DEFAULT}"


def _years(count: int) -> str:
    return "1 year" if count == 1 else f"{count} years"


def _period(given: object) -> Period:
    if isinstance(given, Period):
        return given
    first, slash, last = str(given).strip().partition("/")
    try:
        return Period.parse(f"{first.strip()}/{last.strip()}" if slash else first)
    except InvalidRequestError:
        raise InvalidRequestError(f"against is {given!r}; {_ALLOWED}") from None
