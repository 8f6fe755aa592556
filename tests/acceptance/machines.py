"""Three machines on one: a network of namespaces, run by ``test_machines``.

The scheduler and the runner are at 10.77.0.1, a worker each at 10.77.0.2 and 10.77.0.3; dask speaks
TLS, and home and data are shared folders. One worker's link is cut in the midst of a task.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from csserv import Area, Service, Settings
from csserv.errors import SettingsError
from csserv.tasks.cluster.worker_info import WorkerInfo
from tests.processes import CSSERV, Supervisor, environment, eventually
from tests.slow_disk import LONG

BRIDGE = [
    "mount -t tmpfs tmpfs /run",
    "mkdir /run/netns",
    "ip link set lo up",
    "ip link add bridge type bridge",
    "ip addr add 10.77.0.1/24 dev bridge",
    "ip link set bridge up",
]
MACHINE = [
    "ip netns add machine{n}",
    "ip link add cable{n} type veth peer name eth0 netns machine{n}",
    "ip link set cable{n} master bridge up",
    "ip -n machine{n} addr add 10.77.0.{n}/24 dev eth0",
    "ip -n machine{n} link set eth0 up",
    "ip -n machine{n} link set lo up",
]


def main(folder: Path, data: Path) -> dict[str, object]:
    """Return what was seen."""
    for line in [*BRIDGE, *(one.format(n=n) for n in (2, 3) for one in MACHINE)]:
        subprocess.run(line.split(), check=True)
    home, tls = folder / "home", folder / "tls"
    own = environment({"home": home, "data": data, "tls": tls}) | {
        "PYTHONPATH": str(Path(__file__).parent.parent.parent),
        "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "5s",
    }
    hosts = [word for n in (1, 2, 3) for word in ("--host", f"10.77.0.{n}")]
    subprocess.run([*CSSERV, "certificates", *hosts], env=own, check=True, stdout=sys.stderr)
    address = "tls://10.77.0.1:8786"
    at = ["--scheduler", address]
    with (
        Supervisor(own, folder / "logs") as server,
        Service(
            Settings(home=home, data=data, tls=tls, scheduler=address), starts_runner=False
        ) as service,
    ):
        server.start("scheduler", [*CSSERV, "start-scheduler", "--host", "10.77.0.1"])
        for n in (2, 3):
            inside = ["ip", "netns", "exec", f"machine{n}"]
            words = [*at, "--host", f"10.77.0.{n}", "--name", f"machine {n}"]
            server.start(f"worker {n}", [*inside, *CSSERV, "start-worker", *words])
        server.start("runner", [*CSSERV, "run", *at])
        eventually(lambda: len(workers(service)) == 2)
        before = workers(service)
        calm = service.wait(service.submit(*LONG))
        task = service.submit(*LONG)
        for seen in service.watch(task):
            if seen.done >= 20:
                break
        subprocess.run(["ip", "link", "set", "cable2", "down"], check=True)
        ended = service.wait(task)
        after = workers(service)
        small = service.wait(service.submit("chirps", "mean", Area.from_box(35, 0, 36, 1), "2019"))
        subprocess.run(["ip", "link", "set", "cable2", "up"], check=True)
        eventually(lambda: len(workers(service)) == 2, 120, "the worker does not come back")
        log = server.said("runner")
        work = home / "work"
        eventually(lambda: not any(work.iterdir()), what="nobody sweeps work/")
        return {
            "hosts": sorted(one.host for one in before),
            "after": sorted(one.host for one in after),
            "task": ended.to_dict(),
            "small": small.to_dict(),
            "endings": sum(
                "task ended" in line and task.id in line and "state=succeeded" in line
                for line in log.splitlines()
            ),
            "same": answer(service, task) == answer(service, calm),
        }


def answer(service: Service, task) -> list[float]:
    return list(service.result(task).to_dataframe()["value"])


def workers(service: Service) -> list[WorkerInfo]:
    with suppress(SettingsError):  # nobody can be asked
        return service.workers()
    return []


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
