"""Tasks: their log, their plan, and the runner and workers that carry them out."""

from __future__ import annotations

from csserv.tasks.log.task import RequestRecord, Task, TaskState

__all__ = ["RequestRecord", "Task", "TaskState"]
