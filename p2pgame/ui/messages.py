"""What happened on the network, in words for the player. Knows no scene."""

import time

from p2pgame.core.game import Outcome
from p2pgame.session import events as ev

__all__ = [
    "NOTICES",
    "ago",
    "clock_time",
    "date",
    "differences",
    "duration",
    "length",
    "mended",
    "plain",
    "reason",
    "sentence",
    "why_not_verified",
    "why_over",
]

NOTICES = frozenset({"illegal_move", "not_now", "not_deleted", "not_recorded", "not_saved"})
"""Codes of errors that change nothing: a notice is enough."""


def sentence(text: str) -> str:
    """`text` with a capital at its start."""
    return text[:1].upper() + text[1:]


def length(frames: int, tick_rate: int) -> str:
    """How long a match was: moves, or the time of its frames."""
    if not tick_rate:
        return f"{frames} move" + ("" if frames == 1 else "s")
    return duration(frames / tick_rate)


def duration(seconds: float) -> str:
    """``40 s``, ``2 min 5 s``, ``1 h 4 min``."""
    whole = int(max(0.0, min(seconds, 359_999.0)))
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def clock_time(seconds: float) -> str:
    """``0:07``, ``12:30``, ``1:02:03``."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def date(at: float) -> str:
    """A Unix time as day and hour, local time; empty if this system cannot say it."""
    try:
        return time.strftime("%d %b %Y, %H:%M", time.localtime(at)) if at > 0 else ""
    except (OverflowError, ValueError, OSError):
        return ""


def ago(seconds: float) -> str:
    """``just now``, ``3 minutes ago``, ``2 days ago``."""
    for unit, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit:
            n = int(seconds // unit)
            return f"{n} {name}{'' if n == 1 else 's'} ago"
    return "just now"


def why_not_verified(event: ev.VerifyEnded, *, asked: bool) -> str:
    """What to say when it did not come to comparing, or to an end of it. `asked`: they asked, we had not answered."""
    name = event.name
    if asked:
        return f"{name} no longer waits for an answer"
    return {
        "rejected": f"{name} does not want to compare codes now",
        "expired": f"Comparing codes with {name} took too long",
        "vanished": f"{name} cannot be reached",
    }.get(event.reason, f"Comparing codes with {name} came to nothing")


def why_over(event: ev.InviteDeclined | ev.InviteExpired | ev.InviteCancelled, *, ours: bool) -> str:
    """What to say about an invitation that ended; empty if the player knows."""
    name = event.name
    match event:
        case ev.InviteDeclined() if ours:
            return {
                "declined": f"{name} declined",
                "busy": f"{name} is busy",
                "incompatible": f"{name} cannot play this: {event.message}",
                "unreachable": f"{name} cannot be reached: {event.message}",
            }.get(event.reason, event.message)
        case ev.InviteExpired():
            return f"{name} did not answer in time" if ours else f"The invitation from {name} has expired"
        case ev.InviteCancelled() if event.reason == "vanished":
            return f"{name} is gone"
        case ev.InviteCancelled() if event.reason == "cancelled" and not ours:
            return f"{name} took the invitation back"
    return ""


def plain(reason: str) -> str:
    """Why a match is over, without our own terms."""
    return {"desync": "the two games differed"}.get(reason, reason.replace("_", " "))


def reason(outcome: Outcome, me: int, rival: str) -> str:
    """Why a match is over. `me`: our player index; `rival`: the name of the other player."""
    won = me in outcome.winners
    words = {
        "abandoned": f"{rival} gave the match up." if won else "You gave the match up.",
        "claimed": f"{rival} did not come back." if won else f"{rival} claimed it while you were away.",
        "resigned": f"{rival} resigned." if won else "You resigned.",
    }
    return words.get(outcome.reason) or sentence(plain(outcome.reason))


def differences(event: ev.MatchDesync) -> str:
    """What differs, the first field first; may be empty."""
    if event.differences:
        return "; ".join(event.differences)
    return f"first difference: {event.path}" if event.path else ""


def mended(event: ev.MatchDesync, rival: str, unit: str) -> tuple[str, str]:
    """A desync after which the match goes on: what to say, and the details. `unit`: ``frame`` or ``move``."""
    whose = {"ours": "Your state was kept", "theirs": f"{rival}'s state was taken"}.get(event.taken, "Mended")
    return f"The two games differed at {unit} {event.frame}. {whose}; the match goes on.", differences(event)
