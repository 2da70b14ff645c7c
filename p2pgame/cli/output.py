"""Events as lines: JSON for programs, sentences in the user's language for people."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec

from p2pgame.cli import streams
from p2pgame.cli.room_lines import room_line
from p2pgame.core.game import Outcome
from p2pgame.core.ids import long_tag_of
from p2pgame.i18n.catalogue import Text, enumerated, gettext, ngettext
from p2pgame.i18n.chat import chat_text
from p2pgame.i18n.errors import sentence
from p2pgame.i18n.games import game_title, outcome_reason, package_of
from p2pgame.i18n.rooms import bot_name, left_text
from p2pgame.i18n.ways import way_text
from p2pgame.session import events as e

__all__ = ["Printer", "escaped", "joined", "padded", "pause_line"]


def escaped(text: str) -> str:
    """`text` as one line that changes nothing in a terminal: what is not printable becomes ``\\x1b``, ``\\n`` ..."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class Printer:
    """Prints events on stdout, each at once."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self._game = ""
        """Of the newest match."""

    def event(self, t: float, event: e.Event) -> None:
        """`t`: Unix time in seconds at which it happened."""
        if isinstance(event, e.MatchStarted):
            self._game = event.game
        if self.json:
            self.object({"t": t, **msgspec.to_builtins(event), **_shown(event)})
        elif (text := _line(event, package_of(self._game))) is not None:
            self.line(text)

    def object(self, value: dict[str, Any]) -> None:
        """One JSON object, whatever the mode."""
        try:
            data = msgspec.json.encode(value, enc_hook=_plain)
        except UnicodeEncodeError:  # a file name that is no text: its bytes are escaped
            data = json.dumps(msgspec.to_builtins(value, enc_hook=_plain)).encode()
        streams.stdout().write_bytes(data + b"\n")

    def line(self, text: str) -> None:
        """A line for people, or several; not in JSON mode. Control characters are escaped, whoever they came from."""
        if not self.json:
            text = "\n".join(map(escaped, text.split("\n")))
            streams.stdout().write(f"{text}\n")


def _plain(value: object) -> str:
    """A text that could change its language is written as it stands."""
    if not isinstance(value, Text):
        raise NotImplementedError(type(value))
    return str(value)


# --- events in words


def joined(parts: Sequence[str]) -> str:
    """``a and b``."""
    if len(parts) < 2:
        return "".join(parts)
    return gettext("{first} and {last}", first=enumerated(parts[:-1]), last=parts[-1])


def padded(text: str, columns: int) -> str:
    """`text` with spaces up to so many columns of a terminal, in which a Chinese character takes two."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return text + " " * (columns - len(text) - wide)


def adjourned_line(reason: str) -> str:
    """Why a match was put aside, or does not go on."""
    match reason:
        case "agreed":
            return gettext("the match is adjourned: it goes on when both want to")
        case "declined":
            return gettext("the other side does not want to go on now; the match stays adjourned")
        case "busy":
            return gettext("the other side is busy; the match stays adjourned")
        case "not_now":
            return gettext("the match stays adjourned")
    return gettext("the match stays adjourned ({reason})", reason=reason)


def pause_line(reason: str) -> str:
    """Why the match is paused."""
    match reason:
        case "connection":
            return gettext("the other side is not heard; waiting for it to come back ...")
        case "closed":
            return gettext("the other side closed its program; waiting for it to come back ...")
        case "adjourned":
            return gettext("the match was adjourned; asking the other side to go on")
        case "restarted":
            return gettext("looking for the other side, to continue the match ...")
        case "desync":
            return gettext("the two games differ; looking for the difference ...")
    return gettext("the match is paused ({reason})", reason=reason)


def _shown(event: e.Event) -> dict[str, Any]:
    """Fields as other programs read them: the sentence of an event that has one, the outcome of a match."""
    match event:
        case e.ErrorEvent():
            return {"message": sentence(event.code, event.params)}
        case e.InviteDeclined():
            return {"message": _why_declined(event)}
        case e.Chat():
            return {"text": chat_text(event.kind, event.text)}
        case e.PeerUpdated() if event.compatible and event.unreachable:
            return {"message": sentence(event.unreachable, event.unreachable_params)}
        case e.PeerFound() | e.PeerUpdated() if event.reason:
            return {"reason": sentence(event.reason, event.reason_params)}
        case e.RoomLeft():
            return {"message": left_text(event.reason)}
        case e.MatchEnded(outcome=outcome):
            ended = {"winners": outcome.winners, "reason": outcome.reason}
            return {"outcome": ended, "ended_by": outcome.ended_by.value}
    return {}


def _why_declined(event: e.InviteDeclined) -> str:
    """Why an invitation was declined; one that could not be delivered says how the link ended."""
    facts = {**event.params, "name": event.name, "game": event.game}
    return sentence(str(event.params.get("code", event.reason)), facts)


def _why_cancelled(reason: str) -> str:
    match reason:
        case "cancelled":
            return gettext("the invitation was taken back")
        case "superseded":
            return gettext("another invitation took its place")
        case "vanished":
            return gettext("the player is gone")
    return sentence(reason)


