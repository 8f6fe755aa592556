"""The function that workers run to merge files of a dataset."""

from __future__ import annotations

from csserv.catalog.rewrite.merging import Merge
from csserv.catalog.rewrite.recipe import Recipe
from csserv.catalog.rewrite.rewrite import rewrite
from csserv.tasks.work.reporting import MERGES, send


def rewrite_merge(merge: Merge, recipe: Recipe) -> None:
    """Merge files into a new one, reporting the progress."""

    def report(share: float) -> None:
        """Send the share that is done, 0 to 1."""
        send(MERGES, {"file": str(merge.target), "share": share})

    rewrite(merge.granules, merge.ready, merge.chunk, recipe, report)
