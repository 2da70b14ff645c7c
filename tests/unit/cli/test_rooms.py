"""What the bot does in a room, which room it means, and the exit code it ends with."""

import argparse
import asyncio
import json
from typing import Any

import msgspec
import pytest

from p2pgame.cli.demo import tiles
from p2pgame.cli.exits import Exit, UsageError
from p2pgame.cli.main import build_parser
from p2pgame.cli.output import Printer
from p2pgame.cli.play import RoomSearch
from p2pgame.cli.rooms import RoomWish, exit_of, room_wish
from p2pgame.core.game import Outcome, Setup
from p2pgame.core.registry import installed
from p2pgame.i18n.rooms import LEFT_SENTENCES
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.room_view import RoomMember, RoomSeat, RoomView
from p2pgame.session.view import MatchView
from tests.unit.cli.fake_node import FakeNode, play

ROOM = "00112233aabbccdd"
ANN = "anna7x" + "a" * 20
FOUND = e.RoomFound(
    room=ROOM, name="Ann", game="tron", leader=ANN, seats=4, taken=1, running=False, locked=False
)
JOINED = e.RoomJoined(room=ROOM, leader=ANN, game="tron")
OVER = e.MatchEnded(
    match="m1", outcome=Outcome(winners=(0,), reason="x"), frames=9, hash="00", stats=e.Stats()
)


def room(
    *, me: int = 1, ready: bool = False, kinds: str = "ppo", phase: str = "open", **fields: Any
) -> RoomView:
    """A room of Ann's with us; `me`: players here. `kinds`: p for a person, o for an open seat, b for a bot."""
    names = {"p": "person", "o": "open", "b": "bot"}
    values: dict[str, Any] = {
        "room": ROOM, "leader": ANN, "me": "me", "game": "tron", "config": None,
        "members": (RoomMember(peer=ANN, name="Ann"), RoomMember(peer="me", name="Me", local=me, ready=ready)),
        "seats": tuple(RoomSeat(kind=names[kind]) for kind in kinds), "phase": phase,
    }  # fmt: skip
    return RoomView(**(values | fields))


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def calls(node: FakeNode, name: str) -> list[tuple[Any, ...]]:
    return [call for call in node.calls if call[0] == name]


def test_it_opens_a_room_and_is_ready_once_no_seat_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        await node.until("openroom", "tron", None, 3, 1, 2, *_defaults("OpenRoom", 5))
        node.emit(JOINED)
        node.show_room(room(leader="me"))
        await settled()
        assert calls(node, "setready") == [], "a seat is open"
        node.show_room(room(leader="me", kinds="ppb"))
        await node.until("setready", True)
        node.show_room(room(leader="me", kinds="ppb", ready=True))
        node.emit(OVER)
        await node.until("leaveroom")

    assert play(monkeypatch, script, "--open", "tron", "--seats", "3", "--bots", "1", "--local", "2") == 0


def _defaults(command: str, given: int) -> tuple[Any, ...]:
    """The values of the fields of a command that are not given."""
    from p2pgame.session import commands

    fields = msgspec.structs.fields(getattr(commands, command))
    return tuple(field.default for field in fields[given:])


def test_it_waits_for_people_on_open_seats_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(JOINED)
        node.show_room(room(leader="me"))
        await node.until("setready", True)
        node.emit(OVER)

    assert play(monkeypatch, script, "--open", "tron", "--wait", "0.05") == 0


def test_it_joins_the_room_that_is_meant_and_is_ready_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(msgspec.structs.replace(FOUND, room="ff", name="Ben", leader="b" * 26))
        await settled()
        assert calls(node, "joinroom") == []
        node.emit(FOUND)
        await node.until("joinroom", ROOM, 2)
        node.emit(JOINED)
        node.show_room(room(joining=True))
        await settled()
        assert calls(node, "setready") == [], "not let in yet"
        node.show_room(room())
        await node.until("setready", True)
        node.show_room(room(phase="playing", ready=True))
        node.emit(OVER)
        await settled()
        assert calls(node, "leaveroom") == [], "one more round"
        node.show_room(room(phase="table"))
        node.emit(OVER)

    assert play(monkeypatch, script, "--join", "ann", "--local", "2", "--matches", "2") == 0


