"""The log's database against a plain dict: whatever two processes do in turn, both see the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tinydb import TinyDB, where

from csserv.tasks.log.database import SafeTinyDB
from csserv.tasks.log.storage import REWRITE_LIMIT


class TwoHandles(RuleBasedStateMachine):
    """Two handles on one file, each as another process would have it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "log.json"
        self.handles = [SafeTinyDB(self.path), SafeTinyDB(self.path)]
        self.model: dict[int, dict[str, object]] = {}

    who = st.integers(0, 1)

    @rule(
        who=who,
        size=st.sampled_from([10, REWRITE_LIMIT // 4, 2 * REWRITE_LIMIT]),
        number=st.integers(0, 9),
    )
    def insert(self, who: int, size: int, number: int) -> None:
        document = {"number": number, "filler": "x" * size}
        key = self.handles[who].insert(document)
        assert key not in self.model
        self.model[key] = document

    @rule(who=who, number=st.integers(0, 9), data=st.data())
    def update(self, who: int, number: int, data: st.DataObject) -> None:
        if self.model:
            key = data.draw(st.sampled_from(sorted(self.model)))
            self.handles[who].update({"number": number}, doc_ids=[key])
            self.model[key]["number"] = number

    @rule(who=who, data=st.data())
    def remove(self, who: int, data: st.DataObject) -> None:
        if self.model:
            key = data.draw(st.sampled_from(sorted(self.model)))
            self.handles[who].remove(doc_ids=[key])
            del self.model[key]

    @rule(who=who, number=st.integers(0, 9))
    def fail_in_the_middle(self, who: int, number: int) -> None:
        try:
            with self.handles[who].transaction() as table:
                table.insert({"number": number})
                table.update({"number": number}, doc_ids=list(self.model))
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    @rule(who=who)
    def checkpoint(self, who: int) -> None:
        self.handles[who].checkpoint()
        if not self.path.exists():
            assert not self.model
            return
        with TinyDB(self.path, access_mode="r") as plain:
            assert {one.doc_id: dict(one) for one in plain} == self.model

    @rule(who=who)
    def open_anew(self, who: int) -> None:
        self.handles[who].storage.close()
        self.handles[who] = SafeTinyDB(self.path)

    @invariant()
    def both_see_the_model(self) -> None:
        for handle in self.handles:
            assert {one.doc_id: dict(one) for one in handle} == self.model
            for document in list(self.model.values())[:1]:
                same = [one for one in self.model.values() if one["number"] == document["number"]]
                assert len(handle.search(where("number") == document["number"])) == len(same)

    def teardown(self) -> None:
        for handle in self.handles:
            handle.storage.close()
        self.folder.cleanup()


TestTwoHandles = TwoHandles.TestCase
TestTwoHandles.settings = settings(max_examples=40, stateful_step_count=25)
