"""A full disk is called so, whatever the library that writes says of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

#: writes granules, fills the disk, and merges the granules into one file
MERGES = """
import sys
from pathlib import Path

import numpy as np

from csserv.catalog.read.granule import Granule
from csserv.catalog.rewrite.recipe import Recipe
from csserv.catalog.rewrite.rewrite import rewrite
from csserv.catalog.rewrite.scratch import ChunkShape
from csserv.errors import DiskFullError

folder = Path(sys.argv[1])
sys.path.insert(0, sys.argv[2])
from tests.files import write_granule

field = np.random.default_rng(1).random((9, 100, 100)).astype("f4")
place = np.linspace(9.95, 0.05, 100), np.linspace(30.05, 39.95, 100)
write_granule(folder / "one.nc", field, *place)
granules = [Granule(folder / "one.nc", "rain")]
(folder / "ballast").write_bytes(b"0")
with (folder / "ballast").open("ab", buffering=0) as ballast:
    for size in (4096, 1):
        try:
            while ballast.write(bytes(size)) == size:
                pass
        except OSError:
            pass
try:
    rewrite(granules, folder / "made.nc", ChunkShape(2, 4, 4), Recipe(), lambda share: None)
except DiskFullError as error:
    print(error)
print(*(one.name for one in folder.iterdir() if "made" in one.name))
"""


def test_merging_on_a_full_disk_says_so_and_leaves_nothing(
    small_disk: list[str], tmp_path: Path
) -> None:
    root = Path(__file__).parents[1]
    command = f'{sys.executable} -c "$CODE" {tmp_path} {root}'
    ran = subprocess.run(
        [*small_disk, command],
        env={**os.environ, "CODE": MERGES},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == f"no space left on the disk of {tmp_path}\n\n", ran.stderr
