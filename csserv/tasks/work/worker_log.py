"""The log of a worker process; dask loads this module before the worker's first call."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from csserv.logs import LogSettings, event, set_up_logging
from csserv.tasks.work.attempt_context import AttemptContext

Rest = ParamSpec("Rest")

logger = logging.getLogger(__name__)


def dask_setup(worker: object) -> None:
    """Write the log as the process does that started the worker."""
    set_up_logging(LogSettings.from_variables(os.environ), "worker")


def logged(
    call: Callable[Concatenate[AttemptContext, Rest], None],
) -> Callable[Concatenate[AttemptContext, Rest], None]:
    """Log each call of a function: of which task and request, how long it took, how it ended."""

    @wraps(call)
    def run(context: AttemptContext, /, *args: Rest.args, **named: Rest.kwargs) -> None:
        """Run the call."""
        began = time.monotonic()
        outcome = "failed"
        try:
            call(context, *args, **named)
            outcome = "done"
        finally:  # what went wrong is told by the runner
            event(
                logger,
                "call ended",
                task=context.task,
                request_id=context.request_id,
                attempt=context.attempt,
                call=call.__name__,
                block=args[0] if args and isinstance(args[0], int) else None,
                outcome=outcome,
                seconds=round(time.monotonic() - began, 3),
            )

    return run
