"""``python -m csserv.tasks.cluster.dask_process worker …``, or ``scheduler …``: dask's own command.

``python -m dask`` is the same, but first looks for commands in all that is installed.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from itertools import pairwise

from csserv.logs import LogSettings, set_up_logging
from csserv.machine.collection_pause import load_for_good
from csserv.tasks.cluster.worker_template import keep_template, start_template


def main(kind: str, words: list[str]) -> None:
    """Run dask's command; workers are forked from a process that reads their code meanwhile."""
    if kind == "worker":
        start_template([module for flag, module in pairwise(words) if flag == "--preload"])
        keep_template()
    set_up_logging(LogSettings.from_variables(os.environ), kind)
    with load_for_good():
        # who checks a --lifetime loads dask before its variables are set: they are read again
        import_module("dask.config").refresh()
        command = import_module(f"distributed.cli.dask_{kind}").main
        if kind == "scheduler":  # of this process, which has no other
            no_spans = import_module("csserv.tasks.cluster.no_spans").NoSpans
            import_module("distributed.scheduler").DEFAULT_EXTENSIONS["spans"] = no_spans
    command(words, prog_name=f"dask {kind}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
