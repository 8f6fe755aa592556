"""Whether a call may have failed because of its worker; the runner looks at files by itself."""

from __future__ import annotations

from collections.abc import Sequence

from csserv.catalog.read.source import Source
from csserv.errors import CsservError, GranuleError, TaskCancelledError, UnfitWorkerError
from csserv.machine.patience import Patience, Touch
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.work.proof import check_unchanged

#: how long the runner itself may take to look at a file that a worker does not find [s]
LOOK_TIMEOUT = 10.0


def may_be_of_worker(error: Exception, attempt: Attempt) -> bool:
    """Whether a call may have failed because of the worker, and not because of what it was."""
    if isinstance(error, TaskCancelledError):  # it does not see the work folder
        return attempt.context.work.is_dir()
    return isinstance(error, GranuleError | UnfitWorkerError) or not isinstance(error, CsservError)


def look_at(sources: Sequence[Source], patience: Patience) -> GranuleError | None:
    """Look whether files are there as planned; return what is wrong with the first one that is not.

    A file that does not answer is wrong as well.
    """

    def look(touch: Touch) -> None:
        """Look at all of them."""
        for source in sources:
            touch(source.path)
            check_unchanged(source)

    try:
        patience.call(object(), look, most=LOOK_TIMEOUT)
    except GranuleError as error:
        return error
    return None


def in_words(error: Exception) -> str:
    """Write an error; that of another library with its kind."""
    return str(error) if isinstance(error, CsservError) else f"{type(error).__name__}: {error}"
