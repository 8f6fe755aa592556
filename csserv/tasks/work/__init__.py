"""The functions that workers run: computing weights, reducing blocks, assembling results."""

from __future__ import annotations

#: what a worker needs for its first call, to be loaded before
LOADED = (
    "csserv.tasks.work.worker_log",
    "csserv.tasks.work.worker_calls",
    "imagecodecs._deflate",
    "imagecodecs._zstd",
)
