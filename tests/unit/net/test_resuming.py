"""A match that stands on the disk when a peer starts: offered before anybody can ask for it, resumed or given up."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from p2pgame.core.ids import PeerId
from p2pgame.games.gomoku.rules import Move
from p2pgame.net import node as module
from p2pgame.net.node import Node
from p2pgame.replay.codec import MAGIC, encode_record
from p2pgame.replay.reader import read
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session import link as link_module
from p2pgame.session.effects import CloseLink
from p2pgame.storage.history import History, entry_of
from p2pgame.storage.identity import open_identity
from p2pgame.wire import messages as m
from tests.unit.net.running import run
from tests.unit.net.test_node import Player, config, free_port, playing, two
from tests.unit.storage.matches import THEM, header, match_id, play


def leave(data_dir: Path, moves: int = 6) -> Path:
    """What a killed peer of this data directory left: a match of so many moves with somebody who is not here."""
    me = open_identity(data_dir).peer_id
    about = header(players=(me, THEM), started=time.time())
    path = data_dir / "replays" / "left.p2preplay"
    path.parent.mkdir()
    records = [record for _, _, _, records in play(about, moves) for record in records]
    path.write_bytes(MAGIC + b"".join(map(encode_record, records)))
    history = History(data_dir, me)
    history.put(entry_of(about, path.name), me)
    history.close()
    return path


def test_a_program_that_was_killed_in_two_matches_starts(tmp_path: Path) -> None:
    """Only the newest can be resumed; the other one is closed, and has no end to tell anybody."""
    path = leave(tmp_path / "Ann")
    history = History(tmp_path / "Ann", open_identity(tmp_path / "Ann").peer_id)
    about = header(match=1, players=(history.me, THEM), started=time.time() - 60)
    history.put(entry_of(about, path.name), history.me)
    history.close()

    async def test() -> None:
        for _ in range(2):
            ann = Player(config(tmp_path, free_port(), "Ann"))
            await ann.node.start()
            assert len(ann.told(e.MatchResumable)) == 1
            await ann.node.stop()

    run(test())


def results(node: Node) -> list[tuple[str, str, int]]:
    history = History(node.config.data_dir, node.identity.peer_id)
    try:
        return [(entry.result, entry.reason, entry.frames) for entry in history.all()]
    finally:
        history.close()


def test_it_is_offered_after_the_announcement_and_stays_so_until_somebody_decides(tmp_path: Path) -> None:
    leave(tmp_path / "Ann")

    async def test() -> None:
        for _ in range(2):
            ann = Player(config(tmp_path, free_port(), "Ann"))
            await ann.node.start()
            assert [type(event) for event in ann.story[:2]] == [e.Announcing, e.MatchResumable]
            offered = ann.told(e.MatchResumable)[0]
            assert (offered.match, offered.game, offered.peer, offered.name, offered.frames) == (
                *(match_id(1), "gomoku", THEM, "Ben", 6),
            )
            await ann.node.stop()
            assert results(ann.node) == [("open", "", 0)]

    run(test())


@pytest.mark.parametrize("how", ["foreign", "locked"])
def test_a_history_that_cannot_be_used_hides_no_match(tmp_path: Path, how: str) -> None:
    """It comes back from its file, and the player is told."""
    leave(tmp_path / "Ann")
    file = tmp_path / "Ann" / "history.db"
    if how == "foreign":
        file.write_bytes(b"somebody else's" * 100)

    async def test() -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            if how == "locked":
                other.execute("PRAGMA locking_mode = EXCLUSIVE")
                other.execute("BEGIN EXCLUSIVE")
            ann = Player(config(tmp_path, free_port(), "Ann"))
            await ann.node.start()
            assert [type(event) for event in ann.story[:3]] == [e.Announcing, e.ErrorEvent, e.MatchResumable]
            told = ann.told(e.ErrorEvent)[0]
            assert told.code == "data_file"
            assert (
                told.params["reason"]
                == {
                    "foreign": "database_replaced",
                    "locked": "database_in_memory",
                }[how]
            )
            await ann.node.stop()

    run(test())


def test_matches_that_the_history_misses_come_back_from_their_files(tmp_path: Path) -> None:
    """Another program had locked it while they were played."""
    leave(tmp_path / "Ann")
    (tmp_path / "Ann" / "history.db").unlink()
    me = open_identity(tmp_path / "Ann").peer_id
    History(tmp_path / "Ann", me).close()  # it is there, and knows nothing

    async def test() -> None:
        ann = Player(config(tmp_path, free_port(), "Ann"))
        await ann.node.start()
        assert ann.told(e.ErrorEvent) == []
        assert [offered.match for offered in ann.told(e.MatchResumable)] == [match_id(1)]
        await ann.node.stop()

    run(test())


def test_given_up_it_is_lost_and_offered_no_more(tmp_path: Path) -> None:
    path = leave(tmp_path / "Ann")

    async def test() -> None:
        ann = Player(config(tmp_path, free_port(), "Ann"))
        await ann.node.start()
        ann.node.execute(c.Abandon(match_id(1)))
        await ann.node.stop()
        assert [(result, frames) for result, _, frames in results(ann.node)] == [("lost", 6)]
        replay = read(path.read_bytes())
        assert replay.damage is None
        assert replay.end is not None
        assert not replay.end.agreed
        again = Player(config(tmp_path, free_port(), "Ann"))
        assert again.node.identity.peer_id == ann.node.identity.peer_id
        await again.node.start()
        word = m.Resume(match=match_id(1), session=2, frame=6, hash=bytes(16), fresh=True)
        lobby = again.node.lobby
        lobby.link_opened(1, PeerId(THEM), "Ben", None, 0.0)
        lobby.link_message(1, word, 0.0)
        told = [effect.code for effect in lobby.effects() if isinstance(effect, CloseLink)]
        assert told == ["resigned"]
        await again.node.stop()
        assert again.told(e.MatchResumable) == []

    run(test())


@pytest.mark.timing
def test_resumed_it_waits_for_the_other_and_outlives_the_program_again(tmp_path: Path) -> None:
    path = leave(tmp_path / "Ann")

    async def test() -> None:
        ann = Player(config(tmp_path, free_port(), "Ann"))
        await ann.node.start()
        ann.node.execute(c.Resume(match_id(1)))
        assert (await ann.wait(e.MatchPaused)).reason == "restarted"
        view = ann.node.match_view()
        assert view is not None
        assert (view.frame, view.pause is not None) == (6, True)
        ann.node.execute(c.Claim())
        assert ann.told(e.ErrorEvent)[-1].code == "not_now"
        began = time.monotonic()
        await ann.node.stop()
        assert time.monotonic() - began < 1.0
        assert results(ann.node)[0][0] == "open"
        assert read(path.read_bytes()).end is None

    run(test())


def test_nobody_is_heard_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that is told "no seat" would give the match up: so the sockets open only afterwards."""
    leave(tmp_path / "Ann")
    order: list[str] = []
    find = module.find_interrupted

    def slowly(*about: Any) -> Any:
        order.append("read")
        return find(*about)

    monkeypatch.setattr(module, "find_interrupted", slowly)

    async def test() -> None:
        ann = Player(config(tmp_path, free_port(), "Ann"))
        start = ann.node.discovery.start

        async def opening() -> None:
            order.append("open")
            await start()

        monkeypatch.setattr(ann.node.discovery, "start", opening)
        await ann.node.start()
        await ann.node.stop()

    run(test())
    assert order == ["read", "open"]


