"""Steps of the data that came anew after a result was computed, and how that is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from csserv.ingest.stored.ledger import Arrival


@dataclass(frozen=True)
class Renewal:
    """A step of the data that came anew, or for the first time, after a result was computed.

    Attributes
    ----------
    start : of the step
    number : of the step among those that are read
    before : what was there; None if the ledger knows of nothing
    now : what is there
    """

    start: datetime
    number: int
    before: Arrival | None
    now: Arrival

    @property
    def kind(self) -> tuple[str, str]:
        """The stream that was there, empty for none, and the one that is."""
        return self.before.stream if self.before else "", self.now.stream


def renewals_text(found: Sequence[Renewal], of_longer: bool, short: bool) -> str:
    """Say how steps came anew, those of the same streams together.

    Parameters
    ----------
    short : whether steps are shorter than a day
    """
    by_kind = defaultdict[tuple[str, str], list[Renewal]](list)
    for one in found:
        by_kind[one.kind].append(one)
    said = []
    for (stream, now), some in by_kind.items():
        which = f"{_named(some, short)}: " if of_longer else ""
        came = days_text([one.now for one in some])
        earlier = [one.before for one in some if one.before]
        if not earlier:
            said.append(f"{which}{now} came {came}")
            continue
        was = f"{which}{stream} (came {days_text(earlier)})"
        if stream == now:
            said.append(f"{was} was changed by the provider, and came anew {came}")
        else:
            said.append(f"{was} became {now} (came {came})")
    return "; ".join(said)


def steps_text(starts: Sequence[datetime], short: bool) -> str:
    """Name steps.

    Parameters
    ----------
    short : whether they are shorter than a day
    """
    form = "%Y-%m-%dT%H:%M" if short else "%Y-%m-%d"
    return ", ".join(f"{one:{form}}" for one in starts)


def days_text(arrivals: Sequence[Arrival]) -> str:
    """Say on which days steps came."""
    days = sorted(f"{one.retrieved:%Y-%m-%d}" for one in arrivals)
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def _named(renewals: Sequence[Renewal], short: bool) -> str:
    """Name all steps; three or more that follow each other by the first and the last."""
    form = "%Y-%m-%dT%H:%M" if short else "%Y-%m-%d"
    runs: list[list[Renewal]] = []
    for one in renewals:
        if runs and runs[-1][-1].number + 1 == one.number:
            runs[-1].append(one)
        else:
            runs.append([one])
    said = []
    for run in runs:
        names = [f"{one.start:{form}}" for one in run]
        said += [f"{names[0]} to {names[-1]}"] if len(names) > 2 else names
    return ", ".join(said)
