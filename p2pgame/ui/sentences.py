"""Turns codes, parameters and numbers into sentences for the window. Knows no scene.

Every text goes through `p2pgame.i18n.catalogue`: the English text is the message id, its facts are named parameters.
What the layers below report, errors and the ends of matches and pauses, becomes words in this module only.
"""

import time
from collections.abc import Mapping

from p2pgame.core.errors import IllegalMoveError, P2PGameError, Param
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.registry import Plugin, Registry
from p2pgame.discovery.peer import Peer
from p2pgame.i18n.catalogue import composed, current, enumerated, game_text, gettext, isolated, ngettext
from p2pgame.i18n.errors import sentence as error_sentence
from p2pgame.i18n.games import outcome_reason
from p2pgame.session import events as ev
from p2pgame.session.people.trust_store import TrustWarning

__all__ = [
    "NOTICES",
    "ago",
    "clock_time",
    "date",
    "day",
    "decline_text",
    "desync_details",
    "desync_text",
    "duration",
    "end_text",
    "error_heading",
    "error_text",
    "game_title",
    "game_words",
    "illegal_move_text",
    "incompatible_text",
    "invite_end_text",
    "length",
    "listed",
    "pause_text",
    "played_length",
    "plugin_title",
    "reason_text",
    "repaired_text",
    "sentence",
    "unreachable_text",
    "verify_end_text",
    "winners_text",
]

NOTICES = frozenset({"illegal_move", "not_now", "not_deleted", "not_recorded", "not_saved"})
"""Codes of errors that change nothing: a notice is enough."""

# --- texts of games


def game_words(package: str, text: str, params: Mapping[str, Param] | None = None) -> str:
    """A text of the game in `package` in the language in use: a message id of that game's own catalogue."""
    return game_text(package, text, **(params or {}))


def plugin_title(plugin: Plugin) -> str:
    """The name of a game."""
    return game_words(plugin.package, plugin.game.title)


def game_title(registry: Registry, name: str) -> str:
    """The title of the game `name`; its id if it is not installed."""
    plugin = registry.get(name)
    return plugin_title(plugin) if plugin else name[:24]


# --- errors, pauses and ends: what the layers below report


def error_text(error: ev.ErrorEvent | P2PGameError | TrustWarning) -> str:
    """What went wrong, as a sentence. The only function that knows how an error carries its facts."""
    return sentence(error_sentence(error.code, error.params))


def error_heading(code: str) -> str:
    """The heading of an error screen."""
    match code:
        case "connection_lost" | "silent":
            return gettext("Connection lost")
        case "connect_failed":
            return gettext("Cannot connect")
        case "cancelled":
            return gettext("The invitation was taken back")
        case "desync":
            return gettext("The two games differ")
        case "game_failed" | "rules_failed":
            return gettext("The game has an error")
        case "abandoned":
            return gettext("The match was given up")
        case "no_seat":
            return gettext("The match cannot be resumed")
    return gettext("That did not work")


def illegal_move_text(package: str, error: IllegalMoveError) -> str:
    """Why the rules of the game in `package` refuse a move."""
    return sentence(error_sentence(error, package=package))


def incompatible_text(peer: Peer) -> str:
    """Why `peer` cannot be played with."""
    return error_sentence(peer.reason, peer.reason_params) if peer.reason else gettext("not compatible")


def unreachable_text(peer: Peer) -> str:
    """Why `peer` is heard and not reached; empty if it is reached."""
    return error_sentence(peer.unreachable.code, peer.unreachable.params) if peer.unreachable else ""


def pause_text(reason: str, name: str) -> str:
    """Why the match with `name` does not go on. `reason`: as in `Pause`."""
    match reason:
        case "connection":
            return gettext("The connection is lost; looking for {name}…", name=name)
        case "closed":
            return gettext("{name} closed the program, and may come back.", name=name)
        case "restarted":
            return gettext("This program was restarted; looking for {name}…", name=name)
        case "adjourned":
            return gettext("Your match was adjourned; it goes on as soon as {name} wants to, too.", name=name)
        case "desync":
            return gettext("The two games differ; comparing…")
        case "disputed":
            return gettext(
                "Both programs computed their state again, and each got its own. Either the game is not the same on "
                "both machines, or somebody's program is modified. Play on from the state of the host?"
            )
        case "stall":
            return gettext("{name} is connected, but nothing comes.", name=name)
    return gettext("The match is paused: {reason}", reason=reason)


