"""The words of rooms: seats, strengths of bots, votes, and why one is no longer in a room."""

from typing import Final

from p2pgame.core.errors import Param
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.i18n.errors import sentence
from p2pgame.i18n.games import game_title

__all__ = [
    "LEFT_SENTENCES",
    "LEVEL_SENTENCES",
    "MEMBER_LEFT_SENTENCES",
    "SEAT_SENTENCES",
    "VOTE_SENTENCES",
    "bot_name",
    "left_text",
    "level_text",
    "member_left_text",
    "seat_text",
    "series_text",
    "team_text",
    "vote_text",
]

LEFT_SENTENCES: Final[dict[str, str]] = {
    "closed": "the room was closed",
    "full": "the room is full",
    "incompatible": "that room plays a game that is not the same here",
    "kicked": "you were removed from the room for a minute",
    "left": "you left the room",
    "locked": "the room is locked",
    "no_watchers": "that room lets only some people watch",
    "no_such_room": "that room is no longer there",
    "refused": "the room did not let you in",
    "unreachable": "the room cannot be reached",
}
"""Why we are no longer in a room, or did not come into it, by `RoomLeft.reason`."""
MEMBER_LEFT_SENTENCES: Final[dict[str, str]] = {
    "kicked": "{name} was removed from the room",
    "left": "{name} left the room",
    "lost": "the connection to {name} is lost",
}
"""By `MemberLeft.reason`."""
SEAT_SENTENCES: Final[dict[str, str]] = {
    "bot": "bot",
    "closed": "closed",
    "kept": "kept for {name}",
    "open": "open",
    "person": "{name}",
}
"""Who has a seat, by `RoomSeat.kind`."""
LEVEL_SENTENCES: Final[dict[str, str]] = {"easy": "easy", "medium": "medium", "hard": "hard"}
"""How strong a bot plays, by `RoomSeat.level`."""
VOTE_SENTENCES: Final[dict[str, str]] = {
    "game": "play {argument} next",
    "kick": "remove {argument} from the room",
    "pause": "pause the next round",
    "restart": "start the round again",
}
"""What a vote is about, by `RoomVote.kind`. The argument is the title of a game, or the name of a member."""


def left_text(reason: str) -> str:
    """Why we are no longer in the room."""
    return _said(LEFT_SENTENCES, reason)


def member_left_text(reason: str, name: str) -> str:
    """Why the member `name` is no longer in the room."""
    return _said(MEMBER_LEFT_SENTENCES, reason, name=name)


def seat_text(kind: str, name: str) -> str:
    """Who has a seat; `name`: of the person."""
    return _said(SEAT_SENTENCES, kind, name=name)


def level_text(level: str) -> str:
    """How strong a bot plays; empty if nobody said."""
    return _said(LEVEL_SENTENCES, level) if level else ""


def bot_name(seat: int) -> str:
    """What the bot on that seat is called."""
    return gettext("Bot {number}", number=seat + 1)


def team_text(team: int) -> str:
    return gettext("Team {number}", number=team + 1)


def vote_text(kind: str, argument: str, name: str) -> str:
    """What is voted on. `name`: of the member that the argument names, if it does."""
    return _said(VOTE_SENTENCES, kind, argument=game_title(argument) if kind == "game" else name or argument)


def _said(table: dict[str, str], code: str, **params: Param) -> str:
    """The sentence of `code`; one that only a newer program knows is named."""
    return gettext(table[code], **params) if code in table else sentence(code, params)


def series_text(first_to: int) -> str:
    """What a series is played for; 0: it has no end."""
    if not first_to:
        return gettext("rounds without end")
    return ngettext("first to {n} win", "first to {n} wins", first_to)
