"""The clock that has data fetched: at its times it queues a task for each product that is kept."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

from csserv.errors import CsservError, SettingsError
from csserv.outputs.durable import replace_file

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)

#: how long after a time, and after the last look, it is seen whether fetches have failed
AGAIN = timedelta(hours=1)


@dataclass(frozen=True)
class FetchTimes:
    """The times at which data are fetched: each day at some hours, UTC.

    Raises
    ------
    SettingsError : not such as "daily 06:00", "hourly" or "off"
    """

    text: str

    def __post_init__(self) -> None:
        _ = self.of_day

    @property
    def of_day(self) -> list[time]:
        """The times of a day; empty for never."""
        if self.text in ("", "off"):
            return []
        if self.text == "hourly":
            return [time(hour) for hour in range(24)]
        found = re.fullmatch(r"daily((?:[ ,]+\d{1,2}:\d{2})+)", self.text.strip())
        try:
            if found:
                return sorted(map(_clock, re.split("[ ,]+", found[1].strip(" ,"))))
        except ValueError:
            pass
        raise SettingsError(
            f"setting fetch={self.text!r}; write 'daily 06:00' (UTC), 'daily 06:00, 18:00', "
            "'hourly' or 'off'"
        )

    def latest(self, now: datetime) -> datetime | None:
        """Return the latest of the times, up to now; None for never."""
        moments = [
            datetime.combine(now.date() - days * DAY, one, UTC)
            for days in (0, 1)
            for one in self.of_day
        ]
        return max((one for one in moments if one <= now), default=None)


@dataclass
class FetchClock:
    """Looks from time to time whether data are to be fetched.

    A time that passed while no runner led is made up for, once. What fails, as a provider is down,
    is queued again each hour.

    Parameters
    ----------
    path : file that keeps when data were last queued to be fetched
    queue : queues a task for each product that is kept up to date; of a time, for those alone
        whose last one since then has failed
    """

    times: FetchTimes
    path: Path
    queue: Callable[[datetime | None], object]
    _at_work: threading.Thread | None = field(default=None, repr=False)
    _skipped: datetime | None = field(default=None, repr=False)  #: a time that went wrong
    _looked: datetime | None = field(default=None, repr=False)  #: when it was seen what failed

    def tick(self, now: datetime | None = None) -> None:
        """Queue the tasks if it is time; in a thread, as disks may be slow to answer."""
        now = now or datetime.now(UTC)
        moment = self.times.latest(now)
        if moment is None or (self._at_work and self._at_work.is_alive()):
            return
        last = self._last()
        if not last or last < moment:
            self._start(partial(self._run, moment))
        elif now - max(self._looked or last, moment) >= AGAIN:
            self._looked = now
            self._start(partial(self._again, moment))

    def _start(self, act: Callable[[], None]) -> None:
        self._at_work = threading.Thread(target=act, daemon=True)
        self._at_work.start()

    def wait(self) -> None:
        """Wait until what was due is queued."""
        if self._at_work:
            self._at_work.join()

    def _run(self, moment: datetime) -> None:
        try:
            self.queue(None)
            replace_file(self.path, moment.isoformat().encode())
        except (CsservError, OSError) as error:
            logger.error("data cannot be fetched: %s; tried again at the next time", error)
            self._skipped = moment

    def _again(self, moment: datetime) -> None:
        try:
            self.queue(moment)
        except (CsservError, OSError) as error:
            logger.error("data cannot be fetched: %s; tried again in an hour", error)

    def _last(self) -> datetime | None:
        try:
            written = datetime.fromisoformat(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return self._skipped
        return max(written, self._skipped or written)


def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))
