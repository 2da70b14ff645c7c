"""What must be true of every match, whatever the network did: asked of the events of both sides."""

import time

from tests.lab.peer import Event, Peer

__all__ = ["assert_exits", "assert_played", "hashes", "started"]


def started(*peers: Peer, timeout: float = 20.0) -> list[Event]:
    """Wait until the match stands on all `peers`; their ``match_started`` events."""
    return [peer.wait_for("match_started", timeout) for peer in peers]


def hashes(peer: Peer, match: str) -> dict[int, str]:
    """Frame to state hash, as `peer` compared them with the other side."""
    return {event["frame"]: event["hash"] for event in peer.all("hash", match=match)}


def assert_exits(*peers: Peer, code: int, timeout: float) -> None:
    """Wait until all `peers` have ended; fail as soon as one ends otherwise, with what all of them said."""
    deadline = time.monotonic() + timeout
    while any(peer.process.poll() is None for peer in peers) and time.monotonic() < deadline:
        if any(peer.process.returncode not in (None, code) for peer in peers):
            break
        time.sleep(0.02)
    codes = {peer.name: peer.process.poll() for peer in peers}
    stories = "\n".join(peer.story() for peer in peers)
    assert set(codes.values()) == {code}, f"exit codes {codes} after at most {timeout} s\n{stories}"
    for peer in peers:
        peer.wait_exit()


def assert_played(a: Peer, b: Peer, *, timeout: float = 60.0, exits: int = 0) -> Event:
    """Wait for both programs to end, and compare all they said; the ``match_ended`` of `a`."""
    assert_exits(a, b, code=exits, timeout=timeout)
    elected_a, elected_b = (peer.wait_for("host_elected") for peer in (a, b))
    for field in ("match", "host", "players", "epoch"):
        assert elected_a[field] == elected_b[field], f"the sides differ in {field}\n{a.story()}\n{b.story()}"
    assert elected_a["host"] in (a.id, b.id)
    assert sorted(elected_a["players"]) == sorted((a.id, b.id))
    match = elected_a["match"]
    started_a, started_b = started(a, b)
    assert started_a["players"][started_a["me"]] == a.id
    assert started_b["players"][started_b["me"]] == b.id
    ended_a, ended_b = (peer.wait_for("match_ended", match=match) for peer in (a, b))
    for field in ("outcome", "frames", "hash"):
        assert ended_a[field] == ended_b[field], f"the sides differ in {field}\n{a.story()}\n{b.story()}"
    frames = ended_a["frames"]
    compared_a, compared_b = hashes(a, match), hashes(b, match)
    assert compared_a == compared_b, f"{a.story()}\n{b.story()}"
    assert set(compared_a) >= set(range(1, frames + 1)), f"not every frame was compared\n{a.story()}"
    assert compared_a[frames] == ended_a["hash"]
    assert len(set(compared_a.values())) == len(compared_a), "a state came twice: nothing was played"
    for peer in (a, b):
        assert not peer.all("desync")
        assert not peer.all("error"), peer.story()
        assert "Traceback" not in peer.log, peer.story()
    return ended_a
