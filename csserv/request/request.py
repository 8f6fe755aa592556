"""The request: what a user asks for, checked and frozen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from csserv.request.area import Area
from csserv.request.options import Options
from csserv.request.period import Period


@dataclass(frozen=True)
class Request:
    """An operation on a dataset, over an area and a period, with options."""

    dataset: str
    operation: str
    area: Area
    period: Period
    options: Options = field(default_factory=Options)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON; equal requests have the same one, however written."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: the area as its SHA-256, and options that are not the default."""
        return dict(self._plain)

    @cached_property
    def _plain(self) -> dict[str, Any]:
        plain: dict[str, Any] = {
            "dataset": self.dataset,
            "operation": self.operation,
            "period": str(self.period),
            "area": self.area.sha256,
        }
        options = self.options.to_dict()
        return plain | {"options": options} if options else plain
