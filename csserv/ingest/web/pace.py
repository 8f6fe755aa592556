"""How often and how patiently a provider is asked."""

from __future__ import annotations

from dataclasses import dataclass

#: how often an address is tried, and the first and longest pause between two tries [s]
TRIES, PAUSE, LONGEST = 6, 1.0, 60.0

#: longest time that a provider may ask to wait before the next try [s]; longer: another day
PATIENCE = 600.0

#: time to connect, and longest silence of an answer [s]
TIMEOUT = (20.0, 60.0)

#: a download that is slower for so long is begun again [bytes/s, s]
SLOWEST, WINDOW = 1000.0, 60.0


@dataclass(frozen=True)
class Pace:
    """How often and how patiently a provider is asked.

    Attributes
    ----------
    slowest, window : slowest download [bytes/s], and how long it may be slower [s]
    """

    tries: int = TRIES
    pause: float = PAUSE
    longest: float = LONGEST
    patience: float = PATIENCE
    timeout: tuple[float, float] = TIMEOUT
    slowest: float = SLOWEST
    window: float = WINDOW
