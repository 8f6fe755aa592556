"""Sets up the log of a process: one handler, to which all loggers pass their records."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

from csserv.errors import SettingsError
from csserv.logs.line_formats import FORMATS
from csserv.logs.log_settings import LogSettings
from csserv.logs.shared_file import SharedFile

#: loggers of libraries → the least level that is of use
LEVELS = {
    "distributed": "WARNING",
    "bokeh": "WARNING",
    "tornado": "WARNING",
    "tornado.access": "ERROR",  # has whole addresses, with what people ask for
    "asyncio": "WARNING",
    "pint.util": "ERROR",  # a line for each unit that CF defines otherwise
}

#: the same for single processes: dask's own say when they start, connect and end
PROCESS_LEVELS = {
    "scheduler": {"distributed": "INFO"},
    "worker": {
        "distributed": "INFO",
        # else a line each time that an administrator's page asks what it does
        "distributed.worker": "WARNING",
        "distributed.core": "WARNING",
        "distributed.preloading": "WARNING",
    },
}

#: dask sets the levels of its loggers when it is imported, by this variable
DASK_LOGGING = "DASK_LOGGING"


def set_up_logging(settings: LogSettings, process: str) -> Callable[[], None]:
    """Write the log of this process as the settings say, and let its children do the same.

    Parameters
    ----------
    process : what it is: server, runner, worker, scheduler

    Returns
    -------
    a function that undoes it

    Raises
    ------
    SettingsError : the file cannot be written
    """
    root = logging.getLogger()
    before = root.handlers[:], root.level, dict(os.environ)
    handler = _handler(settings)
    handler.setFormatter(FORMATS[settings.format](process))
    levels = _levels(settings.level, process)
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    _take_over()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    children = settings.to_variables() | {DASK_LOGGING: str(levels)}
    os.environ.update(children)

    def undo() -> None:
        """Put the handlers and variables back."""
        root.handlers[:], old = before[0], before[2]
        root.setLevel(before[1])
        logging.captureWarnings(False)
        for name in children:
            os.environ.pop(name, None)
            os.environ.update({name: old[name]} if name in old else {})
        handler.close()

    return undo


def _handler(settings: LogSettings) -> logging.Handler:
    if settings.file is None:
        return logging.StreamHandler(sys.stderr)
    try:
        settings.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return SharedFile(settings.file, settings.size, settings.keep)
    except OSError as error:
        raise SettingsError(
            f"the log {settings.file} cannot be written: {error.strerror} (CSSERV_LOG_FILE)"
        ) from None


def _take_over() -> None:
    """Let the loggers of libraries pass on what they are told, in place of their own handlers."""
    families = {name.partition(".")[0] for name in LEVELS}
    for name in [*logging.root.manager.loggerDict]:
        if name.partition(".")[0] in families:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True


def _levels(least: str, process: str) -> dict[str, str]:
    """Return the least level of each logger of a library, which is none below that of all."""
    order = logging.getLevelNamesMapping()
    known = LEVELS | PROCESS_LEVELS.get(process, {})
    if least == "debug":
        known = {name: "ERROR" if name == "tornado.access" else "DEBUG" for name in known}
    return {name: max(level, least.upper(), key=order.__getitem__) for name, level in known.items()}
