"""Whole peers on the loopback of this machine: they find each other, play, and leave nothing behind."""

import asyncio
import json
import shutil
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import msgspec
import pytest

from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Plugin, Registry
from p2pgame.discovery.events import DuplicateIdentity
from p2pgame.games.gomoku.bot import Bot, Options
from p2pgame.games.gomoku.rules import Move
from p2pgame.net import reachability
from p2pgame.net.node import Node, NodeConfig
from p2pgame.net.thread import NodeThread
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.storage.identity import open_identity
from p2pgame.storage.lots import load_lots
from tests.unit.net.running import run

REGISTRY = Registry([Plugin("p2pgame.games.gomoku")])
E = TypeVar("E", bound=e.Event)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), 65000)


def config(tmp_path: Path, port: int, name: str, **more: Any) -> NodeConfig:
    return NodeConfig(
        data_dir=tmp_path / name, name=name, interfaces=("127.0.0.1",), discovery_port=port, **more
    )


class Player:
    """A node with its story, and a bot if it is to move by itself."""

    def __init__(self, config: NodeConfig) -> None:
        self.story: list[e.Event] = []
        self.news = asyncio.Event()
        self.bot: Bot | None = None
        self.node = Node(config, REGISTRY, self.note)

    def note(self, t: float, event: e.Event) -> None:
        self.story.append(event)
        self.news.set()
        if self.bot is not None and isinstance(event, (e.MatchStarted, e.Move)):
            asyncio.get_running_loop().call_soon(self.move)

    def move(self) -> None:
        view = self.node.match_view()
        if self.bot is not None and view is not None and view.me in view.to_move:
            self.node.execute(c.Submit(self.bot.choose(view.state, view.me)))

    async def wait(self, kind: type[E], number: int = 1, seconds: float = 5.0) -> E:
        """The `number`-th event of `kind`, now or when it comes."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.told(kind)) < number:
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            pytest.fail(f"{self.node.name} waited for {kind.__name__} in vain: {self.story}")
        return self.told(kind)[number - 1]

    def told(self, kind: type[E]) -> list[E]:
        return [event for event in self.story if isinstance(event, kind)]

    async def invite(self, other: "Player") -> None:
        await self.wait(e.PeerFound)
        self.node.execute(c.Invite(peer=other.node.identity.peer_id, game="gomoku"))
        other.node.execute(c.Accept((await other.wait(e.InviteReceived)).invite))
        await asyncio.gather(self.wait(e.MatchStarted), other.wait(e.MatchStarted))


@asynccontextmanager
async def two(tmp_path: Path) -> AsyncIterator[tuple[Player, Player]]:
    port = free_port()
    players = [Player(config(tmp_path, port, name)) for name in ("Ann", "Ben")]
    try:
        for player in players:
            await player.node.start()
        yield players[0], players[1]
    finally:
        await asyncio.gather(*(player.node.stop() for player in players))


def playing(tmp_path: Path, play: Callable[[Player, Player], Awaitable[None]]) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            await ann.invite(ben)
            await play(ann, ben)

    run(test())


@pytest.mark.timing
def test_two_nodes_find_each_other_and_lose_each_other(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            found = await ann.wait(e.PeerFound)
            assert (found.name, found.address, found.compatible) == ("Ben", "127.0.0.1", True)
            assert found.peer == ben.node.identity.peer_id
            await ben.wait(e.PeerFound)
            began = time.monotonic()
            await ben.node.stop()
            assert time.monotonic() - began < 1.0
            assert (await ann.wait(e.PeerLost)).reason == "goodbye"

    run(test())


@pytest.mark.parametrize(("now", "told"), [(-86_400.0, 1969), (930_000_000.0, 1999), (3_800_000_000.0, 2090)])
def test_a_wrong_clock_hides_nobody_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: float, told: int
) -> None:
    monkeypatch.setattr("time.time", lambda: now)

    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            assert (await ann.wait(e.PeerFound)).name == "Ben"
            named = [error.params["year"] for error in ben.told(e.ErrorEvent) if error.code == "clock_wrong"]
            assert named == [told] * (told not in range(2025, 2100))

    run(test())


def test_bots_play_a_match_and_a_return_match(tmp_path: Path) -> None:
    async def play(ann: Player, ben: Player) -> None:
        ann.bot, ben.bot = Bot(1, Options(1)), Bot(2, Options(1))
        ann.move()
        ben.move()
        first = [await player.wait(e.MatchEnded, seconds=15) for player in (ann, ben)]
        assert first[0].outcome == first[1].outcome
        assert first[0].hash == first[1].hash != ""
        ben.node.execute(c.Rematch())
        ann.node.execute(c.Accept((await ann.wait(e.InviteReceived)).invite))
        second = [await player.wait(e.MatchEnded, 2, seconds=15) for player in (ann, ben)]
        assert second[0].hash == second[1].hash
        starts = ann.told(e.MatchStarted)
        assert starts[1].players == starts[0].players[::-1]
        assert starts[1].match != starts[0].match
        for player in (ann, ben):
            assert player.told(e.ErrorEvent) == []
            assert player.told(e.HostElected) == ann.told(e.HostElected)

    playing(tmp_path, play)


@pytest.mark.parametrize("how", ["resign", "leave", "leave and stop"])
@pytest.mark.parametrize("who", [0, 1])
def test_who_gives_up_loses_and_the_other_is_told(tmp_path: Path, how: str, who: int) -> None:
    async def play(ann: Player, ben: Player) -> None:
        quitter, other = (ann, ben) if who == 0 else (ben, ann)
        quitter.node.execute(c.Resign() if how == "resign" else c.Leave())
        if how == "leave and stop":
            await quitter.node.stop()
        ended = await other.wait(e.MatchEnded)
        assert ended.outcome.reason == "resigned"
        assert ended.outcome.winners == (other.told(e.MatchStarted)[0].me,)
        assert other.told(e.ErrorEvent) == []
        if how == "leave":
            await quitter.wait(e.MatchEnded)
            assert quitter.node.match_view() is None

    playing(tmp_path, play)


def test_lots_outlive_the_program_and_not_the_start_of_a_match(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            peer = ben.node.identity.peer_id
            for player in (ann, ben):  # else an invitation may come before discovery
                await player.wait(e.PeerFound)
            ann.node.execute(c.Invite(peer=peer, game="gomoku"))
            await ben.wait(e.InviteReceived)
            (kept,) = load_lots(tmp_path / "Ann", time.time())
            assert kept.peer == peer
            await ann.node.stop()
            again = Player(ann.node.config)
            await again.node.start()
            try:
                lots = again.node.lobby._invitations.lots
                assert lots.nonce(peer, asyncio.get_running_loop().time()) == kept.nonce
                await ben.wait(e.PeerFound, 2)
                await ben.invite(again)
                assert (
                    load_lots(tmp_path / "Ann", time.time()) == load_lots(tmp_path / "Ben", time.time()) == ()
                )
            finally:
                await again.node.stop()

    run(test())


@pytest.mark.parametrize("who", [0, 1])
def test_who_closes_its_program_ends_no_match(tmp_path: Path, who: int) -> None:
    async def play(ann: Player, ben: Player) -> None:
        quitter, other = (ann, ben) if who == 0 else (ben, ann)
        await quitter.node.stop()
        assert (await other.wait(e.MatchPaused)).reason == "closed"
        assert quitter.told(e.MatchEnded) == other.told(e.MatchEnded) == []
        view = other.node.match_view()
        assert view is not None
        assert view.pause is not None
        assert view.pause.claim_at is not None
        again = Player(quitter.node.config)
        await again.node.start()
        again.node.execute(c.Resume((await again.wait(e.MatchResumable)).match))
        for player in (again, other):
            await player.wait(e.MatchResumed)
        again.node.execute(c.Resign())
        assert (await other.wait(e.MatchEnded)).outcome.reason == "resigned"
        assert other.told(e.ErrorEvent) == []
        await again.node.stop()

    playing(tmp_path, play)


def test_an_end_that_nobody_confirms_is_no_match_to_resume(tmp_path: Path) -> None:
    async def play(ann: Player, ben: Player) -> None:
        ben.node._driver.stop()  # it receives, and says nothing any more
        ann.node.execute(c.Leave())
        await ann.node.stop()
        assert ann.told(e.MatchEnded)[0].outcome.reason == "resigned"
        again = Player(ann.node.config)
        await again.node.start()
        await again.node.stop()
        assert again.told(e.MatchResumable) == []

    playing(tmp_path, play)


def test_what_cannot_be_done_is_told_as_an_error_and_changes_nothing(tmp_path: Path) -> None:
    async def play(ann: Player, ben: Player) -> None:
        first, second = (ann, ben) if ann.told(e.MatchStarted)[0].me == 0 else (ben, ann)
        second.node.execute(c.Submit(Move(112)))
        assert second.told(e.ErrorEvent)[-1].code == "illegal_move"
        first.node.execute(c.Submit(Move(112)))
        await second.wait(e.Move)
        second.node.execute(c.Submit(Move(112)))
        assert (second.told(e.ErrorEvent)[-1].code, second.told(e.Move)) == ("illegal_move", ann.told(e.Move))
        assert "taken" in str(second.told(e.ErrorEvent)[-1].params["reason"])
        ann.node.execute(c.Invite(peer=ben.node.identity.peer_id, game="gomoku"))
        assert ann.told(e.ErrorEvent)[-1].code == "not_now"
        view = first.node.match_view()
        assert view is not None
        assert view.frame == 1

    playing(tmp_path, play)


def test_errors_outside_of_a_match(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            await ann.wait(e.PeerFound)
            peer = ben.node.identity.peer_id
            for command in (
                c.Invite(peer="a" * 26, game="gomoku"),
                c.Invite(peer=peer, game="chess"),
                c.Accept("00" * 16),
                c.Submit(Move(1)),
                c.Rematch(),
                c.AddSeed("no port:x"),
            ):
                before = len(ann.told(e.ErrorEvent))
                ann.node.execute(command)
                assert len(ann.told(e.ErrorEvent)) == before + 1
            reasons = [error.params["reason"] for error in ann.told(e.ErrorEvent)]
            assert reasons[:3] == ["peer_gone", "no_such_game", "no_such_invitation"]
            for harmless in (c.CancelInvite(), c.Resign(), c.Leave(), c.Decline("00" * 16)):
                ann.node.execute(harmless)
            assert {error.code for error in ann.told(e.ErrorEvent)} == {"not_now"}

    run(test())


def test_declining_and_cancelling(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            await ann.wait(e.PeerFound)
            peer = ben.node.identity.peer_id
            ann.node.execute(c.Invite(peer=peer, game="gomoku"))
            ben.node.execute(c.Decline((await ben.wait(e.InviteReceived)).invite))
            assert (await ann.wait(e.InviteDeclined)).reason == "declined"
            ann.node.execute(c.Invite(peer=peer, game="gomoku"))
            assert (await ann.wait(e.InviteDeclined, 2)).reason == "too_soon"
            assert len(ben.told(e.InviteReceived)) == 1
            await ben.wait(e.PeerFound)
            ben.node.execute(c.Invite(peer=ann.node.identity.peer_id, game="gomoku"))
            await ann.wait(e.InviteReceived)
            ben.node.execute(c.CancelInvite())
            await ann.wait(e.InviteCancelled)

    run(test())


def test_a_new_name_and_status_reach_the_other(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            await ann.wait(e.PeerFound)
            ben.node.execute(c.SetName("Ben\u202e the\nGreat"))
            assert ben.node.name == "Ben theGreat"
            number = 1  # that it is heard by mDNS, too, is an update that may come first
            while (await ann.wait(e.PeerUpdated, number)).name != "Ben theGreat":
                number += 1

    run(test())


def talking(player: Player) -> bool:
    links = player.node.links
    return any(links.rtt(link) is not None for link in list(links._connections))


def test_who_was_called_because_nobody_could_dial_it_stays_unreachable_in_elections(tmp_path: Path) -> None:
    """Dialling back is our own doing and proves nothing; being dialled does."""

    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            await asyncio.gather(ann.wait(e.PeerFound), ben.wait(e.PeerFound))
            ann.node.discovery.request_dial(ben.node.identity.peer_id)
            for _ in range(500):
                if all(talking(player) for player in (ann, ben)):
                    break
                await asyncio.sleep(0.01)
            assert not ben.node.lobby.candidate.reachable
            assert ann.node.lobby.candidate.reachable
            ann.node.execute(c.Invite(peer=ben.node.identity.peer_id, game="gomoku"))
            ben.node.execute(c.Accept((await ben.wait(e.InviteReceived)).invite))
            assert (await ann.wait(e.HostElected)).host == ann.node.identity.peer_id
            await ann.wait(e.MatchStarted)

    run(test())


def test_a_trace_shows_both_directions_from_the_first_hello_to_the_goodbye(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def test() -> None:
        port = free_port()
        ann = Player(config(tmp_path, port, "Ann", trace=path))
        ben = Player(config(tmp_path, port, "Ben"))
        try:
            await ann.node.start()
            await ben.node.start()
            await ann.wait(e.PeerFound)
            ann.node.execute(c.Invite(peer=ben.node.identity.peer_id, game="gomoku"))
            ben.node.execute(c.Decline((await ben.wait(e.InviteReceived)).invite))
            await ann.wait(e.InviteDeclined)
        finally:
            await asyncio.gather(ann.node.stop(), ben.node.stop())

    run(test())
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    messages = [(line["way"], line["type"]) for line in lines if line["trace"] == "message"]
    assert messages[:2] == [("sent", "hello"), ("received", "hello")]
    assert [word for word in messages if word[1] in ("invite", "decline")] == [
        ("sent", "invite"),
        ("received", "decline"),
    ]
    states = [(line["scope"], line["state"]) for line in lines if line["trace"] == "state"]
    assert states[0] == ("invitation", "invite_sent")
    assert ("link", "open") in states
    assert ("invitation", "invite_declined") in states
    assert messages[-1][1] == "close"


# --- copies of one disk


def test_copies_of_one_disk_are_told_so_once(tmp_path: Path) -> None:
    open_identity(tmp_path / "Ann").release()
    for name in ("Ben", "Cleo"):
        shutil.copytree(tmp_path / "Ann", tmp_path / name)

    async def test() -> None:
        port = free_port()
        players = [Player(config(tmp_path, port, name)) for name in ("Ann", "Ben", "Cleo")]
        for player in players:
            await player.node.start()
        for player in players:
            told = await player.wait(e.IdentityCopied, 2)
            assert (told.peer, told.address) == (players[0].node.identity.peer_id, "127.0.0.1")
        for player in players:
            await player.node.stop()
            assert len(player.told(e.IdentityCopied)) == 2
            assert player.told(e.PeerFound) == player.told(e.ErrorEvent) == []

    run(test())


def test_an_old_beacon_of_ours_is_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody says it again, or a cache does: at the address that it names we are ourselves, or nobody is."""

    async def test() -> None:
        ann = Player(config(tmp_path, free_port(), "Ann"))
        await ann.node.start()
        met: list[int] = []
        both = asyncio.Event()
        opened = ann.node.opened

        def meet(link: int, *about: Any) -> None:
            opened(link, *about)
            met.append(link)
            if len(met) == 2:
                both.set()

        monkeypatch.setattr(ann.node, "opened", meet)
        for port in (9, ann.node.unicast.number):
            ann.node._on_discovery(DuplicateIdentity("00" * 8, "127.0.0.1", port))
        async with asyncio.timeout(5):
            await both.wait()
        await ann.node.stop()
        assert ann.told(e.IdentityCopied) == []

    run(test())


