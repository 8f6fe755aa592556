"""The process that workers are forked from: it has read their code, and does nothing else.

To read its code takes a worker two seconds; to be forked, a twentieth of one. So the workers of a
runner share one reading, and one that takes the place of another is there at once. It is the fork
server of ``multiprocessing``: one thread, no event loop, no open file, so that no fork tears
anything. Where the system's own libraries start threads (macOS), each worker reads for itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from multiprocessing import forkserver

from csserv.tasks.cluster.freed_memory import MEMORY
from csserv.tasks.cluster.short_memory import short_memory_variables

#: variables of worker processes, beside those for their memory
ONE_THREAD = {f"{library}_NUM_THREADS": 1 for library in ("OMP", "MKL", "OPENBLAS")}

#: how worker processes are started, in the words of dask and of ``multiprocessing``
METHOD = "forkserver" if sys.platform == "linux" else "spawn"


def start_template(modules: Sequence[str]) -> None:
    """Start the process, unless it runs; it reads code while this one goes on.

    It ends when this process and all workers have ended. Should it die, so do its workers, and
    the first that takes their place starts it anew.

    Parameters
    ----------
    modules : what workers load before their first call
    """
    if METHOD != "forkserver":
        return
    for name, value in (MEMORY | ONE_THREAD).items():
        os.environ.setdefault(name, str(value))  # libraries look for them when they are loaded
    forkserver.set_forkserver_preload(["distributed", *modules])
    forkserver.ensure_running()


def keep_template() -> None:
    """Keep dask from replacing the list of what is read: its own has pandas and more."""
    from distributed import utils

    utils._forkserver_preload_set = True


def worker_environment() -> dict[str, str]:
    """Return the environment of a ``dask worker`` started by hand, as of those started here."""
    return short_memory_variables() | {
        "DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON": str(MEMORY | ONE_THREAD),
        "DASK_DISTRIBUTED__WORKER__MULTIPROCESSING_METHOD": METHOD,
        "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
        "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    }
