"""Writes the records of one match to its file, and decides when to sync it.

Appended records survive the end of this process; after `sync` they survive a power cut. A move of a turn-based match
is due for `sync` at once, the frames of a real-time match within `SYNC_INTERVAL`. Does not know threads or the history.
"""

import contextlib
import errno
import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from p2pgame.replay.codec import FILE_MAX, MAGIC, encode_record
from p2pgame.replay.records import End, Header, Note, Record
from p2pgame.storage.files import private_directory
from p2pgame.storage.recordfile import RecordFile

__all__ = ["SUFFIX", "SYNC_INTERVAL", "FileType", "Recording", "with_time"]

SUFFIX = ".p2preplay"
SYNC_INTERVAL = 2.0
"""Seconds between syncs of a real-time match."""
_NAMES = 9
"""Files of one match and second: two windows of ours that play each other."""

FileType = type[RecordFile]


class Recording:
    """The file is opened when there is something to write, and closed with the end of the match."""

    def __init__(
        self, header: Header, path: Path | None, whole: int = 0, kind: FileType = RecordFile
    ) -> None:
        """`path`: where the match stands already, in `whole` good bytes; None: nowhere, `create` comes first."""
        self.header = header
        self.adjourned: int | None = None
        """The frame at which the players agreed to put the match aside; None: they did not, or went on since."""
        self.sync_at: float | None = None
        """When to call `sync`, by `time.monotonic`; None: all is on the disk."""
        self._path = path
        self._whole = whole
        self._kind = kind
        self._file: RecordFile | None = None
        self.over = False
        """True once its end was written."""
        self._writing = True

    @property
    def name(self) -> str:
        """Of the file; empty if there is none."""
        return self._path.name if self._path is not None else ""

    def create(self, directory: Path, at: float, tail: str = "") -> None:
        """Make the file, named after that Unix time, without a byte in it. Raises `OSError`."""
        private_directory(directory)
        date = time.strftime("%Y%m%d-%H%M%S", time.gmtime(at))  # so that names sort by date
        name = f"{date}-{self.header.game}-{self.header.match}{tail}"
        for number in range(1, _NAMES + 1):
            path = directory / f"{name}{f'-{number}' if number > 1 else ''}{SUFFIX}"
            try:
                self._file = self._kind(path)
            except FileExistsError:
                if number == _NAMES:
                    raise
            else:
                self._path = path
                return

    def append(self, records: Sequence[Record]) -> None:
        """Write `records`, all or none. Raises `OSError`, and `ValueError` for one that cannot be read again."""
        if self._path is None or not self._writing or not records:
            return
        if self._file is None:
            self._file = self._kind(self._path, self._whole)
        chunks = b"".join(map(encode_record, records))
        if not self._whole:
            chunks = MAGIC + chunks
        if self._whole + len(chunks) > FILE_MAX:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        self._file.append(chunks)
        self._whole += len(chunks)
        self.over = self.over or any(isinstance(record, End) for record in records)
        if self.over or not self.header.tick_rate:
            self.sync_at = time.monotonic()
        elif self.sync_at is None:
            self.sync_at = time.monotonic() + SYNC_INTERVAL

    def sync(self) -> None:
        """Sync to the disk, and close the file if the match is over. Raises `OSError`."""
        self.sync_at = None
        if self._file is not None:
            self._file.sync()
            if self.over:
                self.close()

    def close(self) -> None:
        """Close the file; it is opened again for the next record."""
        self.sync_at = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def give_up(self) -> None:
        """Stop writing. Keeps the file unless it has no record. Never raises."""
        self._writing = False
        self.close()
        if self._path is not None and not self._whole:
            with contextlib.suppress(OSError):
                self._path.unlink()
            self._path = None


def with_time(record: Record, at: float) -> Record:
    """`record` with the Unix time it was written at, if it has a place for that and nothing stands there."""
    match record:
        case Header(started=0.0):
            return msgspec.structs.replace(record, started=at)
        case End(ended=0.0):
            return msgspec.structs.replace(record, ended=at)
        case Note(at=0.0):
            return msgspec.structs.replace(record, at=at)
    return record