# --- on a thread of its own


_DRAINED: WeakKeyDictionary[NodeThread, deque[e.Event]] = WeakKeyDictionary()


def wait_for(client: NodeThread, kind: type[E], seconds: float = 5.0) -> E:
    """The next event of `kind`. Those before it are dropped; those that came with it stay for the next call."""
    waiting = _DRAINED.setdefault(client, deque())
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        waiting.extend(client.drain())
        while waiting:
            event = waiting.popleft()
            if isinstance(event, kind):
                return event
        time.sleep(0.01)
    raise AssertionError(f"no {kind.__name__}")


@pytest.mark.timing
def test_a_thread_starts_plays_and_leaves_nothing(tmp_path: Path) -> None:
    before = threading.active_count()
    port = free_port()
    seen: list[e.Event] = []
    names: list[str] = []
    ann = NodeThread(
        config(tmp_path, port, "Ann"),
        REGISTRY,
        on_name=names.append,
        on_event=lambda t, event: seen.append(event),
    )
    ben = NodeThread(config(tmp_path, port, "Ben"), REGISTRY)
    try:
        assert ann.name == "Ann"
        wait_for(ann, e.PeerFound)
        assert [peer.name for peer in ann.peers()] == ["Ben"]
        ann.send(c.Invite(peer=ben.peer_id, game="gomoku"))
        ben.send(c.Accept(wait_for(ben, e.InviteReceived).invite))
        started = wait_for(ann, e.MatchStarted)
        wait_for(ben, e.MatchStarted)
        first, second = (ann, ben) if started.me == 0 else (ben, ann)
        second.send(c.Submit(Move(5)))
        assert wait_for(second, e.ErrorEvent).code == "illegal_move"
        first.send(c.Submit(Move(112)))
        wait_for(second, e.Move)
        view = second.match()
        assert view is not None
        assert view.state.stones == 1
        ann.send(c.SetName("Anna"))
        assert names == ["Anna"]
        ann.send(c.Leave())
        assert wait_for(ben, e.MatchEnded).outcome.reason == "resigned"
        ann.send(c.Invite(peer="a" * 26, game="gomoku"))
        assert wait_for(ann, e.ErrorEvent).code == "not_now"
        assert any(isinstance(event, e.MatchStarted) for event in seen)
    finally:
        began = time.monotonic()
        ann.close()
        ben.close()
        assert time.monotonic() - began < 2.0
    assert threading.active_count() == before
    ann.close()
    ann.send(c.Submit(Move(1)))
    ann.send(c.Leave())
    assert ann.drain() is not None


