"""Settings: what is empty sets nothing, whatever the kind of value."""

from __future__ import annotations

from pathlib import Path

import pytest

from csserv.settings import Settings, read_settings


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_an_empty_variable_sets_nothing(name: str, monkeypatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    for one in Settings.model_fields:
        monkeypatch.delenv(f"CSSERV_{one.upper()}", raising=False)
    unset = read_settings()
    monkeypatch.setenv(f"CSSERV_{name.upper()}", "")
    assert read_settings() == unset


@pytest.mark.parametrize("name", ["tls", "catalog", "log_file"])
def test_an_empty_path_in_the_table_is_none(name: str, tmp_path: Path, monkeypatch):
    monkeypatch.delenv(f"CSSERV_{name.upper()}", raising=False)
    (tmp_path / "csserv.toml").write_text(f'{name} = ""\n')
    assert getattr(read_settings(home=tmp_path), name) is None


def test_table_lies_in_the_default_home_where_the_variable_is_empty(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CSSERV_HOME", "")
    (tmp_path / "csserv-home").mkdir()
    (tmp_path / "csserv-home" / "csserv.toml").write_text("attempts = 7\n")
    (tmp_path / "csserv.toml").write_text("attempts = 8\n")
    assert read_settings().attempts == 7
