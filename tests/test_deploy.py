"""Launch files: they parse, and every command and option that they name exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from csserv.cli import main

DEPLOY = Path(__file__).parent.parent / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())


def calls(text: str) -> list[tuple[str, list[str]]]:
    """Find ``csserv COMMAND --option …``, also written as a YAML list."""
    plain = re.sub(r"[\[\],]", " ", text.replace("\\\n", " "))
    found = re.findall(r"csserv[ ]+(run|serve|up|[a-z]+(?:-[a-z]+)+)((?:\s+[^\s;&`]+)*)", plain)
    return [(name, re.findall(r"(?<=\s)(--?[a-z][a-z-]*)", rest)) for name, rest in found]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_commands_and_options_exist(path: Path):
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines) if path.suffix not in (".md",) else path.read_text()
    for statement in re.split(r"\n(?=\S)|&&|\|", text) if path.suffix != ".yml" else [text]:
        for name, options in calls(statement):
            command = command_of(name)
            known = {word for one in command.params for word in (*one.opts, *one.secondary_opts)}
            if path.suffix != ".yml":
                assert set(options) <= known, (name, options)


def test_yaml_options_exist():
    for document in yaml.safe_load_all((DEPLOY / "kubernetes.yml").read_text()):
        if document["kind"] != "Deployment":
            continue
        (container,) = document["spec"]["template"]["spec"]["containers"]
        check(container["args"])
    compose = yaml.safe_load((DEPLOY / "compose.yml").read_text())
    for service in compose["services"].values():
        check(service["command"].split())


def command_of(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None, name
    return found


def check(words: list[str]) -> None:
    """Parse a command line with the command it names, without running it."""
    assert words[0] == "csserv"
    command = command_of(words[1])
    command.make_context(words[1], [str(word) for word in words[2:]])


def test_there_are_all_of_them():
    assert {path.name for path in FILES} >= {
        "scheduler_start.sh",
        "workers_start_one.sh",
        "workers_stop_all.sh",
        "crontab",
        "csserv-scheduler.service",
        "csserv-worker@.service",
        "csserv-runner.service",
        "csserv-server.service",
        "compose.yml",
        "slurm.py",
        "kubernetes.yml",
    }


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_sound_and_hand_words_on(path: Path):
    subprocess.run(["sh", "-n", path], check=True)
    own = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run([path, "--help"], text=True, capture_output=True, check=True, env=own)
    assert "Usage: csserv s" in done.stdout
    assert path.stat().st_mode & 0o111


def test_units_start_again_whatever_the_exit_code():
    for path in DEPLOY.glob("*.service"):
        text = path.read_text()
        assert "Restart=always" in text
        assert "ExecStart=/opt/csserv/bin/csserv " in text


def test_crontab_waits_five_minutes_and_starts_three_a_minute_apart_whatever_happened(
    tmp_path: Path,
):
    line = (DEPLOY / "crontab").read_text().splitlines()[-1]
    assert re.match(r"\d+ \d+ \* \* 0 ", line)
    command = line.split(maxsplit=5)[5].replace("/srv/csserv", str(tmp_path))
    for name, said in (
        ("csserv", 'echo "$@"; [ "$1" = start-worker ]'),
        ("sleep", 'echo sleep "$@"'),
    ):
        stub = tmp_path / name
        stub.write_text(f"#!/bin/sh\n({said}) >> {tmp_path}/calls\n")
        stub.chmod(0o755)
    own = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", f"{command} wait"], check=True, env=own)
    assert (tmp_path / "calls").read_text().splitlines() == [
        "stop-all-workers --timeout 1800",  # no scheduler answers
        "stop-all-workers --now --timeout 60",
        "sleep 300",
        "start-worker -n 3 --stagger 60",
    ]


def test_slurm_example_compiles():
    compile((DEPLOY / "slurm.py").read_text(), "slurm.py", "exec")
