"""Where and how a process writes its log; passed on to the processes that it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:  # pydantic is slow to import, and workers do not need it
    from csserv.settings import Settings

PREFIX = "CSSERV_LOG_"

#: stands for no limit, as in settings
NONE = "none"


@dataclass(frozen=True)
class LogSettings:
    """The settings of the log.

    Attributes
    ----------
    level : least level that is written: debug, info, warning or error
    format : text or json
    file : shared by all processes; None for stderr
    size : of a file at which the next one begins [bytes]; 0 where somebody else sees to that
    keep : number of earlier files that are kept
    """

    level: str = "info"
    format: str = "text"
    file: Path | None = None
    size: int = 50_000_000
    keep: int = 5

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Take them from all settings."""
        return cls(
            settings.log_level,
            settings.log_format,
            settings.log_file,
            int((settings.log_max or 0) * 1_000_000),
            settings.log_keep,
        )

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Read what :meth:`to_variables` has written for a process of ours."""
        given = {
            name.removeprefix(PREFIX): value
            for name, value in variables.items()
            if name.startswith(PREFIX)
        }
        usual = cls()
        largest = given.get("MAX", str(usual.size / 1_000_000))
        return cls(
            given.get("LEVEL", usual.level),
            given.get("FORMAT", usual.format),
            Path(given["FILE"]) if given.get("FILE") else None,
            0 if largest == NONE else int(float(largest) * 1_000_000),
            int(given.get("KEEP", usual.keep)),
        )

    def to_variables(self) -> dict[str, str]:
        """Write them as environment variables, which are settings as well."""
        given = {
            "LEVEL": self.level,
            "FORMAT": self.format,
            "MAX": str(self.size / 1_000_000) if self.size else NONE,
            "KEEP": str(self.keep),
        }
        given |= {"FILE": str(self.file)} if self.file else {}
        return {f"{PREFIX}{name}": value for name, value in given.items()}
