"""A slow line before a server: its bits a second and its delay, for all connections together.

A browser's own emulation slows messages of a WebSocket by their size before they are compressed:
ten times what goes over the line.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from benchmarks.dashboard import Meter

#: so much is carried at once: connections take turns after each [bytes]
PART = 4096


@dataclass(frozen=True)
class Line:
    """A slow line: bits a second, delay there and back [ms]; the longest to a first paint [s]."""

    bits: float
    delay: int
    target: float

    def __post_init__(self) -> None:
        if self.bits <= 0 or self.delay < 0:
            raise ValueError(f"a line of {self.bits} bits a second, {self.delay} ms, is none")


@dataclass
class SlowMeter(Meter):
    """Counts what a server sends, and carries it over a slow line."""

    line: Line | None = None  #: all goes through at once without one
    _free: list[float] = field(default_factory=lambda: [0.0, 0.0])  #: from when on, to each side

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.line:
            await asyncio.sleep(self.line.delay / 1e3)  # a connection is made there and back
        await super()._visit(reader, writer)

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, counted: int
    ) -> None:
        parts: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._arrive(parts, sink, counted))
        try:
            while part := await source.read(PART):
                parts.put_nowait((await self._carried(len(part), counted), part))
        except OSError:
            pass
        parts.put_nowait((0.0, b""))
        await arriving

    async def _carried(self, size: int, counted: int) -> float:
        """Wait until the line has taken a part; return when it arrives [s]."""
        if not self.line:
            return 0.0
        begin = max(time.monotonic(), self._free[counted])
        self._free[counted] = end = begin + 8 * size / self.line.bits
        await asyncio.sleep(end - time.monotonic())
        return end + self.line.delay / 2e3

    async def _arrive(
        self, parts: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter, counted: int
    ) -> None:
        try:
            while (got := await parts.get())[1]:
                await asyncio.sleep(max(0.0, got[0] - time.monotonic()))
                self.sent += counted * len(got[1])
                sink.write(got[1])
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()