def adjourned_text(event: ev.MatchAdjourned, name: str) -> str:
    """Why a match with `name` was put aside, or does not go on."""
    match event.reason:
        case "agreed":
            return gettext(
                "Adjourned. The match waits beside the name of {name} and in the history.", name=name
            )
        case "declined":
            return gettext("{name} does not go on now. The match stays adjourned.", name=name)
        case "busy":
            return gettext("{name} is busy. The match stays adjourned.", name=name)
        case "not_now":
            return gettext("The match stays adjourned.")
    reason = error_sentence(event.reason, {"name": name})
    return gettext("The match stays adjourned: {reason}", reason=reason)


def end_text(reason: str, package: str = "") -> str:
    """Why a match is over, in a few words. `package`: of the game, for the reasons that its rules give."""
    return outcome_reason(package, reason)


def reason_text(outcome: Outcome, me: int, rival: str, package: str = "") -> str:
    """Why a match is over, as a sentence. `me`: our player index; `rival`: the name of the other player."""
    won = me in outcome.winners
    match outcome.ended_by:
        case EndedBy.ABANDONED if won:
            return gettext("{name} gave the match up.", name=rival)
        case EndedBy.ABANDONED:
            return gettext("You gave the match up.")
        case EndedBy.CLAIMED if won:
            return gettext("{name} did not come back.", name=rival)
        case EndedBy.CLAIMED:
            return gettext("{name} claimed it while you were away.", name=rival)
        case EndedBy.RESIGNED if won:
            return gettext("{name} resigned.", name=rival)
        case EndedBy.RESIGNED:
            return gettext("You resigned.")
    return sentence(end_text(outcome.reason, package))


def winners_text(names: list[str]) -> str:
    """Who won, of one or more players."""
    if len(names) == 1:
        return gettext("{name} won", name=names[0])
    return gettext("{names} and {last} won", names=enumerated(names[:-1]), last=names[-1])


def decline_text(event: ev.InviteDeclined) -> str:
    """Why the other side does not play."""
    match event.reason:
        case "declined":
            return gettext("{name} declined", name=event.name)
        case "busy":
            return gettext("{name} is busy", name=event.name)
    code = str(event.params.get("code", event.reason))
    facts = {**event.params, "name": event.name, "game": event.game}
    return sentence(error_sentence(code, facts))


def invite_end_text(event: ev.InviteDeclined | ev.InviteExpired | ev.InviteCancelled, *, ours: bool) -> str:
    """What to say about an invitation that ended; empty if the player knows."""
    name = event.name
    match event:
        case ev.InviteDeclined() if ours:
            return decline_text(event)
        case ev.InviteExpired() if ours:
            return gettext("{name} did not answer in time", name=name)
        case ev.InviteExpired():
            return gettext("The invitation from {name} has expired", name=name)
        case ev.InviteCancelled(reason="vanished"):
            return gettext("{name} is gone", name=name)
        case ev.InviteCancelled(reason="cancelled") if not ours:
            return gettext("{name} took the invitation back", name=name)
    return ""


def verify_end_text(event: ev.VerifyEnded, *, asked: bool) -> str:
    """Why codes were not compared to the end. `asked`: the other side asked, and we had not answered."""
    name = event.name
    if asked:
        return gettext("{name} no longer waits for an answer", name=name)
    match event.reason:
        case "rejected":
            return gettext("{name} does not want to compare codes now", name=name)
        case "expired":
            return gettext("Comparing codes with {name} took too long", name=name)
        case "vanished":
            return gettext("{name} cannot be reached", name=name)
        case "broken_off":
            return gettext("{name} broke off comparing codes when it could see the code", name=name)
    return gettext("Comparing codes with {name} came to nothing", name=name)


