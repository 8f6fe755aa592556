"""Threads of a server share what one of them has freed."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from csserv.tasks.cluster.freed_memory import ARENAS

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")

#: counts the arenas, after eight threads have taken memory at once
COUNT = """
import ctypes, sys, threading
from csserv.tasks.cluster.freed_memory import keep_few_arenas
{first}
barrier = threading.Barrier(8)
def take():
    barrier.wait()
    kept = [bytes(5000) for _ in range(100)]
    barrier.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


def arenas(folder: Path, first: str, **variables: str) -> int:
    place = folder / "malloc.xml"
    command = [sys.executable, "-c", COUNT.format(first=first), str(place)]
    subprocess.run(command, check=True, env=variables | {"PYTHONPATH": ":".join(sys.path)})
    return place.read_text().count("<heap nr=")


def test_threads_share_few_arenas_unless_told_otherwise(tmp_path: Path):
    assert arenas(tmp_path, "") > ARENAS
    assert arenas(tmp_path, "keep_few_arenas()") == ARENAS
    assert arenas(tmp_path, "keep_few_arenas()", MALLOC_ARENA_MAX="4") == 4
