"""What csserv costs, measured against peers in the same run."""

from __future__ import annotations
