"""Submits random requests and writes down what was acknowledged; made to be killed."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path
from uuid import uuid4

from csserv import Area, Service, TaskState
from csserv.settings import read_settings
from csserv.tasks.log.task_filter import TaskFilter

#: a submitter waits while so many tasks are queued
MOST_QUEUED = 12

#: and after each task, on average: a quick machine would do 30 a second, and fill the disk [s]
PAUSE = 0.5

#: operation → how often it is asked for
OPERATIONS = {"mean": 6, "max": 2, "median": 2, "geotiff": 2, "netcdf": 2, "csv": 1}
PERIODS = {"2019-03": 5, "2019-01/2019-03": 3, "2019": 1, "2019-06-10/2019-06-20": 3}
STEPS = {"native": 6, "monthly": 3, "yearly": 1}
AREAS = {
    "Kenya": 2,
    "Kenya/*": 1,
    "Kenya/Central": 4,
    "box": 4,
}


def choose(chances: dict[str, int], chance: random.Random) -> str:
    return chance.choices(list(chances), list(chances.values()))[0]


def submit(service: Service, chance: random.Random, name: str, task_id: str) -> None:
    place = choose(AREAS, chance)
    area = Area.from_box(35, -1, 38, 2) if place == "box" else place
    service.submit(
        "chirps",
        choose(OPERATIONS, chance),
        area,
        choose(PERIODS, chance),
        time_step=choose(STEPS, chance),
        client=name,
        priority=chance.choice([0, 0, 0, 1]),
        task_id=task_id,
    )


def main(name: str, notes: Path) -> None:
    """Submit as long as the notes are open and not too much waits."""
    chance = random.Random(os.urandom(8))
    handle = os.open(notes, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    with Service(read_settings(), starts_runner=False) as service:
        while not notes.with_name("enough").exists():
            if len(service.tasks(TaskFilter(state=TaskState.QUEUED))) >= MOST_QUEUED:
                time.sleep(0.1)
                continue
            task_id = str(uuid4())
            os.write(handle, f"try {task_id}\n".encode())
            submit(service, chance, name, task_id)
            os.write(handle, f"ack {task_id}\n".encode())
            time.sleep(chance.expovariate(1 / PAUSE))
    time.sleep(3600)  # the supervisor would start it again


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