def test_a_new_identity_is_one_command(tmp_path: Path) -> None:
    port = free_port()
    ann = NodeThread(config(tmp_path, port, "Ann"), REGISTRY)
    ben = NodeThread(config(tmp_path, port, "Ben"), REGISTRY)
    try:
        wait_for(ann, e.PeerFound)
        old = ann.peer_id
        assert ann.history() == []
        ann.send(c.Invite(peer=ben.peer_id, game="gomoku"))
        ben.send(c.Accept(wait_for(ben, e.InviteReceived).invite))
        wait_for(ann, e.MatchStarted)
        ann.send(c.NewIdentity())
        assert wait_for(ann, e.ErrorEvent).params["reason"] == "match_on"
        ann.send(c.SetName("Anna"))
        ann.send(c.Leave())
        wait_for(ann, e.MatchEnded)
        ann.send(c.NewIdentity())
        announced = wait_for(ann, e.Announcing)
        assert (announced.peer, announced.name) == (ann.peer_id, "Anna")
        assert ann.peer_id != old
        assert (tmp_path / "Ann" / "identity.pem.old").exists()
        wait_for(ann, e.PeerFound)
        assert {ann.peer_id} <= {peer.peer for peer in ben.peers()}
        assert [entry.result for entry in ann.history()] == ["lost"], "what was played stays"
    finally:
        ann.close()
        ben.close()
    assert open_identity(tmp_path / "Ann").peer_id == ann.peer_id


