"""Every text of the window goes through the catalogue: seen with a language that marks each letter it translates.

The pseudo language writes the English text with accents and leaves parameters as they are. So a drawn word in plain
letters is a name, a number or a notation, or a text that never met the catalogue.
"""

import gettext as gnu
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pygame
import pytest

import p2pgame
from p2pgame.core.game import Setup
from p2pgame.games.gomoku.rules import Move
from p2pgame.i18n import catalogue
from p2pgame.i18n.extract import extract_game, extract_platform
from p2pgame.i18n.rooms import LEFT_SENTENCES
from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.replay.errors import Problem
from p2pgame.session import events as ev
from p2pgame.session.room_view import ListedRoom, RoomSeat, RoomVote
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.room import RoomScene
from p2pgame.ui.text import Fonts
from tests.ui.desk import Desk
from tests.ui.fake_client import ME, member, peer_id, person, room_of
from tests.ui.recorded import Choose, record, scar

PACKAGE = Path(p2pgame.__file__).parent
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARKED = "àƀćđéƒǵĥíĵķĺḿńóṕɋŕśťúṽẃẋýźÀƁĆĐÉƑǴĤÍĴĶĹḾŃÓṔɊŔŚŤÚṼẂẊÝŹ"
DATA = frozenset(
    {
        "Anna",
        "Ben",
        "Benny",
        "Clara",
        "p2pgame",
        "UDP",
        "balls",
        "vx",
        "BA7X",
        "CA7X",
        "DA7X",
        "Q7F3",
        "disk",
        "other",
    }
)
"""Names, tags and notations that the walks below show."""
WITHOUT_CODE = frozenset(
    {
        "the connection is lost",
        "other protocol version",
    }
)
"""Sentences that still come from the layers below in English and not as codes, as the walks let them."""
_WORD = re.compile(r"\d*[A-Za-z][A-Za-z0-9]+")
_HASH_OR_POINT = re.compile(r"(?=\d*[a-f]*\d)[0-9a-f]{8,64}|(ab){6}|(cd){6}|[A-O]\d+")


def marked(text: str) -> str:
    """`text` with accents on every letter outside of ``{name}``."""
    parts = re.split(r"(\{[^}]*\})", text)
    return "".join(
        part if i % 2 else part.translate(str.maketrans(PLAIN, MARKED)) for i, part in enumerate(parts)
    )


class Pseudo(gnu.NullTranslations):
    """Marks the message ids that a translator gets to see; any other text stays as it is."""

    def __init__(self, ids: frozenset[str]) -> None:
        super().__init__()
        self._ids = ids

    def gettext(self, message: str) -> str:
        return marked(message) if message in self._ids else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@cache