def test_a_session_that_falls_silent_is_replaced_and_play_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "LINK_QUIET", 0.2)
    monkeypatch.setattr(link_module, "HEARTBEAT_INTERVAL", 0.05)

    async def play(ann: Player, ben: Player) -> None:
        before = ann.node.lobby.session
        assert before is not None
        for connection in ben.node.links._connections.values():
            connection.flush = lambda: None  # type: ignore[method-assign]
        for _ in range(500):
            if ann.node.lobby.session not in (None, before):
                break
            await asyncio.sleep(0.01)
        assert ann.node.lobby.session not in (None, before)
        first, second = (ann, ben) if ann.told(e.MatchStarted)[0].me == 0 else (ben, ann)
        first.node.execute(c.Submit(Move(112)))
        await second.wait(e.Move)
        second.node.execute(c.Submit(Move(113)))
        await first.wait(e.Move, 2)
        assert [player.told(e.ErrorEvent) for player in (ann, ben)] == [[], []]

    playing(tmp_path, play)


def test_an_adjourned_match_goes_on_in_two_later_programs(tmp_path: Path) -> None:
    """Two programs adjourn it and end; two others of the same data directories go on with it, and sign its end."""

    async def adjourn(ann: Player, ben: Player) -> None:
        first, second = (ann, ben) if ann.told(e.MatchStarted)[0].me == 0 else (ben, ann)
        first.node.execute(c.Submit(Move(112)))
        await second.wait(e.Move)
        ann.node.execute(c.Adjourn())
        await ben.wait(e.AdjournAsked)
        ben.node.execute(c.Adjourn())
        for player in (ann, ben):
            assert (await player.wait(e.MatchAdjourned)).reason == "agreed"
            assert not player.node.match_running

    playing(tmp_path, adjourn)

    async def go_on() -> None:
        async with two(tmp_path) as (ann, ben):
            assert [results(player.node) for player in (ann, ben)] == [[("adjourned", "", 1)]] * 2
            match = (await ann.wait(e.MatchResumable)).match
            await ann.wait(e.PeerFound)
            ann.node.execute(c.Resume(match))
            ben.node.execute(c.Resume((await ben.wait(e.MatchResumeAsked)).match))
            for player in (ann, ben):
                assert (await player.wait(e.MatchResumed)).reason == "adjourned"
            view = ann.node.match_view()
            assert view is not None
            mover = ann if view.me in view.to_move else ben
            mover.node.execute(c.Submit(Move(113)))
            await (ben if mover is ann else ann).wait(e.Move)
            ann.node.execute(c.Resign())
            for player in (ann, ben):
                assert (await player.wait(e.MatchEnded)).frames == 2
        for player in (ann, ben):
            assert [(reason, frames) for _, reason, frames in results(player.node)] == [("resigned", 2)]
            (path,) = (player.node.config.data_dir / "replays").iterdir()
            replay = read(path.read_bytes())
            assert (replay.damage, len(replay.signatures), replay.adjourned) == (None, 2, False)

    run(go_on())
