"""Events as lines: JSON for programs, plain words for people."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

from p2pgame.core.ids import tag_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.session_errors import SENTENCES
from p2pgame.session import events as e

__all__ = ["Printer", "reader_gone"]


class Printer:
    """Prints events on stdout, each at once."""

    def __init__(self, *, json: bool) -> None:
        self.json = json

    def event(self, t: float, event: e.Event) -> None:
        """`t`: Unix time in seconds at which it happened."""
        if self.json:
            fields = {"t": t, **msgspec.to_builtins(event)}
            if isinstance(event, e.ErrorEvent | e.InviteDeclined):
                fields["message"] = _sentence(event)
            self.object(fields)
        elif (text := _in_words(event)) is not None:
            self.line(text)

    def object(self, value: dict[str, Any]) -> None:
        """One JSON object, whatever the mode."""
        _write(msgspec.json.encode(value).decode())

    def line(self, text: str) -> None:
        """A line for people; not in JSON mode."""
        if not self.json:
            encoding = sys.stdout.encoding or "utf-8"
            _write(text.encode(encoding, "replace").decode(encoding))


_gone: list[bool] = []


def reader_gone() -> bool:
    """True once nobody reads our output any more."""
    return bool(_gone)


def _write(text: str) -> None:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away, as `head` does. Raised in a callback it would be lost and the program go on for ever.
        with Path(os.devnull).open("wb") as silence:
            os.dup2(silence.fileno(), sys.stdout.fileno())
        _gone.append(True)
        signal.raise_signal(signal.SIGINT)


def _sentence(event: e.ErrorEvent | e.InviteDeclined) -> str:
    """Why, in words: of the innermost code that the event has."""
    params = dict(event.params)
    if isinstance(event, e.InviteDeclined):
        params |= {"name": event.name, "game": event.game}
        code = str(params.get("code", event.reason))
    else:
        code = str(params.get("reason", event.code))  # of an illegal move: the game's own sentence
    return gettext(SENTENCES.get(code, code), **params)


def _who(name: str, peer: str) -> str:
    return f"{name} ({tag_of(peer)})"


_PAUSES = {
    "connection": "the other side is not heard; waiting for it to come back ...",
    "restarted": "looking for the other side, to go on with the match ...",
    "desync": "the two games differ; looking for the difference ...",
}


def _difference(event: e.MatchDesync) -> str:
    found = "; ".join(event.differences) or f"here {event.ours}, there {event.theirs}"
    end = "it cannot be mended"
    if event.mended:
        end = "mended: ours holds" if event.taken == "ours" else "mended: theirs holds"
    return f"the two games differ at frame {event.frame}: {found} ({end})"


def _in_words(event: e.Event) -> str | None:
    match event:
        case e.Announcing():
            where = ", ".join(event.interfaces)
            return f"I am {_who(event.name, event.peer)} on {where}, port {event.tcp_port}. Looking for others ..."
        case e.PeerFound():
            note = "" if event.compatible else f"  [cannot play: {event.reason}]"
            return f"+ {_who(event.name, event.peer)} at {event.address} by {' and '.join(event.via)}{note}"
        case e.PeerLost():
            why = "said goodbye" if event.reason == "goodbye" else "fell silent"
            return f"- {_who(event.name, event.peer)} {why}"
        case e.InviteSent():
            return f"invited {_who(event.name, event.peer)} to {event.game}"
        case e.InviteReceived():
            return f"{_who(event.name, event.peer)} invites you to {event.game}"
        case e.InviteAccepted():
            return f"{event.game} with {_who(event.name, event.peer)}: accepted"
        case e.InviteDeclined():
            return f"{event.game} with {_who(event.name, event.peer)}: {_sentence(event)}"
        case e.InviteExpired():
            return f"{event.game} with {_who(event.name, event.peer)}: no answer"
        case e.InviteCancelled():
            return f"{event.game} with {_who(event.name, event.peer)}: {event.reason}"
        case e.HostElected():
            return f"host of match {event.match}: {tag_of(event.host)}"
        case e.MatchStarted():
            return f"match {event.match} begins: {' against '.join(event.names)}"
        case e.Move():
            return f"{event.frame:4d}. player {event.player + 1}: {event.move}"
        case e.MatchPaused():
            return _PAUSES.get(event.reason, event.reason)
        case e.MatchResumed():
            return "the match goes on"
        case e.MatchResumable():
            name = _who(event.name, event.peer)
            return (
                f"{event.game} with {name} was interrupted after {event.frames} frames (match {event.match})"
            )
        case e.MatchDesync():
            return _difference(event)
        case e.MatchEnded():
            winners = ", ".join(f"player {w + 1} wins" for w in event.outcome.winners) or "no winner"
            return f"match over after {event.frames} frames: {winners} ({event.outcome.reason}); state {event.hash}"
        case e.ErrorEvent():
            return f"! {_sentence(event)}"
        case _:
            return None
