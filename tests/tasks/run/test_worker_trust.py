"""Who may be given work: proved by process, set aside by name, for longer each time."""

from __future__ import annotations

import pytest

from csserv.tasks.run.worker_trust import EVERYTHING, FORGIVEN_AFTER, LONGEST, SHORTEST, WorkerTrust

HOME, ELSEWHERE = "tcp://a:1", "tcp://a:2"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trust(clock: Clock) -> WorkerTrust:
    return WorkerTrust(clock)


def test_a_proof_is_that_of_one_process_and_one_dataset(trust: WorkerTrust):
    trust.prove(HOME, "ann", "rain")
    assert not trust.needs_proof(HOME, "rain")
    assert trust.needs_proof(HOME, "heat")
    assert trust.needs_proof(ELSEWHERE, "rain")
    trust.see([ELSEWHERE])  # its nanny has started it again
    assert trust.needs_proof(HOME, "rain")


def test_who_is_set_aside_gets_nothing_of_that_dataset_and_must_prove_itself(
    trust: WorkerTrust, clock: Clock
):
    trust.prove(HOME, "ann", "rain")
    trust.set_aside("ann", "rain", "sees nothing")
    assert not trust.may_serve("ann", "rain")
    assert trust.may_serve("ann", "heat")
    assert trust.may_serve("bob", "rain")
    assert trust.reasons() == {"ann": "rain: sees nothing"}
    clock.now += SHORTEST
    assert trust.may_serve("ann", "rain")
    assert trust.needs_proof(HOME, "rain")
    assert trust.reasons()  # until it has
    trust.prove(HOME, "ann", "rain")
    assert trust.reasons() == {}


def test_other_code_keeps_a_worker_from_all_datasets(trust: WorkerTrust):
    trust.prove(HOME, "ann", "rain")
    trust.set_aside("ann", EVERYTHING, "runs other code")
    assert not trust.may_serve("ann", "rain")
    assert not trust.may_serve("ann", "heat")
    assert trust.needs_proof(HOME, "rain")
    assert trust.reasons() == {"ann": "runs other code"}
    names = {HOME: "ann", "tcp://b:1": "bob"}
    assert trust.reasons_for("heat", names) == ["ann runs other code"]


def test_each_time_is_twice_as_long_up_to_a_limit_and_calls_that_fail_together_are_one(
    trust: WorkerTrust, clock: Clock
):
    for wait in (10.0, 20.0, 40.0, 80.0, 160.0, 320.0, LONGEST, LONGEST):
        for _ in range(3):
            trust.set_aside("ann", "rain", "sees nothing")
        clock.now += wait - 0.1
        assert not trust.may_serve("ann", "rain")
        clock.now += 0.2
        assert trust.may_serve("ann", "rain")
        trust.prove(HOME, "ann", "rain")


def test_what_was_long_ago_is_forgotten(trust: WorkerTrust, clock: Clock):
    for _ in range(3):
        trust.set_aside("ann", "rain", "sees nothing")
        clock.now += 100
    clock.now += FORGIVEN_AFTER
    trust.see([])
    trust.set_aside("ann", "rain", "sees nothing")
    clock.now += SHORTEST
    assert trust.may_serve("ann", "rain")


def test_who_was_not_at_fault_is_set_aside_no_longer(trust: WorkerTrust):
    trust.set_aside("ann", "rain", "sees nothing")
    trust.clear("ann", "rain")
    assert trust.may_serve("ann", "rain")
    assert trust.reasons() == {}
