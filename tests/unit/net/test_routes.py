"""Where to dial: what discovery hears first, then where a peer was last spoken to."""

from typing import Any

from p2pgame.core.ids import PeerId
from p2pgame.discovery.peer import Peer
from p2pgame.net.routes import Routes

ANN = PeerId("a" * 26)


def listed(*addresses: str, port: int = 41421) -> Peer:
    fields: dict[str, Any] = {
        "peer": ANN, "instance": "01", "name": "Ann", "tcp_port": port, "udp_port": port, "via": ("mdns",),
        "status": "idle", "playing": "", "games": {}, "version": "1", "compatible": True, "reason": "",
        "rtt_ms": None,
    }  # fmt: skip
    return Peer(**fields, addresses=addresses)


def test_what_is_heard_comes_before_what_was_spoken_to() -> None:
    routes = Routes()
    assert routes.find(ANN, []) == ([], 0)
    assert routes.remember(ANN, "::ffff:10.0.0.7", 5000) == ("10.0.0.7", 5000)
    assert routes.find(ANN, []) == (["10.0.0.7"], 5000)
    assert routes.find(ANN, [listed("10.0.0.9", port=6000)]) == (["10.0.0.9", "10.0.0.7"], 6000)
    assert routes.find(ANN, [listed("10.0.0.7")]) == (["10.0.0.7"], 41421)
    routes.forget(ANN)
    assert routes.find(ANN, []) == ([], 0)


def test_the_newest_are_remembered() -> None:
    routes = Routes()
    peers = [PeerId(f"{number:026}") for number in range(300)]
    for number, peer in enumerate(peers):
        routes.remember(peer, "10.0.0.1", 1 + number)
        routes.remember(peers[0], "10.0.0.1", 1)
    assert sum(routes.find(peer, [])[1] > 0 for peer in peers) == 256
    assert routes.find(peers[0], []) == (["10.0.0.1"], 1)
    assert routes.find(peers[1], []) == ([], 0)