@pytest.mark.parametrize("problem", ["interface", "data directory"])
def test_a_thread_that_cannot_start_says_why_and_is_gone(tmp_path: Path, problem: str) -> None:
    before = threading.active_count()
    if problem == "interface":
        wrong = NodeConfig(data_dir=tmp_path / "x", interfaces=("no-such-0",), discovery_port=free_port())
    else:
        (tmp_path / "file").write_bytes(b"")
        wrong = config(tmp_path / "file", free_port(), "x")
    with pytest.raises(P2PGameError) as error:
        NodeThread(wrong, REGISTRY)
    assert "\n" not in str(error.value)
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("takes", "dials"),
    [(True, True), (False, True), (False, False)],
    ids=["takes connections", "dials only", "neither"],
)
def test_who_is_to_be_invited_is_tried_first_and_listed_with_the_reason_if_no_way_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, takes: bool, dials: bool
) -> None:
    monkeypatch.setattr(reachability, "DIAL_BACK", 0.3)
    reached = takes or dials

    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            await asyncio.gather(ann.wait(e.PeerFound), ben.wait(e.PeerFound))
            if not takes:
                ben.node.links._listening[0].cancel()
            for way in () if dials else ("dial", "punch"):
                monkeypatch.setattr(ben.node.links, way, lambda *_: None, raising=False)
            ben_id = ben.node.identity.peer_id
            for _ in range(500):
                if ann.node.discovery.rtt(ben_id) is not None:
                    break
                await asyncio.sleep(0.01)
            ann.node.execute(c.CheckReach(peer=ben_id))
            if reached:
                for _ in range(500):
                    if talking(ann):
                        break
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.4)
            else:
                while not any(event.unreachable for event in ann.told(e.PeerUpdated)):
                    ann.news.clear()
                    await asyncio.wait_for(ann.news.wait(), 5)
            listed = {event.unreachable for event in ann.told(e.PeerUpdated)} - {""}
            assert listed == (set() if reached else {"tcp_refused"})
            assert talking(ann) is reached
            if listed:
                ann.node.execute(c.Invite(peer=ben_id, game="gomoku"))
                params = (await ann.wait(e.InviteDeclined)).params
                assert (params["code"], params["cause"]) == ("no_answer", "tcp_refused")

    run(test())


def test_only_an_address_that_answered_is_tried_before_an_invitation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            peer = await ann.wait(e.PeerFound)
            dialled: list[tuple[Any, ...]] = []
            monkeypatch.setattr(ann.node.links, "dial", lambda *args: dialled.append(args[:3]))
            listed = ann.node.discovery.get(peer.peer)
            assert listed is not None
            for rtt_ms, silent, tried in ((None, False, 0), (1.0, True, 0), (1.0, False, 1)):
                shown = msgspec.structs.replace(
                    listed, rtt_ms=rtt_ms, silent=silent, addresses=("127.0.0.1", "192.0.2.9")
                )
                monkeypatch.setattr(ann.node.discovery, "get", lambda _, shown=shown: shown)
                ann.node.execute(c.CheckReach(peer=peer.peer))
                assert dialled == [(peer.peer, ["127.0.0.1"], ben.node.unicast.number)] * tried
            monkeypatch.undo()

    run(test())
