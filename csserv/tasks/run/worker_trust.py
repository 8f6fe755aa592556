"""Which workers are given calls: those that have proved themselves and are not set aside."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

#: stands for all datasets
EVERYTHING = ""

#: how long a worker is set aside for the first time, and at most; it doubles each time [s]
SHORTEST, LONGEST = 10.0, 600.0

#: a worker that did well for so long begins with the shortest time again [s]
FORGIVEN_AFTER = 1800.0


@dataclass(frozen=True)
class SetAside:
    """Why a worker gets no calls of a dataset, and until when."""

    reason: str
    until: float  #: then it may prove itself again [s, monotonic]
    wait: float  #: how long that is [s]
    is_over: bool = False  #: whether it has proved itself since


class WorkerTrust:
    """Keeps which workers may be given calls of which dataset.

    What a worker has proved belongs to its process, and so to its address. That it was set aside
    belongs to its name, as its nanny may start it again and again.

    Parameters
    ----------
    clock : returns the time [s]
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._proved: dict[tuple[str, str], str] = {}  # address, dataset → name
        self._aside: dict[tuple[str, str], SetAside] = {}  # name, dataset or EVERYTHING

    def see(self, addresses: Collection[str]) -> None:
        """Forget the proofs of workers that have left, and what was long ago."""
        for proved in [one for one in self._proved if one[0] not in addresses]:
            del self._proved[proved]
        now = self._clock()
        for key, one in list(self._aside.items()):
            if now - one.until >= FORGIVEN_AFTER:
                del self._aside[key]

    def may_serve(self, name: str, dataset: str) -> bool:
        """Whether a worker may be given calls of a dataset, once it has proved itself."""
        now = self._clock()
        known = (self._aside.get((name, which)) for which in (EVERYTHING, dataset))
        return all(one is None or one.is_over or now >= one.until for one in known)

    def needs_proof(self, address: str, dataset: str) -> bool:
        """Whether a worker must prove itself before it is given calls of a dataset."""
        return (address, dataset) not in self._proved

    def prove(self, address: str, name: str, dataset: str) -> None:
        """Note that a worker has proved itself; it is set aside no longer."""
        self._proved[address, dataset] = name
        for key in ((name, EVERYTHING), (name, dataset)):
            if one := self._aside.get(key):
                self._aside[key] = SetAside(one.reason, one.until, one.wait, is_over=True)

    def set_aside(self, name: str, dataset: str, reason: str) -> None:
        """Give a worker no calls of a dataset, or of ``EVERYTHING``, for a while.

        It must prove itself anew then. Each time is twice as long as the one before.
        """
        before, now = self._aside.get((name, dataset)), self._clock()
        wait = SHORTEST
        if before:  # several calls may fail at the same time: that is one failure
            wait = before.wait if now < before.until else min(2 * before.wait, LONGEST)
        self._aside[name, dataset] = SetAside(reason, now + wait, wait)
        for proved, its_name in list(self._proved.items()):
            if its_name == name and dataset in (proved[1], EVERYTHING):
                del self._proved[proved]

    def clear(self, name: str, dataset: str) -> None:
        """Set a worker aside no longer, as what failed was not its fault."""
        self._aside.pop((name, dataset), None)

    def reasons(self) -> dict[str, str]:
        """Return name → why it is set aside, and for which dataset."""
        said: dict[str, list[str]] = {}
        for (name, dataset), one in sorted(self._aside.items()):
            if not one.is_over:
                said.setdefault(name, []).append(f"{dataset}: {one.reason}".removeprefix(": "))
        return {name: "; ".join(texts) for name, texts in said.items()}

    def reasons_for(self, dataset: str, names: Mapping[str, str]) -> list[str]:
        """Say why workers get no calls of a dataset, each with its name.

        Parameters
        ----------
        names : address → name
        """
        found = []
        for name in sorted(names.values()):
            for which in (EVERYTHING, dataset):
                one = self._aside.get((name, which))
                if one and not one.is_over:
                    found.append(f"{name} {one.reason}")
                    break
        return found
