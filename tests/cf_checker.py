"""What the compliance checker of IOOS says of a file."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any


def complaints(path: Path) -> list[str]:
    """What the compliance checker calls errors, by CF 1.11."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the checker's own code
        from compliance_checker.base import BaseCheck
        from compliance_checker.runner import CheckSuite

        CheckSuite.load_all_available_checkers()
        suite = CheckSuite()
        data = suite.load_dataset(str(path))
        found, failures = suite.run_all(data, ["cf:1.11"])["cf:1.11"]
        data.close()
    assert not failures
    assert len(found) > 10
    return [
        text
        for one in found
        if one.weight == BaseCheck.HIGH and not _is_passed(one.value)
        for text in one.msgs or [one.name]
    ]


def _is_passed(value: Any) -> bool:
    """Whether a check gave all points; what it found right is among its words, too."""
    return value[0] == value[1] if isinstance(value, tuple) else bool(value)
