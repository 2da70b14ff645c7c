"""Atomic writes: a reader, or a start after a power cut, sees the old file or the new one."""

import os
import tempfile
from pathlib import Path

__all__ = ["system_reason", "write_atomically"]


def write_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace `path` by `data`. Raises `OSError`."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "fchmod"):
            Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def system_reason(error: OSError) -> str:
    """What the system says of `error`, in its own words, without the file's name."""
    return error.strerror or str(error)
