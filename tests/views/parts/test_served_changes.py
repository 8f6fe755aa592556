"""A page that was closed while something was read for it is no trouble."""

from __future__ import annotations

from datetime import date

from bokeh.document import Document

from csserv.tasks.log.usage import Usage
from csserv.views.parts.served_changes import change_served, is_served
from csserv.views.workers.usage_chart import UsageChart


class Context:
    """What a server says of the session of a document."""

    destroyed = False


def served() -> Document:
    document = Document()
    document._session_context = lambda: Context  # as its server does
    document.callbacks.on_change_dispatch_to(Context)
    return document


def close(document: Document) -> None:
    """Do what a server does when a page was closed."""
    document.destroy(Context)


def test_a_served_document_changes_when_it_is_free() -> None:
    document, changed = served(), []
    change_served(document, lambda: changed.append(1))
    assert is_served(document)
    assert changed == []
    (callback,) = document.session_callbacks
    callback.callback()
    assert changed == [1]


def test_without_a_page_it_changes_at_once() -> None:
    changed: list[int] = []
    change_served(None, lambda: changed.append(1))
    closed = served()
    close(closed)
    change_served(closed, lambda: changed.append(2))
    assert changed == [1, 2]


def test_usage_that_comes_after_its_page_was_closed_is_no_fault() -> None:
    chart = UsageChart()
    chart._document = served()
    chart.show(Usage((date(2026, 11, 30),), {"rain": (1,)}))
    close(chart._document)
    chart.show(Usage((date(2026, 11, 30),), {"rain": (2,)}))
    assert chart._source.data["d0"] == [2]
