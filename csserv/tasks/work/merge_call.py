"""What a worker runs to write the files of a dataset anew."""

from __future__ import annotations

from csserv.catalog.rewrite.merging import Merge
from csserv.catalog.rewrite.recipe import Recipe
from csserv.catalog.rewrite.rewrite import rewrite
from csserv.tasks.work.reporting import MERGES, tell


def rewrite_merge(merge: Merge, recipe: Recipe) -> None:
    """Do one merge."""

    def report(share: float) -> None:
        tell(MERGES, {"file": str(merge.target), "share": share})

    rewrite(merge.granules, merge.ready, merge.cut, recipe, report)
