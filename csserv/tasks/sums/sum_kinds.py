"""The steps that sums are kept of, and which of them longer steps are made of."""

from __future__ import annotations

#: step that sums are kept of → what it is called in texts
KINDS = {"pentad": "pentads", "dekad": "dekads", "monthly": "months"}

#: time step of a request → step whose sums it is made of
MADE_OF = {
    "pentad": "pentad",
    "dekad": "dekad",
    "monthly": "monthly",
    "seasonal": "monthly",
    "yearly": "monthly",
    "period": "monthly",
}
