"""Updates of one document."""

from __future__ import annotations

from csserv.views.parts.inbox import Inbox


class Document:
    """As bokeh's: keeps what it is to call when its lock is free."""

    session_context = object()

    def __init__(self) -> None:
        self.asked: list[object] = []

    def add_next_tick_callback(self, call: object) -> None:
        self.asked.append(call)


def test_news_for_a_busy_document_are_handed_over_at_once_the_latest_of_each_name():
    document, applied = Document(), []
    inbox = Inbox[int](document, applied.append)
    inbox.put({"a": 1})
    inbox.put({"b": 2})
    inbox.put({"a": 3})
    [call] = document.asked
    call()
    assert applied == [{"a": 3, "b": 2}]
    inbox.put({"a": 4})
    assert len(document.asked) == 2


def test_without_a_page_news_are_handed_over_as_they_come():
    applied: list[object] = []
    inbox = Inbox[int](None, applied.append)
    inbox.put({"a": 1})
    inbox.put({"a": 2})
    assert applied == [{"a": 1}, {"a": 2}]
