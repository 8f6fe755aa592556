"""Several machines: a worker whose link is cut in the middle costs nothing but time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.slow_disk import SlowDisk

ROOT = Path(__file__).parent.parent.parent


def spaces() -> list[str]:
    """The beginning of a command that has a network and mounts of its own."""
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    prefix = ["unshare", *own, "--net", "--mount"]
    probe = "mount -t tmpfs tmpfs /run && ip link add probe type bridge"
    try:
        done = subprocess.run([*prefix, "sh", "-c", probe], capture_output=True, check=False)
    except FileNotFoundError as error:
        pytest.skip(f"no network namespaces here: {error}")
    if done.returncode:
        pytest.skip(f"no network namespaces here: {done.stderr.decode().strip()}")
    return prefix


@pytest.mark.slow
def test_task_ends_once_when_the_link_of_a_worker_is_cut(
    tmp_path: Path, sample: Path, slow_disk: SlowDisk
):
    command = [*spaces(), sys.executable, "-m", "tests.acceptance.machines", tmp_path, sample]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["hosts"] == ["10.77.0.2", "10.77.0.3"]
    assert seen["after"] == ["10.77.0.3"]
    assert (seen["task"]["state"], seen["task"]["attempt"]) == ("succeeded", 1)
    assert seen["small"]["state"] == "succeeded"
    assert seen["endings"] == 1
    assert seen["same"] is True
