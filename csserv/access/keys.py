"""The secret keys of a server, made once and kept in ``keys.json`` of its home folder."""

from __future__ import annotations

import base64
import secrets
from contextlib import closing
from pathlib import Path

import orjson

from csserv.errors import SettingsError
from csserv.machine.private_home import make_home
from csserv.outputs.durable import replace_file
from csserv.tasks.log.lock import FileLock

#: for signing login cookies, for signing Panel sessions, for encrypting OAuth tokens
KEY_NAMES = ("cookies", "sessions", "oauth")


def read_keys(home: Path) -> dict[str, str]:
    """Return the keys by name, making those that do not exist yet.

    Raises
    ------
    SettingsError : the file can be neither read nor written
    """
    path = home / "keys.json"
    try:
        make_home(home)
        lock = FileLock(path.with_suffix(".lock"))
        with closing(lock), lock:
            known = orjson.loads(path.read_bytes()) if path.exists() else {}
            whole = {name: str(known.get(name) or _new_key()) for name in KEY_NAMES}
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
