"""Settings: where things are and how much may be used; read once, then passed on."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from csserv.errors import SettingsError, nearest
from csserv.language import asked_language, known_languages

PREFIX = "CSSERV_"

#: web sites, as browsers name them, separated by commas
SITES = r"(\*|https?://[\w.-]+(:\d{1,5})?)(\s*,\s*(\*|https?://[\w.-]+(:\d{1,5})?))*"

#: times of a day at which data are fetched
TIMES = r"\s*daily([ ,]+([01]?\d|2[0-3]):[0-5]\d)+[ ,]*|hourly|off|"

#: that file systems take [bytes]
LONGEST_FILE_NAME = 255


def _check_times(text: str) -> str:
    if not re.fullmatch(TIMES, text):
        raise ValueError("write 'daily 06:00' (UTC), 'daily 06:00, 18:00', 'hourly' or 'off'")
    return text


def _check_path(path: Path) -> Path:
    try:
        if b"\0" in os.fsencode(path):
            raise ValueError("a path has no NUL in it")
    except UnicodeEncodeError:  # one that is no UTF-8 has halves of a kind that can be encoded
        raise ValueError("a path has no half of a character in it") from None
    if any(len(os.fsencode(part)) > LONGEST_FILE_NAME for part in path.parts):
        raise ValueError(f"a name in a path has at most {LONGEST_FILE_NAME} bytes")
    return path


def _check_address(address: str | None) -> str | None:
    if address is None or re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", address):
        return address and address.rstrip("/")
    raise ValueError("write https://rain.example.org, or http://127.0.0.1:5006")


def _check_language(code: str) -> str:
    if found := asked_language(code):
        return found.code
    raise ValueError(f"there is no language {code!r}; there are {', '.join(known_languages())}")


#: a file or folder, of a name that a disk may have
Place = Annotated[Path, AfterValidator(_check_path)]


def _check_readable(path: Path) -> Path:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ValueError("its path is no UTF-8, and the netCDF library opens no other") from None
    return path


#: a folder of data files
DataPlace = Annotated[Place, AfterValidator(_check_readable)]

#: a limit that can be switched off by "none", as neither variables nor TOML can hold None
Lifted = BeforeValidator(lambda value: None if value == "none" else value)

#: an empty text sets nothing; of variables, as files of them have them, none does
Unset = BeforeValidator(lambda value: None if value == "" else value)


class Settings(BaseSettings):
    """Settings: arguments before ``CSSERV_*`` variables before ``csserv.toml`` before defaults."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid"
    )

    home: Place = Field(
        Path("csserv-home"), description="folder of the task log, work and results (local disk)"
    )
    data: DataPlace = Field(
        Path("csserv-data"), description="folder of the data, one folder a dataset"
    )
    catalog: Annotated[Place | None, Unset] = Field(
        None, description="a `datasets.toml` of your own, read after the built-in one"
    )
    scheduler: str | None = Field(
        None, description="address of a dask scheduler; without it, workers start on this machine"
    )
    workers: int = Field(2, ge=1, le=256, description="how many workers to start on this machine")
    memory_limit: str = Field("2GiB", description="memory of each worker started on this machine")
    attempts: int = Field(3, ge=1, le=20, description="how often a task is tried before it fails")
    keep_days: int = Field(
        90, ge=0, description="results and records are kept so long after their task; 0 keeps all"
    )
    provider_base: str | None = Field(
        None,
        description="where `csserv fetch` finds providers: the address of a mirror that has a "
        "folder for each of their machines; or `product=address`, several separated by commas",
    )
    fetch: Annotated[str, AfterValidator(_check_times)] = Field(
        "off",
        description="when the runner fetches what is new of all products that were fetched before: "
        "`daily 06:00` (UTC), `daily 06:00, 18:00`, `hourly`, or `off`",
    )
    address: Annotated[str | None, Unset, AfterValidator(_check_address)] = Field(
        None,
        description="address by which people reach the server, such as `https://rain.example.org`: "
        "commands print links with it; without it, that of a server that runs on this machine",
    )
    tiles: str | None = Field(
        None, description="address of map tiles, with `{z}`, `{x}` and `{y}`; none are asked for"
    )
    report_template: Annotated[Place | None, Unset] = Field(
        None,
        description="folder of the template of reports: words, logo, order "
        "(`csserv report --new-template` writes one); without it, csserv's own",
    )
    language: Annotated[str, AfterValidator(_check_language)] = Field(
        "en",
        description="language of pages and reports where neither address nor browser names one "
        "that there is: `en`, `fr`, `es`, `pt`, `ar`, `sw`",
    )
    tls: Annotated[Place | None, Unset] = Field(
        None, description="folder made by `csserv certificates`; dask then speaks `tls://`"
    )
    lease_seconds: float = Field(
        60.0, ge=1, description="a running task whose runner is silent so long is queued again [s]"
    )
    file_timeout: float = Field(
        60.0,
        ge=1,
        description="a data file that does not answer for so long is given up: its request fails, "
        "or its task waits, with its name [s]",
    )
    block_deadline: float = Field(
        300.0,
        ge=1,
        description="a block that shows no progress so long, or ten times as long as the slowest "
        "before it, is given to another worker, and its own is replaced [s]",
    )
    small_request: float = Field(
        8.0,
        ge=0,
        le=64,
        description="a request that unpacks no more is answered by the runner itself, as to hand "
        "it to a worker takes longer; 0: workers answer all [MB]",
    )
    max_body: float = Field(64.0, gt=0, description="largest body of a request over HTTP [MB]")
    max_vertices: int = Field(1_000_000, ge=1, description="most vertices of an area")
    max_zones: int = Field(20_000, ge=1, description="most zones of an area")
    max_area: Annotated[float | None, Lifted] = Field(
        None, gt=0, description="largest area of all zones together [km2]; `none` allows any"
    )
    max_cell_steps: Annotated[float | None, Lifted] = Field(
        5e10, gt=0, description="most cells times steps that a request may read; `none` allows any"
    )
    max_result: Annotated[float | None, Lifted] = Field(
        2000.0,
        gt=0,
        description="largest JSON of a result, as estimated beforehand [MB]; `none` allows any",
    )
    store_max: float = Field(
        2000.0,
        ge=0,
        description="largest size of the numbers that are kept of zones and steps, in the home, to "
        "be used again; 0 keeps none [MB]",
    )
    sums: Literal["asked", "auto"] = Field(
        "asked",
        description="which time sums are made beside the data: `asked`, those of "
        "`csserv optimise --sums`, kept up to date by each fetch; `auto`, also those of a dataset "
        "of which longer steps are asked for the first time",
    )
    max_open_tasks: int = Field(1000, ge=1, description="most unfinished tasks of one client")
    requests_per_second: float = Field(
        50.0, gt=0, description="how often one client may ask over HTTP [1/s]"
    )
    access: Literal["auto", "open", "tokens"] = Field(
        "auto",
        description="who may ask over HTTP: `open`, anybody; `tokens`, who has one; "
        "`auto`, callers on this machine need none, unless there is a login",
    )
    anonymous: Literal["none", "reader", "submitter"] = Field(
        "none", description="role of callers without a token, where tokens are needed"
    )
    origins: str | None = Field(
        None,
        pattern=f"^{SITES}$",
        description="web sites whose pages may ask over HTTP from a browser (CORS), such as "
        "`https://rain.example.org`, separated by commas; `*`, any site",
    )
    login: Literal["none", "basic", "oauth"] = Field(
        "none",
        description="who may use the dashboard: `none`, as over HTTP; `basic`, users with a "
        "password (`csserv users add`); `oauth`, whom a provider knows (`PANEL_OAUTH_PROVIDER`)",
    )
    login_role: Literal["none", "reader", "submitter"] = Field(
        "none", description="role of users of OAuth whom `csserv users` does not name"
    )
    script_token: str | None = Field(
        None,
        min_length=16,
        repr=False,
        description="token of ClimateSERV's `scriptAccess`, 16 letters or more; "
        "without it, that is refused",
    )
    max_years_climateserv: float = Field(
        20.0, gt=0, description="longest period of a request by ClimateSERV's API [years]"
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level of what each process logs"
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="form of the log: lines of `text`, or a `json` object a line"
    )
    log_file: Annotated[Place | None, Unset] = Field(
        None, description="file that all processes of this machine log to; without it, stderr"
    )
    log_max: Annotated[float | None, Lifted] = Field(
        50.0, gt=0, description="size at which the next log file begins [MB]; `none`, for logrotate"
    )
    log_keep: int = Field(5, ge=0, le=1000, description="how many earlier log files are kept")
    metrics: Literal["admin", "open"] = Field(
        "admin",
        description="who may read `/metrics`: `admin`, callers on this machine and admins' tokens "
        "(CSSERV_ACCESS); `open`, anybody",
    )

    def without_paths(self, text: str) -> str:
        """Replace the folders of this server in a text by the names of their settings."""
        for folder, name in ((self.home, "CSSERV_HOME"), (self.data, "CSSERV_DATA")):
            text = text.replace(str(folder), name)
        return text

    @property
    def cache(self) -> Path:
        """Folder of what can be made anew, shared by all processes of the home."""
        return self.home / "cache"

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The web sites whose pages may ask over HTTP."""
        return tuple(one.strip().lower() for one in (self.origins or "").split(",") if one.strip())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read ``<home>/csserv.toml`` with a lower priority than the environment."""
        home = init_settings().get("home") or os.environ.get(f"{PREFIX}HOME") or "csserv-home"
        toml = TomlConfigSettingsSource(settings_cls, Path(str(home)) / "csserv.toml")
        return init_settings, env_settings, toml


