"""Kernels of pages, forked of one process that has read the libraries that pages import.

To read them takes each kernel some seconds of CPU. A forked kernel is a process of its own, with
the variables and folder that it is given; the imports of its page find what has been read.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager

#: what is read once. Not hvplot.pandas, which gives a page its scripts where that page imports it
LIBRARIES = (
    "ipykernel.ipkernel",
    "csserv.service",
    "csserv.opening",
    "csserv.notebook.demo",
    "csserv.notebook.handles",
    "csserv.views.result.notebook_plots",
    "distributed",
    "geopandas",
    "xarray",
)

#: how long the process may take to be there [s]
PATIENCE = 120


@contextmanager
def kernel_source(folder: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    """Keep the process that kernels are forked of; yield the socket where it is asked for one.

    Parameters
    ----------
    folder : for the socket, and for what the process says
    variables : environment that the libraries are read in
    """
    address = folder / "kernels.socket"
    with (folder / "kernels.log").open("wb") as output:
        command = [sys.executable, "-m", "scripts.page_kernels", "serve", str(address)]
        process = subprocess.Popen(command, env=variables, stdout=output, stderr=output)
    try:
        _await(address, process)
        yield address
    finally:
        process.terminate()
        process.wait()


def kernel_manager(address: Path) -> type[KernelManager]:
    """Return a kind of Jupyter's manager whose kernels are forked there."""
    from jupyter_client.manager import AsyncKernelManager

    class Forked(AsyncKernelManager):
        def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
            command = super().format_kernel_cmd(extra_arguments)
            file = command[command.index("-f") + 1]
            return [sys.executable, "-I", __file__, "ask", str(address), "-f", file]

    return Forked


def _await(address: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while not address.exists():
        if process.poll() is not None or time.monotonic() > end:
            said = address.with_name("kernels.log").read_text(errors="replace")
            raise OSError(f"there is no process to fork kernels of: {said}")
        time.sleep(0.05)


def ask(address: str, arguments: Sequence[str]) -> None:
    """Have a kernel forked; live as long as it does, for Jupyter to look at, and it as long as we.

    Parameters
    ----------
    arguments : of ``ipykernel_launcher``
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        asked = {"arguments": arguments, "folder": str(Path.cwd()), "variables": dict(os.environ)}
        socket.send_fds(line, [b"1"], [0, 1, 2])
        line.sendall(json.dumps(asked).encode() + b"\n")
        with line.makefile("rb") as said:
            kernel = int(said.readline())
            signal.signal(signal.SIGINT, lambda *_: os.kill(kernel, signal.SIGINT))
            said.read()  # comes to its end when the kernel does


def serve(address: str) -> None:
    """Fork kernels until told to end, or until who has started this is no more."""
    for name in LIBRARIES:
        import_module(name)
    gc.freeze()  # no fork need write to what they all share
    line = _forked(address)
    _become_kernel(line)


def _forked(address: str) -> socket.socket:
    """Return, in a forked process only, with the line to who has asked for it."""
    draft, parent = f"{address}.draft", os.getppid()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(draft)
        door.listen()
        door.settimeout(1)
        Path(draft).rename(address)  # who sees it is answered
        while os.getppid() == parent:
            with suppress(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)
            with suppress(TimeoutError):
                line, _ = door.accept()
                if os.fork() == 0:
                    return line
                line.close()
    sys.exit()


def _become_kernel(line: socket.socket) -> None:
    from ipykernel.kernelapp import launch_new_instance

    _, given, *_ = socket.recv_fds(line, 1, 3)
    for number, own in enumerate(given):
        os.dup2(own, number)
        os.close(own)
    asked: dict[str, Any] = json.loads(line.makefile("rb").readline())
    line.sendall(f"{os.getpid()}\n".encode())
    os.setsid()
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["variables"])
    threading.Thread(target=_end_with, args=[line], daemon=True).start()
    ends_with = f"--IPKernelApp.parent_handle={os.getppid()}"
    sys.argv = ["ipykernel_launcher", *asked["arguments"], ends_with, "--log-level=ERROR"]
    launch_new_instance()


def _end_with(line: socket.socket) -> None:
    """End as soon as who has asked is no more, as when Jupyter kills it."""
    line.recv(1)
    os._exit(1)


if __name__ == "__main__":
    task, place, *rest = sys.argv[1:]
    if task == "serve":
        serve(place)
    else:
        ask(place, rest)
