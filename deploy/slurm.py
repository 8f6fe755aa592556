"""Workers as jobs of a SLURM cluster: python deploy/slurm.py --jobs 8 (needs dask-jobqueue).

Run it where the runner runs, on a node that the jobs reach. CSSERV_HOME and CSSERV_DATA must be on
the shared file system, the task log itself on a disk of this node; CSSERV_TLS must be set.
"""

from __future__ import annotations

import argparse
import os
import signal

import dask
from dask_jobqueue import SLURMCluster

from csserv.settings import read_settings
from csserv.tasks.cluster.security import read_security


def main() -> None:
    """Start a scheduler here and workers as jobs; end when told to."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--jobs", type=int, default=4)
    words.add_argument("--queue", default=None)
    words.add_argument("--walltime", default="08:00:00")
    words.add_argument("--memory", default="4GB")
    given = words.parse_args()
    settings = read_settings()
    security = read_security(settings.tls)
    if security is None:
        raise SystemExit(
            "set CSSERV_TLS first (csserv certificates): whoever reaches a dask port can run code"
        )
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    cluster = SLURMCluster(
        queue=given.queue,
        cores=1,
        processes=1,
        memory=given.memory,
        walltime=given.walltime,
        security=security,
        protocol="tls://",
        shared_temp_directory=os.fspath(settings.home),
        scheduler_options={"dashboard_address": "127.0.0.1:0"},
        worker_extra_args=["--lifetime", "7h", "--lifetime-stagger", "30m"],
    )
    cluster.scale(jobs=given.jobs)
    print(f"csserv run --scheduler {cluster.scheduler_address}", flush=True)
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    cluster.close()


if __name__ == "__main__":
    main()
