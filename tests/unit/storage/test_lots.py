"""The nonces of elections that came to nothing, on the disk."""

import stat
from pathlib import Path

import pytest

from p2pgame.session.lot import Lot
from p2pgame.storage.lots import load_lots, save_lots
from tests.unit.session.sides import ANN, BEN

LOTS = (
    Lot(peer=ANN, nonce=b"a" * 32, theirs=None, until=1000.0),
    Lot(peer=BEN, nonce=b"b" * 32, theirs=b"t" * 32, until=2000.0),
)


def test_what_is_kept_is_found_as_long_as_it_holds(tmp_path: Path) -> None:
    save_lots(tmp_path, LOTS)
    assert load_lots(tmp_path, 999.0) == LOTS
    assert load_lots(tmp_path, 1000.0) == LOTS[1:]
    assert load_lots(tmp_path, 2000.0) == ()
    save_lots(tmp_path, ())
    assert load_lots(tmp_path, 0.0) == ()


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    save_lots(tmp_path, LOTS)
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x91\x01", b"[" * 100_000, b"\x91" * 100_000, b"\x91\x81\xa4peer\xa1\xff"]
)
def test_a_damaged_file_keeps_nothing_and_stops_nobody(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "lots.msgpack").write_bytes(data)
    assert load_lots(tmp_path, 0.0) == ()
    save_lots(tmp_path, LOTS)
    assert load_lots(tmp_path, 0.0) == LOTS


def test_no_directory_is_no_file(tmp_path: Path) -> None:
    assert load_lots(tmp_path / "none", 0.0) == ()
    save_lots(tmp_path / "none", LOTS)
