"""What the doctor says: one finding, in words a player understands, with what to do."""

from collections.abc import Iterable
from typing import Literal

import msgspec

__all__ = ["Finding", "Level", "playable"]

Level = Literal["ok", "note", "warning", "problem"]
"""``note``: good to know. ``warning``: something does not get through, play has another way. ``problem``: play will
not work like this."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found out."""

    check: str
    """What was examined: a stable word for scripts."""
    level: Level
    message: str
    advice: str = ""
    """What to do; empty where there is nothing to do."""
    interface: str = ""
    """Name of the interface it is about; empty if it is about none."""


def playable(findings: Iterable[Finding]) -> bool:
    """Whether play will work."""
    return all(finding.level != "problem" for finding in findings)
