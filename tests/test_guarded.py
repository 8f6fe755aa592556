"""What each role may do through a guarded service."""

from __future__ import annotations

import pytest

from csserv import Service, Task
from csserv.access import Caller, Role
from csserv.errors import AccessDeniedError
from csserv.guarded import GuardedService
from csserv.request import Area

BOX = Area.from_box(22.0, -2.0, 26.0, 2.0)
ASKED = ("rain", "mean", BOX, "2019-01")


def as_caller(service: Service, name: str, role: Role) -> GuardedService:
    return GuardedService(service, lambda: Caller(name, role))


@pytest.fixture
def task(service: Service) -> Task:
    return service.submit(*ASKED, client="anna")


def test_reader_looks_and_changes_nothing(service: Service, task: Task):
    reader = as_caller(service, "anna", Role.READER)
    assert [one.id for one in reader.tasks()] == [task.id]
    assert reader.estimate(*ASKED).queued == 1
    for act in (lambda: reader.submit(*ASKED), lambda: reader.cancel(task)):
        with pytest.raises(AccessDeniedError, match="needs the role submitter"):
            act()
    assert "needs the role submitter" in reader.refusal("submit")


def test_submitter_submits_in_his_own_name_and_cancels_his_own(service: Service, task: Task):
    ben = as_caller(service, "ben", Role.SUBMITTER)
    own = ben.submit(*ASKED, client="anna")
    assert own.client == "ben"
    assert [one.id for one in ben.tasks()] == [own.id]
    assert ben.task(task.id) == task  # its address may be shared
    for act in ("cancel", "delete"):
        with pytest.raises(AccessDeniedError, match="only an admin"):
            getattr(ben, act)(task.id)
        assert "only an admin" in ben.refusal(act, task)
        assert ben.refusal(act, own) == ""
    assert ben.cancel(own).state.is_final
    ben.delete(own)
    for act in (lambda: ben.stop_worker("any"), lambda: ben.pool.stop_all(), lambda: ben.pool):
        with pytest.raises(AccessDeniedError, match="role admin"):
            act()


def test_admin_does_it_for_others_too(service: Service, task: Task):
    root = as_caller(service, "root", Role.ADMIN)
    assert root.submit(*ASKED, client="ben").client == "ben"
    assert root.submit(*ASKED).client == "root"
    assert len(root.tasks()) == 3
    assert root.cancel(task).state.is_final
    assert root.pool is service.pool


def test_whoever_is_out_may_do_nothing_more(service: Service, task: Task):
    def nobody() -> Caller:
        raise AccessDeniedError("log in first")

    gone = GuardedService(service, nobody)
    for act in (gone.tasks, lambda: gone.submit(*ASKED), lambda: gone.cancel(task)):
        with pytest.raises(AccessDeniedError, match="log in"):
            act()
