"""A runner that waits for news is not held up by signals, however they come."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import pathlib, queue, signal, sys, time
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.runner import Runner

waiting = Runner(None, TaskLog(pathlib.Path(sys.argv[1])), None)._news
# the handler takes about as long as is waited: the time often ends while it runs
signal.signal(signal.SIGALRM, lambda *_: time.sleep(0.0004))
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0007)
for _ in range(300):
    try:
        waiting.get(timeout=0.001)
    except queue.Empty:
        continue
print("went on")
"""


def test_signals_while_it_waits_do_not_make_it_wait_for_ever(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "went on\n", done.stderr