def pseudo_of(package: str) -> Pseudo:
    """The catalogue of the game in `package`; empty: of the platform."""
    if not package:
        messages = extract_platform(PACKAGE)
        ids = {text for message in messages for text in (message.text, message.plural)}
        return Pseudo(frozenset(ids))
    return Pseudo(
        frozenset(message.text for message in extract_game(PACKAGE.parent / package.replace(".", "/")))
    )


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every line of text that is drawn, in the pseudo language."""
    monkeypatch.setattr(catalogue, "_platform", lambda: pseudo_of(""))
    monkeypatch.setattr(catalogue, "_of_game", pseudo_of)
    lines: set[str] = set()
    render = Fonts.render

    def noting(self: Fonts, text: str, *args: Any, **kwargs: Any) -> pygame.Surface:
        lines.add(text)
        return render(self, text, *args, **kwargs)

    monkeypatch.setattr(Fonts, "render", noting)
    return lines


def untranslated(lines: set[str]) -> set[str]:
    """The drawn lines with a word in plain letters that is no data."""
    ids = {ME.upper(), peer_id(1).upper()}
    chunks = {i[at : at + 4] for i in ids for at in range(0, len(i), 4)}
    found = set()
    for line in lines:
        if any(text in line.lower() for text in WITHOUT_CODE):
            continue
        words = {word for word in _WORD.findall(line) if word not in DATA | chunks}
        if any(not _HASH_OR_POINT.fullmatch(word) for word in words):
            found.add(line)
    return found


def press(desk: Desk, label: str) -> None:
    desk.press(marked(label))


def begin(desk: Desk, game: str = "gomoku") -> str:
    """A match against Ben, who invites."""
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.peer_invites(ben, game=game)
    desk.go(0.7)
    press(desk, "Accept")
    desk.go(0.2)
    assert desk.shows == "MatchScene"
    return ben


def entries() -> list[HistoryEntry]:
    results = (("won", "five in a row"), ("lost", "resigned"), ("draw", "board full"))
    results += (("unfinished", "connection_lost"), ("open", ""), ("won", "claimed"), ("lost", "abandoned"))
    return [
        HistoryEntry(
            match=f"m{i}", game="pong" if i % 2 else "gomoku", peer=peer_id(1), name="Ben", me=0,
            started=1_790_000_000.0, duration=75.0 * i, frames=24, result=result, reason=reason,
        )
        for i, (result, reason) in enumerate(results)
    ]  # fmt: skip


def lobby(desk: Desk) -> None:
    desk.go()
    desk.client.add_peer(1, "Ben")
    desk.client.add_peer(2, "Clara", compatible=False, reason="other protocol version")
    desk.go()
    for fields in (
        {"status": "busy", "playing": "gomoku"},
        {"status": "busy", "playing": ""},
        {"status": "idle", "games": {}},
        {"games": {"gomoku": "0" * 16}},
    ):
        desk.client.change_peer(peer_id(1), **fields)
        desk.go(0.5)
        desk.key(pygame.K_RETURN)
    desk.client.know(peer_id(1), blocked=True, name="Benny")
    desk.go(0.5)
    desk.client.remove_peer(peer_id(1))
    desk.go(0.5)
    desk.key(pygame.K_F6)
    desk.key(pygame.K_F2)
    desk.key(pygame.K_ESCAPE, pygame.K_ESCAPE)
    assert desk.shows == "Confirm"


def name(desk: Desk) -> None:
    desk.app.router.push(Desk(first_run=True).scene)
    desk.go()


def invitations(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.go()
    press(desk, "Invite")
    assert desk.shows == "InviteSentDialog"
    for reason in ("declined", "busy", "incompatible", "unreachable"):
        desk.client.peer_declines(reason)
        desk.go(1.5)
        press(desk, "Invite")
    desk.client.invite_expires()
    desk.go(1.5)
    desk.client.impostors[ben] = "Ben"
    desk.client.peer_invites(ben, rematch=True)
    desk.go(0.6)
    desk.client.peer_cancels("vanished")
    desk.go(2)
    press(desk, "Invite")
    assert desk.shows == "Confirm"


def turn_based_match(desk: Desk) -> None:
    begin(desk)
    desk.key(pygame.K_RETURN, pygame.K_RETURN)
    assert desk.client.match() is not None
    desk.client.peer_moves(0)
    desk.go(0.3)
    desk.key(pygame.K_F3)
    desk.click(desk.point(0))
    for reason in ("connection", "closed", "restarted", "desync"):
        desk.client.pause(reason, claim_in=5.0)
        desk.go(2)
        desk.key(pygame.K_RETURN)
        desk.go(4)
        desk.client.go_on()
        desk.go(0.5)
    desk.client.pause("connection", claim_in=2.0)
    desk.go(3)
    press(desk, "Claim the match")
    desk.go(1)
    assert desk.shows == "Result"


def real_time_match(desk: Desk, game: str) -> None:
    begin(desk, game)
    desk.key(pygame.K_F3)
    desk.go(4)
    match = desk.top(MatchScene).match
    for owner in ("ours", "theirs", ""):
        desk.client.tell(
            ev.MatchDesync(
                match=match.match, frame=9, ours="ab" * 6, theirs="cd" * 6, path="balls[0].vx",
                mended=True, taken=owner,
            )
        )  # fmt: skip
        desk.go(0.2)
    desk.client.pause("connection")
    desk.go(3)
    desk.client.go_on()
    desk.go(1)
    press(desk, "Resign")
    desk.go(0.2)
    press(desk, "Resign")
    desk.go(1)
    assert desk.shows == "Result"
    desk.client.remove_peer(peer_id(1))
    desk.go(0.5)


def pong(desk: Desk) -> None:
    real_time_match(desk, "pong")


def tron(desk: Desk) -> None:
    real_time_match(desk, "tron")


def practice(desk: Desk) -> None:
    press(desk, "Practice")
    if desk.shows == "PracticeDialog":
        press(desk, "Start")
    desk.go(0.5)
    assert desk.shows == "PracticeScene"
    desk.key(pygame.K_ESCAPE)
    desk.go(0.1)
    press(desk, "Stop")
    press(desk, "Stop")
    desk.go(0.5)
    assert desk.shows == "Result"


def history(desk: Desk) -> None:
    desk.key(pygame.K_F5)
    desk.go(0.1)
    desk.key(pygame.K_ESCAPE)
    desk.client.entries = entries()
    desk.client.scores[peer_id(1)] = Score(3, 1, 1)
    desk.key(pygame.K_F5)
    desk.go(0.2)
    desk.key(pygame.K_END, pygame.K_HOME, pygame.K_RETURN)
    desk.go(0.2)
    press(desk, "Delete…")
    desk.go(0.1)
    assert desk.shows == "Confirm"


def resumable(desk: Desk) -> None:
    for number, (game, frames) in enumerate((("gomoku", 1), ("pong", 400))):
        event = ev.MatchResumable(
            match=f"m{number}", game=game, peer=peer_id(1), name="Ben", frames=frames, started=0.0
        )
        desk.client.tell(event)
        desk.go(0.7)
    press(desk, "Give it up")
    desk.go(0.1)
    assert desk.shows == "Confirm"


def viewer(desk: Desk) -> None:
    for game in ("gomoku", "pong"):
        plugin = desk.client.registry.get(game)
        assert plugin is not None
        moves = [Move(3 * frame) if game == "gomoku" else 0 for frame in range(20)]
        replay = record(plugin, _from(moves), len(moves), winners=(1,))
        setup = Setup(players=2, seed=7, config=plugin.game.config_type())
        scar(replay, paused=3, mended=6, state=plugin.game.initial(setup))
        replay.damage = Problem(code="record_cut", params={})
        desk.client.entries = entries()[:1]
        desk.client.replays["m0"] = replay
        desk.key(pygame.K_F5)
        desk.go(0.1)
        desk.key(pygame.K_RETURN)
        desk.go(0.3)
        assert desk.shows == "Viewer"
        desk.key(pygame.K_SPACE, pygame.K_LEFT)
        for button in desk.scene.form.widgets[1:6]:
            desk.hover(button.rect.center)
        desk.go(0.2)
        desk.key(pygame.K_ESCAPE, pygame.K_ESCAPE)


def _from(moves: Sequence[Any]) -> Choose:
    return lambda state, player, frame: moves[frame]


def known_people(desk: Desk) -> None:
    desk.key(pygame.K_F4)
    desk.key(pygame.K_ESCAPE)
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.add_peer(2, "Clara")
    desk.client.know(ben, met_at=1_790_000_000.0, verified=True, muted=True)
    desk.client.know(peer_id(2), blocked=True, own_name="Ben")
    desk.client.scores[ben] = Score(1, 0, 0)
    desk.go(0.3)
    desk.key(pygame.K_F4)
    desk.go(0.1)
    desk.key(pygame.K_END, pygame.K_RETURN)
    desk.go(0.1)
    desk.key(pygame.K_ESCAPE, pygame.K_HOME, pygame.K_RETURN)
    desk.go(0.1)
    assert desk.shows == "Person"
    press(desk, "Rename…")
    desk.go(0.1)
    desk.key(pygame.K_ESCAPE)
    press(desk, "Forget…")
    desk.go(0.1)
    assert desk.shows == "Confirm"


def verification(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.peer_wants_codes(ben)
    desk.go(0.7)
    assert desk.shows == "VerifyRequestDialog"
    press(desk, "Compare")
    desk.go(0.7)
    for at in range(0, 64, 4):
        desk.client.code_is_there(ben, pictures=range(at, at + 4))
        desk.go(0.1)
    desk.go(0.6)
    desk.key(pygame.K_ESCAPE)
    desk.go(0.1)
    press(desk, "They are the same")
    desk.go(0.7)
    desk.client.codes_over(ben, "cheated")
    desk.go(0.7)
    assert desk.shows == "CodesDifferDialog"
    press(desk, "Understood")
    for reason in ("rejected", "expired", "vanished", "confirmed", "unknown"):
        desk.client.peer_wants_codes(ben)
        desk.go(0.7)
        press(desk, "Compare")
        desk.client.codes_over(ben, reason)
        desk.go(1.5)


def errors(desk: Desk) -> None:
    for code in ("connection_lost", "connect_failed", "cancelled", "abandoned", "no_seat", "other"):
        begin(desk)
        desk.client.tell(ev.ErrorEvent(code=code, params={"name": "Ben"}))
        desk.go(0.3)
        assert desk.shows == "ErrorScene"
        desk.client.leave()
        press(desk, "Back to the lobby")
    begin(desk)
    match = desk.top(MatchScene).match.match
    desk.client.tell(ev.MatchDesync(match=match, frame=9, ours="ab" * 6, theirs="cd" * 6, path="balls[0].vx"))
    desk.go(0.3)
    assert desk.shows == "ErrorScene"


def rooms(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.listed = [
        ListedRoom(room="aa", leader=ben, name="Ben", game="tron", seats=4, taken=1),
        ListedRoom(
            room="bb", leader=ben, name="Ben", game="pong", seats=2, taken=2, running=True, locked=True
        ),
    ]
    desk.go(0.5)
    desk.key(pygame.K_HOME, pygame.K_DOWN)
    desk.client.tell(ev.RoomOffered(room="aa", peer=ben, name="Ben", game="tron"))
    desk.go(0.2)
    assert desk.shows == "RoomOfferDialog"
    desk.go(0.5)
    desk.key(pygame.K_ESCAPE)
    members = [
        member("Anna", local=2),
        member("Ben", 1, rtt_ms=3.0),
        member("Clara", 2, local=0, connected=False),
    ]
    seats = [
        person("Anna"), person("Anna", team=1), person("Ben", 1), person("Clara", 2), RoomSeat(kind="open"),
        RoomSeat(kind="closed"), RoomSeat(kind="bot", level="easy"), RoomSeat(kind="kept", name="Clara"),
    ]  # fmt: skip
    desk.client.room_view = room_of([], seats, joining=True)
    desk.go(0.2)
    desk.client.room_view = room_of(members, seats)
    desk.go(0.2)
    for label in ("Game", "Invite", "Vote", "Leave the room"):
        press(desk, label)
        desk.go(0.1)
        desk.key(pygame.K_ESCAPE)
    for index in range(8):
        desk.click(desk.top(RoomScene).cards[index].rect.center)
        desk.go(0.1)
        desk.key(pygame.K_ESCAPE)
    for kind, argument in (("game", "pong"), ("kick", ben), ("restart", ""), ("pause", "")):
        vote = RoomVote(
            peer=ben, kind=kind, argument=argument, yes=1, no=0, needed=2, until=desk.now + 9,
            ours=True if kind == "pause" else None,
        )  # fmt: skip
        desk.client.change_room(vote=vote)
        desk.go(0.2)
    for phase, held in (
        ("countdown", False),
        ("gathering", False),
        ("playing", False),
        ("table", False),
        ("table", True),
    ):
        desk.client.change_room(
            phase=phase, starts_at=desk.now + 3, held=held, round=2, last=(0, 2), locked=held
        )
        desk.go(0.2)
        press(desk, "Leave the room")
        desk.go(0.1)
        desk.key(pygame.K_ESCAPE)
    for reason in LEFT_SENTENCES:
        desk.client.tell(ev.RoomLeft(room="aa", reason=reason))
        desk.go(5)
    desk.client.room_view = None
    desk.go(0.2)


def a_round(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    members = [member("Anna", local=2), member("Ben", 1)]
    desk.client.room_view = room_of(
        members, [person("Anna"), person("Anna"), person("Ben", 1), RoomSeat(kind="bot")]
    )
    desk.go(0.2)
    match = desk.client.start_round(0, (0, 1), host=ME).match
    desk.go(0.5)
    desk.client.change_match(waiting_for=(("Ben", desk.now - 3),))
    desk.go(0.2)
    for host in (ben, ME):
        desk.client.tell(ev.HostChanged(match=match, host=host, name="Ben", epoch=1))
    desk.client.change_match(waiting_for=(), bots=(2, 3))
    desk.go(0.2)
    desk.client.change_match(bots=(3,))
    desk.go(6)
    desk.client.change_match(me=-1, seats=(), bots=(0, 1, 3))
    desk.go(0.2)
    desk.client.change_match(me=0, seats=(0,), bots=(1,), names=("Anna", "Anna", "Ben", "Clara"))
    desk.go(0.2)
    desk.key(pygame.K_ESCAPE)
    desk.go(0.1)
    desk.key(pygame.K_ESCAPE)
    desk.client.end_round(())
    desk.go(0.5)
    assert desk.shows == "MatchScene"
    desk.go(5)
    assert desk.shows == "RoomScene"


WALKS = (
    lobby, name, invitations, turn_based_match, pong, tron, practice, history, resumable, viewer, known_people,
    verification, errors, rooms, a_round,
)  # fmt: skip


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_every_text_is_translated(walk: Any, drawn: set[str]) -> None:
    desk = Desk(size=(1280, 720))
    desk.client.announce()
    walk(desk)
    assert len([line for line in drawn if any(letter in line for letter in MARKED)]) >= 3
    assert untranslated(drawn) == set()


def test_a_text_that_never_met_the_catalogue_is_found(drawn: set[str]) -> None:
    desk = Desk()
    desk.app.context.toast("Not translated")
    desk.go(0.2)
    assert untranslated(drawn) == {"Not translated"}
