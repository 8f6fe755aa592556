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
    of : which series of each zone the map shows, of several: "member 2"
    """

    chart: str = ""
    zones: tuple[str, ...] = ()
    operation: str = ""
    measure: str = ""
    at: str = ""
    of: str = ""

    @property
    def coloured(self) -> tuple[str, str, str]:
        """Measure, step and series of the map of zones."""
        return self.measure, self.at, self.of

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Parameters of an address, with their values.

        >>> ShownPart("years", ("Turkana",)).pairs
        [('chart', 'years'), ('zone', 'Turkana')]
        """
        names = ("operation", "chart", "measure", "at", "of")
        pairs = [*((one, getattr(self, one)) for one in names), *(("zone", z) for z in self.zones)]
        return [pair for pair in pairs if pair[1]]


#: what is seen where nothing was chosen
AT_FIRST = ShownPart()


def read_part(query: Mapping[str, Sequence[str]]) -> ShownPart:
    """Read what an address wants to be seen; what a result does not have is left out there.

    >>> read_part({"zone": ["Turkana", "Marsabit", "Turkana"], "of": ["member 2"]}).pairs
    [('of', 'member 2'), ('zone', 'Turkana'), ('zone', 'Marsabit')]
    """

    def last(name: str) -> str:
        return next(iter(reversed(query.get(name) or ())), "")[:LONGEST]

    zones = dict.fromkeys(one[:LONGEST] for one in (query.get("zone") or ())[:MOST])
    others = (last(name) for name in ("operation", "measure", "at", "of"))
    return ShownPart(last("chart"), tuple(zones), *others)
