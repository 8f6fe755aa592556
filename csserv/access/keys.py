"""The keys of a server: made once, kept private in the home folder."""

from __future__ import annotations

import base64
import secrets
from contextlib import closing
from pathlib import Path

import orjson

from csserv.errors import SettingsError
from csserv.outputs.durable import replace_file
from csserv.tasks.log.lock import FileLock

#: what signs cookies, what signs sessions, what hides tokens of OAuth
NAMES = ("cookies", "sessions", "oauth")


def read_keys(home: Path) -> dict[str, str]:
    """Read the keys by name; make those that are not there yet.

    Raises
    ------
    SettingsError : they can be neither read nor kept
    """
    path = home / "keys.json"
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_suffix(".lock"))
        with closing(lock), lock:
            known = orjson.loads(path.read_bytes()) if path.exists() else {}
            whole = {name: str(known.get(name) or _new_key()) for name in NAMES}
            if whole != known:
                content = orjson.dumps(whole, option=orjson.OPT_INDENT_2)
                replace_file(path, content, private=True)
    except (OSError, ValueError, AttributeError) as error:
        why = getattr(error, "strerror", None) or error
        raise SettingsError(f"{path} can be neither read nor kept: {why}") from None
    return whole


def _new_key() -> str:
    # 32 bytes in this form are what Fernet takes for a key
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