def _line(event: e.Event, package: str) -> str | None:
    match event:
        case e.Announcing() | e.PeerFound() | e.PeerLost():
            return _peer_line(event)
        case e.PeerUpdated() if event.unreachable:
            why = sentence(event.unreachable, event.unreachable_params)
            who = _who(event.name, event.peer)
            return gettext("! {who} is heard, but not reached: {reason}", who=who, reason=why)
        case (
            e.InviteSent()
            | e.InviteReceived()
            | e.InviteAccepted()
            | e.InviteDeclined()
            | e.InviteExpired()
            | e.InviteCancelled()
        ):
            return _invitation_line(event)
        case e.IdentityCopied():
            text = gettext(
                "the computer at {address} has the identity of this one (a copied disk?): see `p2pgame doctor`",
                address=event.address,
            )
            return f"! {text}"
        case e.Chat():
            return gettext(
                "{who}: {text}", who=_who(event.name, event.peer), text=chat_text(event.kind, event.text)
            )
        case e.ErrorEvent():
            return f"! {sentence(event.code, event.params, package=package)}"
    return room_line(event) or _match_line(event, package)


def _who(name: str, peer: str) -> str:
    return f"{name} ({long_tag_of(peer)})"


def _peer_line(event: e.Announcing | e.PeerFound | e.PeerLost) -> str:
    who = _who(event.name, event.peer)
    match event:
        case e.Announcing():
            return gettext(
                "I am {who} on {interfaces}, port {port}. Looking for others ...",
                who=who,
                interfaces=enumerated(event.interfaces) or gettext("no network"),
                port=event.tcp_port,
            )
        case e.PeerFound():
            line = gettext(
                "+ {who} at {address} by {ways}",
                who=who,
                address=event.address,
                ways=joined(list(map(way_text, event.via))),
            )
            if event.compatible:
                return line
            return f"{line}  [{gettext('cannot play: {reason}', reason=sentence(event.reason, event.reason_params))}]"
    if event.reason == "goodbye":
        return gettext("- {who} said goodbye", who=who)
    return gettext("- {who} fell silent", who=who)


_Invitation = (
    e.InviteSent
    | e.InviteReceived
    | e.InviteAccepted
    | e.InviteDeclined
    | e.InviteExpired
    | e.InviteCancelled
)


def _invitation_line(event: _Invitation) -> str:
    who, game = _who(event.name, event.peer), game_title(event.game)
    match event:
        case e.InviteSent():
            return gettext("invited {who} to {game}", who=who, game=game)
        case e.InviteReceived():
            return gettext("{who} invites you to {game}", who=who, game=game)
        case e.InviteAccepted():
            return gettext("{game} with {who}: accepted", who=who, game=game)
        case e.InviteExpired():
            reason = gettext("no answer")
        case e.InviteCancelled():
            reason = _why_cancelled(event.reason)
        case e.InviteDeclined():
            reason = _why_declined(event)
    return gettext("{game} with {who}: {reason}", who=who, game=game, reason=reason)


def _match_line(event: e.Event, package: str) -> str | None:
    match event:
        case e.HostElected():
            return gettext("host of match {match}: {host}", match=event.match, host=long_tag_of(event.host))
        case e.MatchStarted():
            first, *others = [name or bot_name(player) for player, name in enumerate(event.names)]
            return gettext(
                "match {match} begins: {first} against {others}",
                match=event.match,
                first=first,
                others=joined(others),
            )
        case e.Move():
            number = f"{event.frame:4d}"
            return gettext(
                "{number}. player {player}: {move}", number=number, player=event.player + 1, move=event.move
            )
        case e.MatchPaused():
            return pause_line(event.reason)
        case e.MatchResumed():
            return gettext("the match continues")
        case e.MatchAdjourned():
            return adjourned_line(event.reason)
        case e.MatchResumeAsked():
            return gettext(
                "{who} wants to go on with your adjourned match of {game}",
                who=_who(event.name, event.peer),
                game=game_title(event.game),
            )
        case e.MatchResumable() if event.adjourned:
            return ngettext(
                "{game} with {who} is adjourned after {n} frame (match {match})",
                "{game} with {who} is adjourned after {n} frames (match {match})",
                event.frames,
                game=game_title(event.game),
                who=_who(event.name, event.peer),
                match=event.match,
            )
        case e.MatchResumable():
            return ngettext(
                "{game} with {who} was interrupted after {n} frame (match {match})",
                "{game} with {who} was interrupted after {n} frames (match {match})",
                event.frames,
                game=game_title(event.game),
                who=_who(event.name, event.peer),
                match=event.match,
            )
        case e.MatchDesync():
            return _desync_line(event)
        case e.MatchDisputed():
            return gettext(
                "the two games differ at frame {frame}, and each side got its own again", frame=event.frame
            )
        case e.MatchEnded():
            return ngettext(
                "match over after {n} frame: {winners} ({reason}); state {hash}",
                "match over after {n} frames: {winners} ({reason}); state {hash}",
                event.frames,
                winners=_winners(event.outcome),
                reason=outcome_reason(package, event.outcome.reason),
                hash=event.hash,
            )
    return None


def _winners(outcome: Outcome) -> str:
    if not outcome.winners:
        return gettext("no winner")
    return enumerated(gettext("player {player} wins", player=winner + 1) for winner in outcome.winners)


def _desync_line(event: e.MatchDesync) -> str:
    found = "; ".join(event.differences)
    found = found or gettext("here {ours}, there {theirs}", ours=event.ours, theirs=event.theirs)
    if not event.mended:
        result = gettext("it cannot be repaired")
    elif event.taken == "ours":
        result = gettext("repaired: our state is kept")
    else:
        result = gettext("repaired: their state is taken")
    return gettext(
        "the two games differ at frame {frame}: {found} ({result})",
        frame=event.frame,
        found=found,
        result=result,
    )
