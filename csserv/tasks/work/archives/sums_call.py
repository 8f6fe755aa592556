"""The function that a worker runs to make a file of time sums."""

from __future__ import annotations

from csserv.tasks.sums.sums_making import SumsJob, make_sums
from csserv.tasks.work.attempt_context import AttemptContext
from csserv.tasks.work.call_reporter import Reporter
from csserv.tasks.work.reporting import note_file
from csserv.tasks.work.worker_calls import ONE_CALL
from csserv.tasks.work.worker_log import logged


@logged
def make_sums_file(context: AttemptContext, number: int, job: SumsJob) -> None:
    """Add up the months of a year, and write them beside the data.

    Raises
    ------
    GranuleError : a file of the data is unreadable, or has changed since this was planned
    DiskFullError : the disk is full
    TaskCancelledError : the attempt was given up in the meantime
    """
    reporter = Reporter(context, number)
    with ONE_CALL:
        make_sums(job, reporter.report, note_file)
