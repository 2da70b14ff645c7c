"""Trust between whole peers on the loopback: verified, blocked, muted, mistaken for somebody else, remembered."""

import asyncio
import time
from pathlib import Path

import pytest

from p2pgame.core.errors import P2PGameError, RemoteProtocolError
from p2pgame.net.thread import NodeThread
from p2pgame.net.tls import Credentials, connect_tls
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.people.known_peer import Trust
from p2pgame.session.people.trust_store import NO_WARNING, TrustWarning
from p2pgame.storage.identity import Identity, open_identity
from p2pgame.storage.known_peers import KnownPeers
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import HANDSHAKE_BURST, HANDSHAKE_RATE
from p2pgame.wire.framing import FrameBuffer
from tests.unit.net.running import run
from tests.unit.net.test_node import REGISTRY, Player, config, free_port, two, wait_for
from tests.unit.net.test_tls import everything, listening, open_from


def ids(ann: Player, ben: Player) -> tuple[str, str]:
    return ann.node.identity.peer_id, ben.node.identity.peer_id


async def verify(ann: Player, ben: Player) -> None:
    a, b = ids(ann, ben)
    ann.node.execute(c.Verify(b))
    await ben.wait(e.VerifyRequested)
    ben.node.execute(c.Verify(a))
    codes = [await player.wait(e.VerifyCode) for player in (ann, ben)]
    assert codes[0].code == codes[1].code
    ann.node.execute(c.ConfirmCode(b))
    ben.node.execute(c.ConfirmCode(a))
    for player in (ann, ben):
        assert (await player.wait(e.VerifyEnded)).reason == "confirmed"