def read_settings(**given: object) -> Settings:
    """Read the settings; warn about unknown ``CSSERV_*`` names.

    Raises
    ------
    SettingsError : a value has the wrong type or is out of range
    """
    _warn_of_misspelt_names()
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # pydantic checks each value
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        field = Settings.model_fields.get(name)
        shown = "…" if field and not field.repr else repr(first.get("input"))
        own = first.get("ctx", {}).get("error")  # in our words
        why = str(own) if own else first["msg"].lower()
        raise SettingsError(f"setting {name}={shown}: {why}") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"csserv.toml cannot be read: {error}") from None
    log_file = settings.log_file and settings.log_file.absolute()
    folders = {"home": settings.home.absolute(), "data": settings.data.absolute()}
    return settings.model_copy(update={**folders, "log_file": log_file})


def as_variables(settings: Settings) -> dict[str, str]:
    """Write settings as environment variables, for another process to read."""
    lifted = {name for name, field in Settings.model_fields.items() if field.default is not None}
    given = settings.model_dump(mode="json")
    return {
        f"{PREFIX}{name.upper()}": "none" if value is None else str(value)
        for name, value in given.items()
        if value is not None or name in lifted
    }


def _warn_of_misspelt_names() -> None:
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known:
            hint = nearest(name, known, n=1)
            meant = f"; did you mean {hint[0]}?" if hint else ""
            warnings.warn(f"{name} is no setting of csserv{meant}", stacklevel=3)
