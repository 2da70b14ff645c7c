"""What whole peers leave on the disk, and how one that was killed comes back to its match."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from p2pgame.core.registry import Plugin
from p2pgame.games.gomoku.bot import Bot, Options
from p2pgame.net.thread import NodeThread
from p2pgame.replay.entry import Score
from p2pgame.replay.verify import verify
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.storage.archive import Archive
from p2pgame.storage.history import History
from p2pgame.storage.recordfile import RecordFile
from tests.unit.net.running import run
from tests.unit.net.test_node import REGISTRY, Player, config, free_port, playing, two, wait_for

ROOT = Path(__file__).parents[3]
posix = pytest.mark.skipif(os.name == "nt", reason="signals are different there")


def archive_of(player: Player) -> Archive:
    return Archive(player.node.config.data_dir, player.node.identity.peer_id)


def test_a_match_is_a_file_on_both_sides_whole_true_and_signed_by_both(tmp_path: Path) -> None:
    players: list[Player] = []

    async def play(ann: Player, ben: Player) -> None:
        players.extend((ann, ben))
        ann.bot, ben.bot = Bot(1, Options(1)), Bot(2, Options(1))
        ann.move()
        ben.move()
        await asyncio.gather(*(player.wait(e.MatchEnded, seconds=15) for player in (ann, ben)))

    playing(tmp_path, play)
    plugin = REGISTRY.get("gomoku")
    assert plugin is not None
    results = set()
    for player in players:
        archive = archive_of(player)
        (entry,) = archive.all()
        replay = archive.replay(entry.match)
        verdict = verify(replay, plugin.game, plugin.digest)
        assert (verdict.problems, sorted(verdict.signed_by)) == ((), [0, 1])
        assert replay.header.names[replay.header.me] == player.node.name
        assert replay.header.platform.startswith(f"CPython {sys.version_info.major}.")
        assert entry.frames == player.told(e.MatchEnded)[0].frames
        results.add(entry.result)
        archive.close()
        assert player.told(e.ErrorEvent) == []
    assert results in ({"won", "lost"}, {"draw"})


def test_who_resigns_and_closes_the_program_is_not_asked_to_resume_the_match(tmp_path: Path) -> None:
    async def play(ann: Player, ben: Player) -> None:
        ann.node.execute(c.Leave())
        await ann.node.stop()
        assert (await ben.wait(e.MatchEnded)).outcome.reason == "resigned"
        archive = archive_of(ann)
        assert [entry.result for entry in archive.all()] == ["lost"]
        archive.close()

    playing(tmp_path, play)


@pytest.mark.parametrize(
    ("command", "result"), [(c.Leave(), "lost"), (None, "open")], ids=["resign", "leave"]
)
def test_a_program_that_closes_waits_for_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: c.Command | None, result: str
) -> None:
    async def play(ann: Player, ben: Player) -> None:
        quitter = (
            ann if ann.node.identity.peer_id != ann.told(e.HostElected)[0].host else ben
        )  # asks the host
        monkeypatch.setattr(quitter.node.links, "send", lambda *_: None)
        if command is not None:
            quitter.node.execute(command)
        await quitter.node.stop()
        archive = archive_of(quitter)
        assert [entry.result for entry in archive.all()] == [result]
        archive.close()

    playing(tmp_path, play)


def test_a_disk_that_fails_is_told_to_the_player_and_the_match_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: RecordFile, chunks: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RecordFile, "append", full)

    async def play(ann: Player, ben: Player) -> None:
        error = await ann.wait(e.ErrorEvent)
        assert error.code == "not_recorded"
        assert error.params["reason"]
        ann.node.execute(c.Resign())
        await ben.wait(e.MatchEnded)
        assert len(ann.told(e.ErrorEvent)) == 1

    playing(tmp_path, play)


def test_the_second_program_of_a_directory_leaves_the_firsts_match_alone(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            await ann.invite(ben)
            port = ann.node.config.discovery_port
            second = Player(config(tmp_path, port, "Ann"))
            assert second.node.identity.ephemeral
            await second.node.start()
            await second.node.stop()
            assert second.told(e.MatchResumable) == []
            history = History(tmp_path / "Ann", ann.node.identity.peer_id)
            assert [entry.result for entry in history.all()] == ["open"]
            history.close()

    run(test())


def test_the_window_sees_history_score_and_replay_and_can_delete(tmp_path: Path) -> None:
    port = free_port()
    ann = NodeThread(config(tmp_path, port, "Ann"), REGISTRY)
    ben = NodeThread(config(tmp_path, port, "Ben"), REGISTRY)
    try:
        assert (ann.history(), ann.score(ben.peer_id)) == ([], Score())
        wait_for(ann, e.PeerFound)
        ann.send(c.Invite(peer=ben.peer_id, game="gomoku"))
        ben.send(c.Accept(wait_for(ben, e.InviteReceived).invite))
        match = wait_for(ann, e.MatchStarted).match
        wait_for(ben, e.MatchStarted)
        ann.delete_replay(match)
        assert wait_for(ann, e.ErrorEvent).code == "not_deleted"
        ann.send(c.Claim())
        assert wait_for(ann, e.ErrorEvent).code == "not_now"
        for command in (c.Resume, c.Abandon):
            ann.send(command("0" * 16))
        assert wait_for(ann, e.ErrorEvent).code == "not_now"
        ben.send(c.Resign())
        wait_for(ann, e.MatchEnded)
    finally:
        ann.close()
        ben.close()
    assert [entry.result for entry in History(tmp_path / "Ann", ann.peer_id).all()] == ["won"]
    ann = NodeThread(config(tmp_path, port, "Ann"), REGISTRY)
    try:
        assert ann.score(ben.peer_id) == Score(won=1)
        assert ann.replay(match).end is not None
        ann.delete_replay(match)
        assert ann.history() == []
        assert not list((tmp_path / "Ann" / "replays").iterdir())
        ann.delete_replay(match)
        assert wait_for(ann, e.ErrorEvent).code == "not_deleted"
    finally:
        ann.close()


# --- killed


class Bots:
    """A bot as a program of its own, which can be killed and started again."""

    def __init__(self, tmp_path: Path, port: int, *args: str) -> None:
        self._argv = (
            *(sys.executable, "-m", "p2pgame", "bot", "--json", "--name", "Bob", "--interface", "127.0.0.1"),
            *("--discovery-port", str(port), "--data-dir", str(tmp_path / "Bob"), *args),
        )
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *self._argv, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )

    async def wait(self, event: str, seconds: float = 10.0) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while line := await self.process.stdout.readline():
                told: dict[str, Any] = json.loads(line)
                if told["event"] == event:
                    return told
        raise AssertionError(f"it ended without {event}")

    async def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return await self.process.wait()


@asynccontextmanager
async def ann_and_bot(tmp_path: Path, *args: str) -> AsyncIterator[tuple[Player, Bots]]:
    port = free_port()
    ann, bot = Player(config(tmp_path, port, "Ann")), Bots(tmp_path, port, *args)
    try:
        await ann.node.start()
        await bot.start()
        yield ann, bot
    finally:
        if bot.process is not None and bot.process.returncode is None:
            await bot.end(signal.SIGKILL)
        await ann.node.stop()


@posix
def test_a_killed_program_finds_its_match_and_goes_on(tmp_path: Path) -> None:
    async def test() -> None:
        options = ("--game", "gomoku", "--think-ms", "30", "--frames", "30")
        async with ann_and_bot(tmp_path, *options) as (ann, bot):
            ann.bot = Bot(1, Options(1))
            found = await ann.wait(e.PeerFound)
            ann.node.execute(c.Invite(peer=found.peer, game="gomoku"))
            await ann.wait(e.Move, 4)
            await bot.end(signal.SIGKILL)
            frames = len(ann.told(e.Move))
            await bot.start()
            resumable = await bot.wait("match_resumable")
            assert resumable["match"] == ann.told(e.MatchStarted)[0].match
            assert frames - 2 <= resumable["frames"] <= frames, "all but what was on its way to the disk"
            ended, theirs = await ann.wait(e.MatchEnded, seconds=20), await bot.wait("match_ended", 20)
            assert (theirs["hash"], theirs["frames"]) == (ended.hash, ended.frames)
            assert bot.process is not None
            assert await bot.process.wait() == 0
            assert len(ann.told(e.Move)) == ended.frames
        for name, me in (("Ann", ann.node.identity.peer_id), ("Bob", found.peer)):
            archive = Archive(tmp_path / name, me)
            (entry,) = archive.all()
            plugin = Plugin("p2pgame.games.gomoku")
            assert verify(archive.replay(entry.match), plugin.game, plugin.digest).problems == ()
            assert entry.result != "open"
            archive.close()

    run(test())


@posix
def test_a_signal_ends_no_match_says_goodbye_and_all_is_on_the_disk(tmp_path: Path) -> None:
    async def test() -> None:
        async with ann_and_bot(tmp_path, "--game", "gomoku", "--think-ms", "60000") as (ann, bot):
            found = await ann.wait(e.PeerFound)
            ann.node.execute(c.Invite(peer=found.peer, game="gomoku"))
            await ann.wait(e.MatchStarted)
            assert await bot.end(signal.SIGTERM) == 128 + signal.SIGTERM
            assert (await ann.wait(e.MatchPaused)).reason == "closed"
            assert (await ann.wait(e.PeerLost)).reason == "goodbye"
            archive = Archive(tmp_path / "Bob", found.peer)
            assert [entry.result for entry in archive.all()] == ["open"]
            archive.close()

    run(test())
