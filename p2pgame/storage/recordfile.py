"""The file of one match: appends whole chunks, and removes a chunk that was written in part.

Unbuffered: appended data survives the end of this process; after `sync` it is on the disk. Does not know what the
chunks mean.
"""

import contextlib
import os
from io import FileIO
from pathlib import Path

from p2pgame.storage.files import private_opener

__all__ = ["RecordFile"]


class RecordFile:
    """An open file. Everything raises `OSError`."""

    def __init__(self, path: Path, whole: int | None = None) -> None:
        """Makes the file, which must not exist; with `whole`, opens one and cuts it to so many bytes."""
        self.path = path
        self._file = FileIO(path, "x" if whole is None else "r+", opener=private_opener)
        self._whole = whole or 0
        self._named = whole is not None
        if whole is not None:
            try:
                self._file.truncate(whole)
                self._file.seek(whole)
            except OSError:
                self._file.close()
                raise

    def append(self, chunks: bytes) -> None:
        """Add `chunks`, or nothing."""
        left = memoryview(chunks)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            with contextlib.suppress(OSError):  # then a reader leaves out what is cut
                self._file.truncate(self._whole)
                self._file.seek(self._whole)
            raise
        self._whole += len(chunks)

    def sync(self) -> None:
        """Sync the file and its directory entry to the disk."""
        os.fsync(self._file.fileno())
        if not self._named and hasattr(os, "O_DIRECTORY"):
            directory = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        self._named = True

    def close(self) -> None:
        with contextlib.suppress(OSError):  # `sync` would have reported any error
            self._file.close()
