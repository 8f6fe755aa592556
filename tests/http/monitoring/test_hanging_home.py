"""A home that does not answer takes the threads of those who watch, and of nobody else."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from csserv import Settings
from csserv.http.monitoring.readiness import reasons
from csserv.http.server_context import READERS, ServerContext
from csserv.tasks.run.work_figures import NAME


async def watch(context: ServerContext) -> list[object]:
    """Ask more often at once than there are readers, then read."""
    asked = [context.run_watch(lambda: reasons(context.service)) for _ in range(READERS + 1)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert await context.run_read(context.service.count_open) == 0
    return list(answers)


@pytest.mark.slow
def test_watching_a_home_that_hangs_keeps_no_reader_from_reading(tmp_path: Path):
    home = tmp_path / "home"
    context = ServerContext(Settings(home=home, data=tmp_path))
    assert context.service
    os.mkfifo(home / NAME)  # whoever opens it waits for a writer
    answers = asyncio.run(watch(context))
    assert all(isinstance(one, TimeoutError) for one in answers)
    release = f"while :; do : > {home / NAME}; done"  # so that the threads end
    with subprocess.Popen(["timeout", "5", "sh", "-c", release]):
        context.close()
