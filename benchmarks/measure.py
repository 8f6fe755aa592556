"""Measuring: CPU, wall and memory of a call, here or in a process of its own."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: a way to answer: a case and the folder of the archives → values
Way = Callable[[Any, Path], Values]


@dataclass(frozen=True)
class Cost:
    """What a call cost: CPU and wall [s], growth of memory of the process that grew most [MB]."""

    cpu: float
    wall: float
    memory: float


@dataclass
class Meter:
    """Watches processes while something runs."""

    processes: list[psutil.Process]
    cost: Cost = field(default_factory=lambda: Cost(0, 0, 0))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure what happens inside."""
        before = [one.memory_info().rss for one in self.processes]
        peaks = list(before)
        cpu, wall = self._cpu(), time.perf_counter()
        over = threading.Event()

        def look() -> None:
            while not over.wait(0.02):
                for i, one in enumerate(self.processes):
                    peaks[i] = max(peaks[i], one.memory_info().rss)

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            wall = time.perf_counter() - wall
            over.set()
            watcher.join()
            cpu = self._cpu() - cpu
        growth = max(p - b for p, b in zip(peaks, before, strict=True)) / 1e6
        self.cost = Cost(cpu, wall, growth)

    def _cpu(self) -> float:
        """Sum the CPU of the processes, and of children that have ended [s]."""
        ended = 0.0
        for one in self.processes:
            times = one.cpu_times()
            ended += times.children_user + times.children_system
        return ended + sum(cpu_clock(one) for one in self.processes)


def cpu_clock(process: psutil.Process) -> float:
    """Read the CPU clock of a process [s]; on Linux finer than the 10 ms that psutil gives."""
    if platform.system() == "Linux":
        return time.clock_gettime(~process.pid << 3 | 2)  # as clock_getcpuclockid(3) numbers it
    times = process.cpu_times()
    return float(times.user + times.system)


class Peer:
    """A peer in a process of its own, so that none disturbs another."""

    def __init__(self, way: Way, root: Path) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(way, root, theirs), daemon=True)
        self._process.start()
        self._meter = Meter([psutil.Process(self._process.pid)])

    def run(self, case: Any) -> tuple[Cost, Values]:
        """Answer a case."""
        with self._meter.running():
            self._pipe.send(case)
            answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return self._meter.cost, answer

    def close(self) -> None:
        """End the process."""
        self._pipe.send(None)
        self._process.join()


def _serve(way: Way, root: Path, pipe: Connection) -> None:
    while (case := pipe.recv()) is not None:
        try:
            pipe.send(way(case, root))
        except Exception as error:  # the table shows it
            pipe.send(error)
