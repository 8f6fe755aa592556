"""What of a result is seen, as parameters of an address: chart, zones, colours of the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: longest value that is read, and most of one kind
LONGEST, MOST = 200, 50


@dataclass(frozen=True)
class ShownPart:
    """What somebody has chosen to see of a result; empty where it is what is seen at first.

    Attributes
    ----------
    chart : kind of chart
    zones : names of the series in the chart, the first one first
    operation : of several, the one that is shown
    measure : what the zones of the map are coloured by
    at : beginning of the step that the map shows, UTC, in place of the whole period
    """

    chart: str = ""
    zones: tuple[str, ...] = ()
    operation: str = ""
    measure: str = ""
    at: str = ""

    @property
    def coloured(self) -> tuple[str, str]:
        """Measure and step of the map of zones."""
        return self.measure, self.at

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Parameters of an address, with their values.

        >>> ShownPart("years", ("Turkana",)).pairs
        [('chart', 'years'), ('zone', 'Turkana')]
        """
        plain = [(name, getattr(self, name)) for name in ("operation", "chart", "measure", "at")]
        return [pair for pair in (*plain, *(("zone", one) for one in self.zones)) if pair[1]]


#: what is seen where nothing was chosen
AT_FIRST = ShownPart()


def read_part(query: Mapping[str, Sequence[str]]) -> ShownPart:
    """Read what an address wants to be seen; what a result does not have is left out there.

    >>> read_part({"at": ["2021-03-01"], "zone": ["Turkana", "Marsabit", "Turkana"], "task": ["1"]})
    ShownPart(chart='', zones=('Turkana', 'Marsabit'), operation='', measure='', at='2021-03-01')
    """

    def last(name: str) -> str:
        return next(iter(reversed(query.get(name) or ())), "")[:LONGEST]

    zones = dict.fromkeys(one[:LONGEST] for one in (query.get("zone") or ())[:MOST])
    return ShownPart(last("chart"), tuple(zones), last("operation"), last("measure"), last("at"))
