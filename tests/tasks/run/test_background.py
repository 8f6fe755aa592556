"""A runner in the background that hangs is ended, and another is started."""

from __future__ import annotations

import psutil
import pytest

from csserv import Service, Settings
from csserv.tasks.log.leader import read_leader
from tests.processes import eventually, has_ended, suspend

pytestmark = pytest.mark.slow


def test_a_runner_of_ones_own_that_hangs_is_replaced(settings: Settings):
    own = settings.model_copy(update={"lease_seconds": 5.0, "workers": 1})
    with Service(own) as service:
        service.ensure_runner()
        eventually(service.has_runner)
        first = read_leader(own.home)
        assert first is not None
        process = psutil.Process(first.pid)
        suspend(first.pid, own.home)
        task = service.submit("rain", "mean", service.area("Kenya"), "2019-01")
        assert service.wait(task).state == "succeeded"
        assert has_ended(process)
        second = read_leader(own.home)
        assert second is not None
        assert second.number > first.number


def test_closing_a_service_whose_runner_hangs_ends_both(settings: Settings):
    own = settings.model_copy(update={"lease_seconds": 5.0, "workers": 1})
    service = Service(own)
    service.ensure_runner()
    eventually(service.has_runner)
    leader = read_leader(own.home)
    assert leader is not None
    process = psutil.Process(leader.pid)
    process.suspend()
    service.close()
    assert has_ended(process)
