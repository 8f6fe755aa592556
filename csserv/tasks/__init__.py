"""Who does it, and when: tasks, their log, the runner and its workers."""

from __future__ import annotations

from csserv.tasks.log.task import RequestRecord, Task, TaskState

__all__ = ["RequestRecord", "Task", "TaskState"]
