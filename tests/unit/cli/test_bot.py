"""What the bot does about a match that is interrupted, resumed or mended, and the exit code it ends with."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import pytest

from p2pgame.cli.exits import Exit
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.netcode.clocks import ClockFace
from p2pgame.session import events as e
from p2pgame.session.status import StatusCode
from tests.unit.cli.fake_node import FakeNode
from tests.unit.cli.fake_node import play as play_bot

WON = Outcome(winners=(0,), reason="five in a row")
RESUMABLE = e.MatchResumable(match="m", game="gomoku", peer="ann", name="Ann", frames=3, started=0.0)
PAUSED = e.MatchPaused(match="m", reason="connection")
RESUMED = e.MatchResumed(match="m", reason="connection")


ANN: dict[str, Any] = {
    "peer": "ann", "name": "Ann", "tag": "ANN", "instance": "1", "address": "a", "tcp_port": 1,
    "udp_port": 1, "via": (), "status": "idle", "games": ("gomoku",), "compatible": True, "reason": "",
}  # fmt: skip


def ended(outcome: Outcome = WON) -> e.MatchEnded:
    return e.MatchEnded(match="m", outcome=outcome, frames=9, hash="00", stats=e.Stats())


def play(
    monkeypatch: pytest.MonkeyPatch, script: Callable[[FakeNode], Coroutine[Any, Any, None]], *options: str
) -> int:
    return play_bot(monkeypatch, script, "--game", "gomoku", *options)


def test_an_interrupted_match_is_resumed_before_anybody_is_invited(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(RESUMABLE)
        await node.until("resume", "m")
        node.emit(e.PeerFound(**ANN))
        await asyncio.sleep(0)
        assert ("invite", "ann") not in node.calls
        node.emit(ended())

    assert play(monkeypatch, script, "--invite", "Ann") == 0


def test_a_bot_heeds_the_clock_of_its_match(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[float] = []
    monkeypatch.setattr("p2pgame.games.gomoku.bot.Bot.allow", lambda self, seconds: allowed.append(seconds))

    async def script(node: FakeNode) -> None:
        node.show(paused=False)
        assert node.view is not None
        face = ClockFace(main=20_000, period=0, periods=0, used=0, running=True, at=0.0)
        config = msgspec.structs.replace(node.view.config, clock="1 min + 1 s")
        node.view = msgspec.structs.replace(node.view, config=config, clocks=(face, face))
        node.emit(RESUMED)
        async with asyncio.timeout(5):
            while not any(call[0] == "submit" for call in node.calls):
                node.news.clear()
                await node.news.wait()
        node.emit(ended())

    assert play(monkeypatch, script, "--level", "1") == 0
    assert allowed == [pytest.approx(1.7)]


OLD = {
    **ANN,
    "compatible": False,
    "reason": "other_protocol",
    "reason_params": {"theirs": 1, "ours": 2},
}


@pytest.mark.parametrize(
    ("ann", "words"),
    [(OLD, ("Ann", "protocol 1", "2")), (ANN | {"status": "busy"}, ("Ann is busy",))],
    ids=["another protocol", "busy"],
)
def test_who_is_there_and_cannot_be_invited_is_named_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ann: dict[str, Any],
    words: tuple[str, ...],
) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(e.PeerFound(**ann))

    assert play(monkeypatch, script, "--invite", "Ann", "--wait", "0.01") == Exit.REFUSED
    error = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert error["event"] == "error"
    assert all(word in error["message"] for word in words), error


def test_who_left_again_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(e.PeerFound(**OLD))
        node.emit(e.PeerLost(peer="ann", name="Ann", instance="1", reason="goodbye"))

    assert play(monkeypatch, script, "--invite", "Ann", "--wait", "0.01") == Exit.NO_SUCH_PEER


def test_an_interrupted_match_of_another_game_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(e.MatchResumable(match="m", game="pong", peer="p", name="P", frames=3, started=0.0))
        await asyncio.sleep(0)
        assert node.calls == []
        node.emit(ended())

    assert play(monkeypatch, script) == 0


def test_it_claims_as_soon_as_it_may_and_the_connection_counts_as_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def script(node: FakeNode) -> None:
        node.show(claim_in=0.0)
        node.emit(PAUSED)
        await node.until("claim")
        node.emit(ended(Outcome.by(EndedBy.CLAIMED, winners=(0,))))

    assert play(monkeypatch, script) == 5


def test_with_less_patience_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.show(claim_in=30.0)
        node.emit(PAUSED)

    assert play(monkeypatch, script, "--patience", "0") == 5


def test_nothing_is_played_while_it_is_paused_and_the_move_is_thought_of_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def script(node: FakeNode) -> None:
        node.show(claim_in=30.0)
        node.emit(PAUSED)
        await asyncio.sleep(0)
        assert node.calls == []
        node.show(paused=False)
        node.emit(RESUMED)
        async with asyncio.timeout(5):
            while not node.calls:
                await node.news.wait()
        ((what, *_),) = node.calls
        assert what == "submit"
        node.emit(ended())

    assert play(monkeypatch, script) == 0


def test_what_was_thought_of_before_the_pause_is_not_played_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.show(paused=False)
        others = asyncio.all_tasks()
        node.emit(e.Move(match="m", frame=0, player=1, move="H8"))
        thinking = asyncio.all_tasks() - others
        await asyncio.sleep(0)
        node.emit(PAUSED)
        node.show(paused=False, to_move=())  # it is not our turn in the state that is mended
        node.emit(RESUMED)
        await asyncio.wait(thinking)
        assert node.calls == []
        node.emit(ended())

    assert play(monkeypatch, script) == 0


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([e.MatchDesync(match="m", frame=3, ours="a", theirs="b", path="x", mended=True)], 0),
        ([e.ErrorEvent(code="not_recorded")], 0),
        ([e.ErrorEvent(code="connection_lost")], 5),
        ([e.ErrorEvent(code="no_seat")], 5),
        ([e.ErrorEvent(code="illegal_input")], 6),
        (
            [
                e.MatchDesync(match="m", frame=3, ours="a", theirs="b", path="x"),
                e.ErrorEvent(code="desync"),
            ],
            4,
        ),
    ],
    ids=["mended", "not recorded", "lost", "no seat", "cheated", "not mended"],
)
def test_exit_codes(monkeypatch: pytest.MonkeyPatch, events: list[e.Event], code: int) -> None:
    async def script(node: FakeNode) -> None:
        for event in events:
            node.emit(event)
        node.emit(ended())

    assert play(monkeypatch, script) == code


def test_a_bot_that_fails_breaks_its_match_off_and_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, state: object, player: int) -> None:
        raise KeyError("no move")

    monkeypatch.setattr("p2pgame.games.gomoku.bot.Bot.choose", fail)

    async def script(node: FakeNode) -> None:
        node.show(paused=False)
        node.emit(e.Move(match="m", frame=0, player=1, move="H8"))
        await node.until("breakoff", "gomoku", "KeyError: 'no move'", "p2pgame.games.gomoku")
        node.emit(e.ErrorEvent(code="game_failed", params={}))
        node.emit(ended(Outcome.by(EndedBy.FAULT)))

    assert play(monkeypatch, script) == 6


def test_a_board_that_cannot_be_drawn_breaks_the_match_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2pgame.games.gomoku.rules.Gomoku.render", lambda self, state: None)

    async def script(node: FakeNode) -> None:
        node.show(paused=False, to_move=())
        node.emit(e.Move(match="m", frame=1, player=1, move="H8"))
        async with asyncio.timeout(5):
            while not any(call[0] == "breakoff" for call in node.calls):
                await node.news.wait()
        node.emit(e.ErrorEvent(code="game_failed", params={}))
        node.emit(ended(Outcome.by(EndedBy.FAULT)))

    assert play(monkeypatch, script, "--board") == 6


@pytest.mark.parametrize(
    ("options", "answers"),
    [((), ["adjourn", "resume"]), (("--adjourn", "refuse"), ["refuseadjourn", "notnow"])],
)
def test_what_it_answers_to_who_adjourns_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], answers: list[str]
) -> None:
    asked = e.MatchResumeAsked(match="m", game="gomoku", peer="ann", name="Ann")

    async def script(node: FakeNode) -> None:
        node.emit(e.AdjournAsked(match="m", player=1))
        await node.until(answers[0])
        node.emit(msgspec.structs.replace(RESUMABLE, adjourned=True))
        await asyncio.sleep(0)
        assert ("resume", "m") not in node.calls  # not by itself
        node.emit(asked)
        await node.until(answers[1], "m")
        node.emit(ended())

    assert play(monkeypatch, script, *options) == 0


def test_an_adjourned_match_counts_as_played(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.emit(e.MatchAdjourned(match="m", reason="declined"))
        await asyncio.sleep(0)
        node.emit(e.MatchAdjourned(match="m", reason="agreed"))

    assert play(monkeypatch, script) == 0


def test_it_does_not_wait_for_ever_for_who_asked_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(node: FakeNode) -> None:
        node.show(code=StatusCode.ADJOURNED)
        node.emit(e.MatchPaused(match="m", reason="adjourned"))
        await node.until("notnow", "m")
        node.emit(ended())

    assert play(monkeypatch, script, "--wait", "0.01") == 0
