"""Keeps a directory within bounds: deletes the oldest files. The names of the files sort by date."""

from collections.abc import Collection
from pathlib import Path

__all__ = ["prune"]


def prune(
    directory: Path, suffix: str, most: int, most_bytes: int, spared: Collection[str] = ()
) -> list[str]:
    """Delete the oldest files that end in `suffix` until there are at most `most` of `most_bytes` together.

    Those named in `spared` count and stay. Returns the names of those deleted. Raises `OSError`.
    """
    size = 0
    gone = []
    newest_first = sorted(directory.glob(f"*{suffix}"), reverse=True)
    for number, path in enumerate(newest_first, start=1):
        size += path.stat().st_size
        if (number > most or size > most_bytes) and path.name not in spared:
            path.unlink()
            gone.append(path.name)
    return gone
