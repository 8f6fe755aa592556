"""Makes time sums of the data of a storm, as a worker does; made to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from csserv.catalog import Catalog
from csserv.tasks.plan.sums.sums_jobs import plan_sums
from csserv.tasks.sums.sums_making import make_sums


def main(data: Path) -> None:
    """Make what is not there."""
    for job in plan_sums(Catalog.read(data)["chirps"], "monthly").jobs:
        make_sums(job, lambda share: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
