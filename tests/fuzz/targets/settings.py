"""The settings file, which other programs or a full disk may have spoiled: the defaults, never an exception."""

import tempfile
from functools import cache
from pathlib import Path

from p2pgame.storage.settings import Settings, load_settings
from tests.fuzz.mutate import bent

mutate = bent


def samples() -> list[bytes]:
    return [
        b"{}",
        b'{"name": "Ann", "sound": false}',
        b'{"name": "\\ud800"}',
        b"[[[[1e999]]]]",
        b'{"name": null}',
    ]


@cache
def directory() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="p2pgame-fuzz-")


def fuzz_one(data: bytes) -> None:
    folder = Path(directory().name)
    (folder / "settings.json").write_bytes(data)
    assert isinstance(load_settings(folder), Settings)
