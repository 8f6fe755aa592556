"""A disk of its own for the home: it can be full, and lose its power."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

#: stops an ext4 file system as a power cut does: what is not on disk yet is lost (linux/fs/ext4)
SHUTDOWN, WITHOUT_FLUSH = 0x8004587D, struct.pack("I", 2)


class Disk:
    """An ext4 file system in a file; needs root and loop devices.

    Parameters
    ----------
    image : file that holds it
    folder : where it is mounted
    megabytes : its size
    """

    def __init__(self, image: Path, folder: Path, megabytes: int = 512) -> None:
        self._image, self.folder = image, folder
        self._filler = folder / "filler"
        folder.mkdir(exist_ok=True)
        with image.open("wb") as file:
            file.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", str(image))
        self._mount()

    @staticmethod
    def why_not() -> str:
        """Why there can be none here; empty if there can."""
        if os.geteuid() != 0:
            return "it needs root"
        lacking = [one for one in ("mkfs.ext4", "mount", "losetup") if not shutil.which(one)]
        if lacking:
            return f"there is no {lacking[0]}"
        probe = subprocess.run(["losetup", "--find"], capture_output=True, text=True, check=False)
        return probe.stderr.strip()

    def cut_power(self) -> None:
        """Lose what is not on disk yet; all processes that have files open must be killed then."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, WITHOUT_FLUSH)
        finally:
            os.close(handle)

    def restore_power(self) -> None:
        """Mount it again, as a machine does that starts."""
        self.unmount()
        self._mount()

    def fill(self) -> None:
        """Leave no room."""
        with self._filler.open("wb") as file:
            size = 1 << 20
            while size >= 512:
                try:
                    os.write(file.fileno(), bytes(size))
                except OSError:
                    size //= 2

    def empty(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)

    def unmount(self) -> None:
        """Unmount it, once nobody has a file of it open."""
        gc.collect()  # logs that this process has opened
        for _ in range(100):
            if _run("umount", str(self.folder), check=False):
                return
            time.sleep(0.1)
        _run("umount", str(self.folder))

    def _mount(self) -> None:
        _run("mount", "-o", "loop", str(self._image), str(self.folder))


def _run(*command: str, check: bool = True) -> bool:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.returncode == 0
