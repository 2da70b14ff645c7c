"""What the screens of a room say of it, of its seats and of who waits for whom."""

import math
from collections.abc import Collection

from p2pgame.core.ids import tag_of
from p2pgame.i18n.catalogue import enumerated, gettext, ngettext
from p2pgame.i18n.rooms import bot_name, level_text, seat_text, vote_text
from p2pgame.session.people.known_peer import Trust
from p2pgame.session.room_view import ListedRoom, RoomMember, RoomSeat, RoomView, RoomVote
from p2pgame.session.view import MatchView
from p2pgame.ui.badge import trust_word
from p2pgame.ui.inputs import Control, Device, KeySet, key_letters
from p2pgame.ui.sentences import listed, sentence

__all__ = [
    "device_text",
    "gamepad_words",
    "listed_room_text",
    "member_of",
    "own_seats",
    "player_names",
    "round_text",
    "seat_note",
    "seat_title",
    "seats_of",
    "seconds_left",
    "unready",
    "vote_line",
    "watchers",
    "wins_of",
]


def member_of(room: RoomView, peer: str) -> RoomMember | None:
    return next((member for member in room.members if member.peer == peer), None)


def seats_of(room: RoomView, peer: str) -> int:
    """How many seats `peer` has."""
    return sum(seat.peer == peer for seat in room.seats)


def unready(room: RoomView) -> list[str]:
    """The names of those who have a seat and are not ready; we are first, lest we wait for others."""
    waited = [m for m in room.members if not m.ready and seats_of(room, m.peer)]
    names = [m.name for m in waited if m.peer != room.me]
    return [gettext("you"), *names] if len(waited) > len(names) else names


def watchers(room: RoomView) -> list[str]:
    """The names of those who have no seat."""
    return [m.name for m in room.members if not seats_of(room, m.peer)]


def wins_of(room: RoomView, seat: int) -> int:
    """Rounds won on that seat in this series."""
    return room.wins[seat] if seat < len(room.wins) else 0


def seat_title(seat: RoomSeat, index: int) -> str:
    """Who has the seat, for its card."""
    return bot_name(index) if seat.kind == "bot" else sentence(seat_text(seat.kind, seat.name))


def seat_note(room: RoomView, seat: RoomSeat, device: str = "") -> str:
    """A few words about who has the seat: ready or not, leader, strength. `device`: what one of ours plays with."""
    member = member_of(room, seat.peer) if seat.kind == "person" else None
    if member is None:
        return level_text(seat.level) if seat.kind == "bot" else ""
    if not member.connected:
        return gettext("not heard")
    ready = gettext("ready") if member.ready else gettext("not ready")
    return listed(
        f"{trust_word(Trust.IMPOSTOR)} ({tag_of(member.peer)})" if member.impostor else "",
        device or (gettext("you") if member.peer == room.me else ""),
        ready if room.phase in ("open", "countdown", "table") else "",
        gettext("leader") if member.peer == room.leader else "",
    )


def seconds_left(room: RoomView, now: float) -> int:
    """Whole seconds until the round, or the next one, starts; 0: now, or nobody knows."""
    return 0 if room.starts_at is None else max(0, math.ceil(room.starts_at - now))


def round_text(room: RoomView, now: float) -> str:
    """What the room is doing. `now`: the clock of `RoomView.starts_at`."""
    left = seconds_left(room, now)
    match room.phase:
        case _ if room.joining:
            return gettext("Joining…")
        case "countdown" if not left:
            return gettext("Starting…")
        case "countdown":
            return gettext("Starts in {seconds} s", seconds=left)
        case "gathering":
            return gettext("Choosing the host…")
        case "playing":
            return gettext("Round {number} is on", number=room.round)
        case "table" if room.held:
            return gettext("The next round is held")
        case "table":
            return gettext("Next round in {seconds} s", seconds=left)
    if len(watchers(room)) == len(room.members):
        return gettext("Nobody plays yet")
    if missing := unready(room):
        names = enumerated(missing[:3]) + (" …" if len(missing) > 3 else "")
        return gettext("Waiting for {names}", names=names)
    return gettext("Everybody is ready")


def vote_line(room: RoomView, vote: RoomVote) -> str:
    """Who wants what."""
    by, about = member_of(room, vote.peer), member_of(room, vote.argument)
    what = vote_text(vote.kind, vote.argument, about.name if about else "")
    return gettext("{name} proposes: {what}", name=by.name if by else gettext("Somebody"), what=what)


def listed_room_text(room: ListedRoom) -> str:
    """How full a room of the list is, and what it is doing."""
    return listed(
        ngettext("{taken} of {n} seat taken", "{taken} of {n} seats taken", room.seats, taken=room.taken),
        gettext("playing") if room.running else gettext("not playing yet"),
        gettext("locked") if room.locked else "",
    )


def device_text(device: Device | None) -> str:
    """What a player on this machine plays with; None: the first player, with what no other one has."""
    match device:
        case None | KeySet.ARROWS:
            return gettext("arrow keys")
        case KeySet.NUMPAD:
            return gettext("number pad")
        case KeySet():
            letters = key_letters(device)
            return " ".join(letters[side] for side in ("up", "left", "down", "right"))
    return gettext("gamepad")


def gamepad_words(steering: Collection[Control]) -> str:
    """How to play with a gamepad: by `steering` with these controls, or if there are none, by choosing and placing."""
    signs = {Control.UP: "↑", Control.DOWN: "↓", Control.LEFT: "←", Control.RIGHT: "→"}
    ways = " ".join(sign for control, sign in signs.items() if control in steering)
    if ways:
        return gettext("Steer with the stick or the cross of your gamepad: {ways}", ways=ways)
    return gettext("Choose with the stick or the cross of your gamepad, and press the lower button.")


def own_seats(match: MatchView) -> tuple[int, ...]:
    """Our player indices; none while we watch."""
    return match.seats or ((match.me,) if match.me >= 0 else ())


def player_names(match: MatchView) -> tuple[str, ...]:
    """The names of the players as they are shown: a bot of a room has none of its own."""
    return tuple(name or bot_name(player) for player, name in enumerate(match.names))
