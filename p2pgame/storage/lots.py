"""Keeps the nonces of elections that came to nothing, so that a program that is started anew opens the same ones.

Without the file a peer that knows our commitment has us wait until it lapsed. Times in it are Unix times. A file that
cannot be read or written costs no more than that.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from p2pgame.session.lot import Lot
from p2pgame.storage.files import write_atomically

__all__ = ["load_lots", "save_lots"]

_FILE = "lots.msgpack"
_MAX = 64 * 1024
"""Bytes of the file."""
_DECODER: msgspec.msgpack.Decoder[tuple[Lot, ...]] = msgspec.msgpack.Decoder(tuple[Lot, ...])
_log = logging.getLogger(__name__)


def load_lots(data_dir: Path, now: float) -> tuple[Lot, ...]:
    """Those that hold at `now`; none if there is no such file or it is damaged."""
    try:
        with (data_dir / _FILE).open("rb") as file:
            lots = _DECODER.decode(file.read(_MAX))
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _log.warning("%s is left out: %s", _FILE, error)
        return ()
    return tuple(lot for lot in lots if now < lot.until)


def save_lots(data_dir: Path, lots: Sequence[Lot]) -> None:
    """Replace the file."""
    try:
        write_atomically(data_dir / _FILE, msgspec.msgpack.encode(lots))
    except OSError as error:
        _log.warning("%s cannot be written: %s", _FILE, error)