def desync_details(event: ev.MatchDesync) -> str:
    """The fields that differ, the first one first; may be empty."""
    if event.differences:
        return "; ".join(event.differences)
    return gettext("first difference: {path}", path=event.path) if event.path else ""


def desync_text(event: ev.MatchDesync) -> tuple[str, str]:
    """A desync that ends the match: the sentence and the details."""
    text = gettext("The two computers no longer agree on the position, so the match was stopped.")
    facts: dict[str, Param] = {"n": event.frame, "ours": event.ours, "theirs": event.theirs}
    if named := desync_details(event):
        return text, gettext("Frame {n}: here {ours}, there {theirs} ({details})", **facts, details=named)
    return text, gettext("Frame {n}: here {ours}, there {theirs}", **facts)


def repaired_text(event: ev.MatchDesync, rival: str, *, moves: bool) -> str:
    """A desync after which the match goes on. `moves`: frames of the game are moves."""
    if moves:
        where = gettext("The two games differed at move {n}.", n=event.frame)
    else:
        where = gettext("The two games differed at frame {n}.", n=event.frame)
    match event.taken:
        case "ours":
            what = gettext("Your state was kept; the match goes on.")
        case "theirs":
            what = gettext("{name}'s state was taken; the match goes on.", name=rival)
        case _:
            what = gettext("It is repaired; the match goes on.")
    return f"{where} {what}"


# --- lists, lengths and dates


def sentence(text: str) -> str:
    """`text` with a capital at its start."""

    def said() -> str:
        shown = current(text)
        return shown[:1].upper() + shown[1:]

    return composed(said)


def listed(*parts: str) -> str:
    """The parts that are not empty, in one line."""
    return composed(lambda: " · ".join(isolated(current(part)) for part in parts if part))


def length(frames: int, tick_rate: int) -> str:
    """How long a match was: moves, or the time of its frames."""
    return duration(frames / tick_rate) if tick_rate else ngettext("{n} move", "{n} moves", frames)


def played_length(frames: int, *, moves: bool) -> str:
    """How many moves or frames were played."""
    if moves:
        return ngettext("{n} move", "{n} moves", frames)
    return ngettext("{n} frame", "{n} frames", frames)


def duration(seconds: float) -> str:
    """``40 s``, ``2 min 5 s``, ``1 h 4 min``."""
    whole = int(max(0.0, min(seconds, 359_999.0)))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return gettext("{hours} h {minutes} min", hours=hours, minutes=minutes)
    if minutes:
        return gettext("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    return gettext("{seconds} s", seconds=rest)


def clock_time(seconds: float) -> str:
    """``0:07``, ``12:30``, ``1:02:03``."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def date(at: float) -> str:
    """A Unix time as day and hour, local time; empty if this system has no date for it."""
    if (local := _local(at)) is None:
        return ""
    return gettext("{day}, {time}", day=_day(local), time=time.strftime("%H:%M", local))


def day(at: float) -> str:
    """A Unix time as a day, local time; empty if this system has no date for it."""
    local = _local(at)
    return _day(local) if local is not None else ""


def _local(at: float) -> time.struct_time | None:
    try:
        return time.localtime(at) if at > 0 else None
    except (OverflowError, ValueError, OSError):
        return None


def _day(local: time.struct_time) -> str:
    months = (
        gettext("Jan"), gettext("Feb"), gettext("Mar"), gettext("Apr"), gettext("May"), gettext("Jun"),
        gettext("Jul"), gettext("Aug"), gettext("Sep"), gettext("Oct"), gettext("Nov"), gettext("Dec"),
    )  # fmt: skip
    month = months[local.tm_mon - 1]
    return gettext("{day} {month} {year}", day=f"{local.tm_mday:02}", month=month, year=str(local.tm_year))


def ago(seconds: float) -> str:
    """``just now``, ``3 minutes ago``, ``2 days ago``."""
    if seconds >= 86_400:
        return ngettext("{n} day ago", "{n} days ago", int(seconds // 86_400))
    if seconds >= 3600:
        return ngettext("{n} hour ago", "{n} hours ago", int(seconds // 3600))
    if seconds >= 60:
        return ngettext("{n} minute ago", "{n} minutes ago", int(seconds // 60))
    return gettext("just now")