def test_from_new_to_met_to_verified_and_remembered(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            _, b = ids(ann, ben)
            await ann.wait(e.PeerFound)
            assert ann.node.people.trust(b) is Trust.NEW
            await ann.invite(ben)
            assert ann.node.people.trust(b) is Trust.MET
            assert ann.node.people.known()[0].name == "Ben"
            await verify(ann, ben)
            assert ann.node.people.trust(b) is Trust.VERIFIED
            assert ann.node.match_running, "beside the match"
            ann.node.execute(c.Rename(b, "Benny\n\u202e"))
            assert ann.node.people.known()[0].name == "Benny"
            ann.node.execute(c.Rename(b, ""))
            assert ann.node.people.known()[0].name == "Ben"
        again = KnownPeers(tmp_path / "Ann")
        assert [known.verified for known in again.all()] == [True]
        again.close()

    run(test())


def test_the_verified_are_friends_of_discovery(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            _, b = ids(ann, ben)
            await ann.wait(e.PeerFound)
            core = ann.node.discovery._protocol
            assert core is not None
            assert b not in core._table.friends
            await verify(ann, ben)
            assert b in core._table.friends
            ann.node.execute(c.Forget(b))
            assert b not in core._table.friends
            assert ann.node.people.trust(b) is Trust.NEW

    run(test())


def test_the_blocked_get_no_link_and_no_word(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            a, b = ids(ann, ben)
            await asyncio.gather(ann.wait(e.PeerFound), ben.wait(e.PeerFound))
            ann.node.execute(c.SetBlocked(b, True))
            assert ann.node.people.trust(b) is Trust.BLOCKED
            assert b in [peer.peer for peer in ann.node.peers], "still listed, to be unblocked"
            told = len(ann.story)
            ben.node.execute(c.Invite(peer=a, game="gomoku"))
            declined = await ben.wait(e.InviteDeclined, seconds=8)
            assert declined.reason == "unreachable"
            assert not [x for x in ann.story[told:] if not isinstance(x, (e.PeerUpdated, e.PeerFound))]
            assert not ann.node.links._connections
            ann.node.execute(c.Invite(peer=b, game="gomoku"))
            assert ann.told(e.ErrorEvent)[-1] == e.ErrorEvent(code="blocked", params={"name": "Ben"})
            ann.node.execute(c.Verify(b))
            params = {"name": "Ben", "reason": "blocked"}
            assert ann.told(e.ErrorEvent)[-1] == e.ErrorEvent(code="not_now", params=params)
            ann.node.execute(c.SetBlocked(b, False))
            ben.node.execute(c.Invite(peer=a, game="gomoku"))
            await ann.wait(e.InviteReceived)

    run(test())


def test_all_that_the_blocked_hear_is_one_code(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, _):
            eve = open_identity(tmp_path / "Eve")
            ann.node.execute(c.SetBlocked(eve.peer_id, True))
            reader, writer = await asyncio.open_connection("127.0.0.1", ann.node.unicast.number)
            stream = await connect_tls(reader, writer, Credentials(eve), ann.node.identity.peer_id)
            buffer = FrameBuffer()
            buffer.feed(await asyncio.wait_for(everything(stream), 2))
            assert [m.decode_message(payload) for payload in buffer.frames()] == [m.Close(code="blocked")]
            writer.close()

    run(test())


def test_another_window_of_ours_blocks_for_this_one_too(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            a, b = ids(ann, ben)
            await ben.wait(e.PeerFound)
            window = KnownPeers(tmp_path / "Ann")
            window.set_blocked(b, "Ben")
            window.close()
            ben.node.execute(c.Invite(peer=a, game="gomoku"))
            await ben.wait(e.InviteDeclined, seconds=8)
            assert not ann.told(e.InviteReceived)

    run(test())


def test_who_was_met_is_no_stranger_at_its_own_address(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            _, b = ids(ann, ben)
            await ann.wait(e.PeerFound)
            assert not ann.node.knows(b)
            assert not ann.node.expects("127.0.0.1")
            await ann.invite(ben)
            assert ann.node.links.handshakes.playing
            assert ann.node.knows(b)
            assert ann.node.knows(b, "127.0.0.1")
            assert not ann.node.knows(b, "10.9.9.9")
            ann.node._familiar = (0.0, frozenset())
            assert ann.node.expects("127.0.0.1")
            assert not ann.node.expects("10.9.9.9")
            ann.node.execute(c.SetBlocked(b, True))
            await ann.wait(e.MatchEnded)
            assert not ann.node.knows(b)

    run(test())


def test_blocking_in_a_match_ends_it(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            _, b = ids(ann, ben)
            await ann.invite(ben)
            ann.node.execute(c.SetBlocked(b, True))
            await asyncio.gather(ann.wait(e.MatchEnded), ben.wait(e.MatchEnded))
            assert not ann.node.lobby.busy

    run(test())


def test_who_looks_like_somebody_verified_is_not_invited_by_mistake(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            await ann.wait(e.PeerFound)
            await verify(ann, ben)
            eve = Player(config(tmp_path, ann.node.config.discovery_port, "Вen"))
            await eve.node.start()
            try:
                await ann.wait(e.PeerFound, 2)
                other = eve.node.identity.peer_id
                assert ann.node.people.trust(other) is Trust.IMPOSTOR
                assert ann.node.people.warning(other) == TrustWarning("impostor", {"name": "Ben"})
                ann.node.execute(c.Invite(peer=other, game="gomoku"))
                assert ann.told(e.ErrorEvent)[-1] == e.ErrorEvent(code="impostor", params={"name": "Ben"})
                assert not eve.told(e.InviteReceived)
                ann.node.execute(c.Invite(peer=other, game="gomoku", anyway=True))
                await eve.wait(e.InviteReceived)
                eve.node.execute(c.SetName("Eve"))
                await ann.wait(e.PeerUpdated)
                for _ in range(200):
                    if ann.node.people.trust(other) is Trust.NEW:
                        break
                    await asyncio.sleep(0.01)
                assert (ann.node.people.trust(other), ann.node.people.warning(other)) == (
                    Trust.NEW,
                    NO_WARNING,
                )
            finally:
                await eve.node.stop()

    run(test())


def test_what_cannot_be_stored_is_told_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise P2PGameError("disk_full")

    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            _, b = ids(ann, ben)
            monkeypatch.setattr(KnownPeers, "_write", fail)
            await ann.invite(ben)
            error = ann.told(e.ErrorEvent)[-1]
            assert (error.code, error.params) == ("not_saved", {"reason": "disk_full"})
            ann.node.execute(c.SetMuted(b, True))
            assert ann.node.people.trust(b) is Trust.NEW
            assert ann.node.match_running

    run(test())


def test_all_of_it_through_a_thread(tmp_path: Path) -> None:
    port = free_port()
    ann, ben = (NodeThread(config(tmp_path, port, name), REGISTRY) for name in ("Ann", "Ben"))
    try:
        wait_for(ann, e.PeerFound)
        assert (ann.trust(ben.peer_id), ann.warning(ben.peer_id), tuple(ann.known())) == (
            Trust.NEW,
            NO_WARNING,
            (),
        )
        ann.send(c.Verify(ben.peer_id))
        wait_for(ben, e.VerifyRequested)
        ben.send(c.Verify(ann.peer_id))
        assert wait_for(ann, e.VerifyCode).code == wait_for(ben, e.VerifyCode).code
        ann.send(c.ConfirmCode(ben.peer_id))
        ben.send(c.RejectCode(ann.peer_id))
        assert wait_for(ann, e.VerifyEnded).reason == "rejected"
        assert ann.trust(ben.peer_id) is Trust.NEW
        ann.send(c.SetMuted(ben.peer_id, True))
        ann.send(c.Rename(ben.peer_id, "Benny"))
        ben.send(c.Invite(peer=ann.peer_id, game="gomoku"))
        assert wait_for(ben, e.InviteDeclined).reason == "declined"
        assert [(known.name, known.muted) for known in ann.known()] == [("Benny", True)]
        ann.send(c.SetBlocked(ben.peer_id, True))
        ann.send(c.Invite(peer=ben.peer_id, game="gomoku"))
        assert wait_for(ann, e.ErrorEvent).code == "blocked"
        ann.send(c.Forget(ben.peer_id))
        deadline = time.monotonic() + 2
        while ann.known() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not ann.known()
    finally:
        ann.close()
        ben.close()


def test_a_flood_of_handshakes_is_bounded_and_keeps_nobody_else_out(tmp_path: Path) -> None:
    """Eve proves her key again and again, as fast as she can; then Ben dials, from elsewhere and from her machine."""
    ann, eve = (open_identity(tmp_path / name) for name in ("a", "e"))

    async def attempt(port: int, source: str, who: Identity) -> bool:
        reader, writer = await open_from(source, port)
        try:
            await connect_tls(reader, writer, Credentials(who), ann.peer_id)
            return True
        except RemoteProtocolError:
            return False
        finally:
            writer.transport.abort()

    async def test() -> None:
        async with listening(ann) as (_, _, port):
            began = time.monotonic()
            through = 0
            for _ in range(20):
                through += sum(await asyncio.gather(*(attempt(port, "127.0.0.1", eve) for _ in range(8))))
            took = time.monotonic() - began
            assert HANDSHAKE_BURST <= through <= HANDSHAKE_BURST + took * HANDSHAKE_RATE + 1
            assert await attempt(port, "127.0.0.2", eve)
            await asyncio.sleep(1.5 / HANDSHAKE_RATE)
            assert await attempt(port, "127.0.0.1", eve)

    run(test())
