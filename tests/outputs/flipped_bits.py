"""What a reader of results makes of damage: each bit of a document is flipped, one by one."""

from __future__ import annotations

from pathlib import Path

from csserv.errors import DamagedResultError
from csserv.outputs.result_json import read_document


def check_each_flipped_bit(path: Path) -> None:
    """See that no flipped bit changes a number that is read, and that most are refused."""
    whole, plain, refused = path.read_bytes(), read_document(path), 0
    for place in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            found = read_document(path)
        except DamagedResultError:
            refused += 1
        else:
            assert {name: found[name] for name in plain} == plain
    assert refused > 0.9 * 8 * len(whole)