@pytest.mark.parametrize("name", ["Ann", "ANNA", "ANNA-7XAA", ANN, ROOM])
def test_a_room_is_meant_by_its_leaders_name_tag_or_id_or_its_own_id(name: str) -> None:
    args = build_parser().parse_args(["bot", "--join", name])
    wish = room_wish(args, installed())
    assert wish is not None
    assert wish.joining(FOUND) is not None
    assert wish.joining(msgspec.structs.replace(FOUND, room="ff", name="Ben", leader="b" * 26)) is None


def test_who_watches_is_never_ready_and_leaves_after_the_round(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(FOUND)
        await node.until("joinroom", ROOM, 0)
        node.emit(JOINED)
        node.show_room(room(me=0))
        await settled()
        node.emit(OVER)
        await node.until("leaveroom")
        assert calls(node, "setready") == []

    assert play(monkeypatch, script, "--watch", "Ann") == 0


def test_a_change_of_the_game_makes_it_ready_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(JOINED)
        node.show_room(room())
        await node.until("setready", True)
        node.show_room(room(ready=True))
        node.show_room(room(game="pong"))
        await settled()
        assert len(calls(node, "setready")) == 2
        node.emit(OVER)

    assert play(monkeypatch, script, "--join", "Ann") == 0


@pytest.mark.parametrize("reason", sorted(set(LEFT_SENTENCES) - {"no_such_room"}))
def test_why_it_is_out_again_is_the_exit_code(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(FOUND)
        node.emit(e.RoomLeft(room=ROOM, reason=reason))

    expected = {"left": 0, "closed": 5, "unreachable": 5}.get(reason, 6)
    assert play(monkeypatch, script, "--join", "Ann") == expected == exit_of(reason)


def test_who_asked_a_leader_that_was_started_anew_looks_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(FOUND)
        await settled()
        node.emit(e.RoomLeft(room=ROOM, reason="no_such_room"))
        await settled()
        node.emit(FOUND)
        await settled()
        assert len(calls(node, "joinroom")) == 2
        node.emit(e.RoomLeft(room=ROOM, reason="no_such_room"))

    assert play(monkeypatch, script, "--join", "Ann", "--wait", "0.05") == Exit.NO_SUCH_PEER


def test_no_such_room_in_time(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def script(node: FakeNode) -> None:
        pass

    assert play(monkeypatch, script, "--join", "Ann", "--wait", "0.05") == Exit.NO_SUCH_PEER
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["message"] == "no room of Ann was found in 0 s"


def test_a_room_that_is_gone_when_it_is_to_be_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(FOUND)
        node.emit(e.ErrorEvent(code="not_now", params={"reason": "no_such_room"}))

    assert play(monkeypatch, script, "--join", "Ann") == Exit.NO_SUCH_PEER


def test_a_room_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(e.ErrorEvent(code="not_now", params={"reason": "match_on"}))

    assert play(monkeypatch, script, "--open", "tron") == Exit.REFUSED


def test_a_desync_that_is_not_repaired_ends_it_after_the_round(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(JOINED)
        node.emit(e.MatchDesync(match="m1", frame=3, ours="a", theirs="b", path=None))
        node.emit(OVER)

    assert play(monkeypatch, script, "--join", "Ann", "--matches", "0") == Exit.DESYNC


def test_it_declines_what_comes_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(JOINED)
        node.emit(
            e.InviteReceived(
                invite="i", peer=ANN, name="Ann", game="tron", expires=9.0, config={}, rematch=False
            )
        )
        node.emit(e.RoomOffered(room="ff", peer=ANN, name="Ann", game="tron"))
        await node.until("decline", "i")
        await node.until("declineroom", "ff")
        node.emit(OVER)

    assert play(monkeypatch, script, "--join", "Ann") == 0


def match_of(game: str, seats: tuple[int, ...]) -> MatchView:
    """A match of three, or two by turns, of which we have `seats`."""
    plugin = installed().get(game)
    assert plugin is not None
    players, config = (
        (3, plugin.game.config_type()) if plugin.game.tick_rate else (2, plugin.game.config_type())
    )
    state = plugin.game.initial(Setup(players=players, seed=1, config=config))
    return MatchView(
        match="m1", game=game, host=ANN, players=(ANN,) * players, names=("",) * players, me=seats[0],
        seats=seats, config=config, state=state, frame=0, to_move=plugin.game.to_move(state) or (),
        outcome=None, rtt_ms=None, hash="", tick_rate=plugin.game.tick_rate, room=ROOM,
    )  # fmt: skip


def test_it_plays_all_its_seats_in_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(JOINED)
        node.show_match(match_of("tron", (1, 2)))
        await settled()
        assert {call[2] for call in calls(node, "submit")} == {None, 2}, "our first seat needs no number"
        node.emit(OVER)

    assert play(monkeypatch, script, "--join", "Ann") == 0


def test_it_gives_no_input_for_a_seat_that_it_has_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(JOINED)
        view = match_of("tron", (1, 2))
        node.show_match(view)
        node.view = msgspec.structs.replace(view, me=2, seats=(2,))
        await settled()
        assert [call[2] for call in calls(node, "submit")] == [None], "a bot has the other one"
        node.emit(OVER)

    assert play(monkeypatch, script, "--join", "Ann") == 0


def test_it_plays_all_its_seats_by_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(JOINED)
        view = match_of("gomoku", (0, 1))
        plugin = installed().get("gomoku")
        assert plugin is not None
        second = plugin.game.advance(view.state, (plugin.bot(1).choose(view.state, 0), None))
        for frame, seat, state in ((0, 0, view.state), (1, 1, second)):
            node.view = msgspec.structs.replace(view, frame=frame, to_move=(seat,), state=state)
            node.emit(e.Move(match="m1", frame=frame, player=seat, move="H8"))
            async with asyncio.timeout(5):
                while len(calls(node, "submit")) <= frame:
                    node.news.clear()
                    await node.news.wait()
        assert [call[2] for call in calls(node, "submit")] == [None, 1]
        node.emit(OVER)

    assert play(monkeypatch, script, "--join", "Ann") == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--open", "chess"], "unknown_game"),
        (["--open", "gomoku", "--seats", "3"], "wrong_number_of_seats"),
        (["--join", "Ann", "--seats", "3"], "only_with_open"),
        (["--game", "tron", "--bots", "1"], "only_with_open"),
        (["--game", "tron", "--local", "2"], "only_in_a_room"),
        (["--watch", "Ann", "--local", "2"], "only_in_a_room"),
        (["--open", "tron", "--seats", "2", "--local", "3"], "more_players_than_seats"),
        (["--open", "gomoku", "--local", "3"], "more_players_than_seats"),
    ],
)
def test_options_that_do_not_go_together(options: list[str], code: str) -> None:
    args = build_parser().parse_args(["bot", *options])
    with pytest.raises(UsageError) as raised:
        room_wish(args, installed())
    assert raised.value.code == code


@pytest.mark.parametrize(
    "options",
    [["--seats", "9"], ["--bots", "-1"], ["--local", "x"], ["--join", "a", "--open", "tron"], ["--watch"]],
)
def test_options_that_are_none(options: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        build_parser().parse_args(["play", *options])
    assert raised.value.code == Exit.USAGE


def test_play_takes_the_same_options() -> None:
    def of(command: str) -> argparse.Namespace:
        options = ["--open", "tron", "--seats", "4", "--bots", "2", "--local", "2"]
        return build_parser().parse_args([command, *options])

    assert room_wish(of("play"), installed()) == room_wish(of("bot"), installed()) is not None
    plain = build_parser().parse_args(["play"])
    assert room_wish(plain, installed()) is None


def test_the_window_opens_a_room_at_once_or_joins_the_one_that_is_meant_once() -> None:
    class Client:
        def __init__(self) -> None:
            self.sent: list[Any] = []

        def send(self, command: Any) -> None:
            self.sent.append(command)

    client: Any = Client()
    RoomSearch(client, RoomWish(game="tron", seats=3))
    assert [(type(c).__name__, c.game, c.seats) for c in client.sent] == [("OpenRoom", "tron", 3)]
    client.sent.clear()
    search = RoomSearch(client, RoomWish(target="Ann", local=2))
    for event in (JOINED, FOUND, FOUND):
        search.notice(event)
    assert [(type(c).__name__, c.room, c.local) for c in client.sent] == [("JoinRoom", ROOM, 2)]


def test_who_was_ended_in_a_round_comes_back_by_the_same_command_whoever_leads() -> None:
    ben = "b" * 26
    left = e.MatchResumable(
        match="00" * 8, game="tron", peer=ben, name="Ben", frames=60, started=0.0,
        room=ROOM, players=(ANN, ben), names=("Ann", "Ben"),
    )  # fmt: skip
    led_by_ben = msgspec.structs.replace(FOUND, leader=ben, name="Ben")
    for target in ("Ann", "ben", ANN, ROOM):
        wish = RoomWish(target=target)
        joining = wish.joining(led_by_ben, left)
        assert isinstance(joining, c.JoinRoom)
        assert joining.room == ROOM
    assert RoomWish(target="Ann").joining(led_by_ben) is None, "who never was in it means the leader"
    assert RoomWish(target="Cid").joining(led_by_ben, left) is None
    elsewhere = msgspec.structs.replace(led_by_ben, room="ff" * 8)
    assert RoomWish(target="Ann").joining(elsewhere, left) is None


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (FOUND, "# room of Ann (ANNA-7XAA): Tron, 1 of 4 seats taken"),
        (
            msgspec.structs.replace(FOUND, running=True, locked=True),
            "# room of Ann (ANNA-7XAA): Tron, 1 of 4 seats taken  [playing, locked]",
        ),
        (e.RoomLost(room=ROOM, name="Ann"), "- the room of Ann is gone"),
        (JOINED, f"in room {ROOM}, for Tron"),
        (e.RoomLeft(room=ROOM, reason="kicked"), "you were removed from the room for a minute"),
        (e.RoomLeft(room=ROOM, reason="of_tomorrow"), "an unexpected problem (of_tomorrow)"),
        (e.MemberJoined(room=ROOM, peer=ANN, name="Ann"), "Ann (ANNA-7XAA) came into the room"),
        (
            e.MemberLeft(room=ROOM, peer=ANN, name="Ann", reason="lost"), "the connection to Ann is lost",
        ),
        (e.SeatChanged(room=ROOM, seat=1, kind="bot", peer=""), "seat 2: Bot 2"),
        (e.SeatChanged(room=ROOM, seat=1, kind="bot", peer=ANN, name="Ben"), "seat 2: a bot plays for Ben"),
        (e.SeatChanged(room=ROOM, seat=1, kind="person", peer=ANN, name="Ann"), "seat 2: Ann"),
        (e.SeatChanged(room=ROOM, seat=0, kind="kept", peer=ANN, name="Ann"), "seat 1: kept for Ann"),
        (e.LeaderChanged(room=ROOM, peer=ANN, name="Ann"), "Ann (ANNA-7XAA) leads the room now"),
        (e.RoundStarting(room=ROOM, seconds=3.0), "a round starts in 3 s"),
        (e.RoundStarting(room=ROOM, seconds=0.0), "the round does not start: somebody is not ready"),
        (
            e.VoteStarted(room=ROOM, peer=ANN, name="Ann", kind="game", argument="pong", seconds=20),
            "Ann (ANNA-7XAA) proposes: play Pong next",
        ),
        (e.VoteEnded(room=ROOM, kind="restart", argument="", passed=True), "agreed: start the round again"),
        (e.VoteEnded(room=ROOM, kind="restart", argument="", passed=False), "not agreed: start the round again"),
        (e.HostChanged(match="m1", host=ANN, name="Ann", epoch=2), "Ann (ANNA-7XAA) carries the match now"),
        (e.Spectating(match="m1", frame=240), "watching from frame 240 on"),
        (e.RoomOffered(room=ROOM, peer=ANN, name="Ann", game="tron"), "Ann (ANNA-7XAA) asks you into a room for Tron"),
    ],
)  # fmt: skip
def test_the_events_of_rooms_in_words(capsys: pytest.CaptureFixture[str], event: e.Event, line: str) -> None:
    Printer(json=False).event(0.0, event)
    assert capsys.readouterr().out == line + "\n"


def test_json_says_why_one_left(capsys: pytest.CaptureFixture[str]) -> None:
    Printer(json=True).event(1.0, e.RoomLeft(room=ROOM, reason="full"))
    expected = {"t": 1.0, "event": "room_left", "room": ROOM, "reason": "full", "message": "the room is full"}
    assert json.loads(capsys.readouterr().out) == expected


@pytest.mark.parametrize("count", range(2, 9))
@pytest.mark.parametrize("desk", [(1920, 1080), (1366, 768), (3840, 2160)])
def test_windows_of_a_demo_stand_beside_each_other(count: int, desk: tuple[int, int]) -> None:
    places = tiles(count, desk)
    assert len(places) == count

    def apart(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
        across = one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
        down = one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1]
        return across or down

    assert all(apart(a, b) for i, a in enumerate(places) for b in places[:i])
    assert all(x >= 0 and x + w <= desk[0] and y + h <= desk[1] for x, y, w, h in places)
