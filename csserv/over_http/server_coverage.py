"""What the files of a server cover: told at once, but for the missing steps of a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csserv.catalog.read.axes import Further
from csserv.catalog.timeline.coverage import Coverage, Gap, Missing
from csserv.over_http.api_client import ApiClient
from csserv.over_http.api_text import dataset_path
from csserv.request import Period


@dataclass(frozen=True)
class RemoteCoverage(Coverage):
    """What a dataset's files on a server cover; the server finds the missing steps of a period."""

    name: str
    client: ApiClient

    @classmethod
    def of(cls, plain: Mapping[str, Any], name: str, client: ApiClient) -> RemoteCoverage:
        """Build it from the API's answer."""
        further = plain["further"].items()
        known = {key: value for key, value in plain.items() if key != "missing"}
        read = {
            "gaps": tuple(Gap(**gap) for gap in plain["gaps"]),
            "bounds": tuple(plain["bounds"]),
            "resolution": tuple(plain["resolution"]),
            "further": tuple(Further(key, -1, tuple(labels)) for key, labels in further),
        }
        inner: dict[str, Any] = {"frequency": None, "holes": (), "ends": range(0)}
        return cls(**known | read | inner, name=name, client=client)

    def missing(self, period: Period) -> Missing:
        """Ask the server which steps of a period no file holds."""
        plain = self.client.get(dataset_path(self.name), {"period": str(period)})
        found = plain["coverage"]["missing"]
        return Missing(found["steps"], tuple(Gap(**run) for run in found["runs"]))
