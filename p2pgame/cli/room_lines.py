"""The events of rooms as lines for people."""

from p2pgame.core.ids import long_tag_of
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.i18n.games import game_title
from p2pgame.i18n.rooms import bot_name, left_text, member_left_text, seat_text, vote_text
from p2pgame.session import events as e

__all__ = ["room_line"]


def room_line(event: e.Event) -> str | None:
    """`event` in words; None for one that is not of a room, or not worth a line."""
    match event:
        case e.RoomUpdated():
            return None
        case e.RoomFound():
            return _found(event)
        case e.RoomLost():
            return gettext("- the room of {name} is gone", name=event.name)
        case e.RoomOffered():
            who, game = _who(event.name, event.peer), game_title(event.game)
            return gettext("{who} asks you into a room for {game}", who=who, game=game)
        case e.RoomJoined():
            return gettext("in room {room}, for {game}", room=event.room, game=game_title(event.game))
        case e.RoomLeft():
            return left_text(event.reason)
        case e.MemberJoined():
            return gettext("{who} came into the room", who=_who(event.name, event.peer))
        case e.MemberLeft():
            return member_left_text(event.reason, event.name)
        case e.SeatChanged(kind="bot", name=name) if name:
            return gettext("seat {number}: a bot plays for {name}", number=event.seat + 1, name=name)
        case e.SeatChanged():
            name = bot_name(event.seat) if event.kind == "bot" else seat_text(event.kind, event.name)
            return gettext("seat {number}: {who}", number=event.seat + 1, who=name)
        case e.LeaderChanged():
            return gettext("{who} leads the room now", who=_who(event.name, event.peer))
        case e.HostChanged():
            return gettext("{who} carries the match now", who=_who(event.name, event.host))
        case e.Spectating():
            return gettext("watching from frame {frame} on", frame=event.frame)
    return _round_line(event)


def _round_line(event: e.Event) -> str | None:
    match event:
        case e.RoundStarting(seconds=seconds) if seconds:
            return gettext("a round starts in {seconds} s", seconds=round(seconds))
        case e.RoundStarting():
            return gettext("the round does not start: somebody is not ready")
        case e.VoteStarted():
            what = vote_text(event.kind, event.argument, "")
            return gettext("{who} proposes: {what}", who=_who(event.name, event.peer), what=what)
        case e.VoteEnded(passed=passed):
            what = vote_text(event.kind, event.argument, "")
            return (
                gettext("agreed: {what}", what=what) if passed else gettext("not agreed: {what}", what=what)
            )
    return None


def _found(event: e.RoomFound) -> str:
    seats = ngettext(
        "{taken} of {n} seat taken", "{taken} of {n} seats taken", event.seats, taken=event.taken
    )
    line = gettext(
        "# room of {who}: {game}, {seats}",
        who=_who(event.name, event.leader),
        game=game_title(event.game),
        seats=seats,
    )
    notes = [gettext("playing")] if event.running else []
    notes += [gettext("locked")] if event.locked else []
    return f"{line}  [{', '.join(notes)}]" if notes else line


def _who(name: str, peer: str) -> str:
    return f"{name} ({long_tag_of(peer)})"
