"""Files that only their owner can read, and atomic writes: a reader, or a start after a power cut, sees the old file
or the new one.

The modes hold whatever the umask is. Windows has no modes: there the profile directory keeps others out.
"""

import logging
import os
import stat
import tempfile
from pathlib import Path

__all__ = ["mend", "private_directory", "private_opener", "system_reason", "write_atomically"]

_OWNER_FILE = 0o600
_OWNER_DIRECTORY = 0o700
_log = logging.getLogger(__name__)


def private_directory(path: Path) -> None:
    """Make `path` with what is above it, or mend it. Raises `OSError`."""
    path.mkdir(mode=_OWNER_DIRECTORY, parents=True, exist_ok=True)
    mend(path)


def private_opener(path: str, flags: int) -> int:
    """The ``opener`` of `open` for a file that is made."""
    return os.open(path, flags, _OWNER_FILE)


def mend(path: Path) -> None:
    """Take the rights of others on `path` away, if it has such, and log it. Does nothing to what is not ours.

    A directory with the sticky bit is shared on purpose, as /tmp is. Never raises.
    """
    if not hasattr(os, "geteuid"):
        return
    try:
        status = path.stat()
        mode = stat.S_IMODE(status.st_mode)
        if not mode & 0o077 or mode & stat.S_ISVTX or status.st_uid != os.geteuid():
            return
        path.chmod(mode & _OWNER_DIRECTORY)
    except OSError:
        return
    _log.warning("%s was open to other users (mode %03o): mended", path, mode)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, readable by its owner only. Raises `OSError`."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def system_reason(error: OSError) -> str:
    """What the system says of `error`, in its own words, without the file's name."""
    return error.strerror or str(error)
