"""The strip of a dataset's time span."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csserv import Service
from csserv.views.dataset_card import gaps_in, strip
from csserv.views.facts import Facts, Gap


def test_gaps_stand_where_they_are_on_the_strip(service: Service):
    facts = Facts.of(service.catalog["rain"])  # 59 days from 1 January
    assert gaps_in(facts) == []
    gap = Gap(after=(2019, 1, 9), before=(2019, 1, 20), steps=10)  # days 9 to 18, from 0
    facts = replace(facts, gaps=(gap,))
    assert gaps_in(facts) == [pytest.approx((100 * 9 / 59, 100 * 10 / 59))]
    assert "10 steps missing" in strip(facts)
