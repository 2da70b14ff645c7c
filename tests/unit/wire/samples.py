"""One well-formed message of every type: for tests that want them all."""

from typing import Any

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import PROTOCOL
from p2pgame.wire.decisions import DECISION_MAX, Decision, Ended, encode_decision

MATCH = "00112233445566ff"
PEER, OTHER = "mzuhvlpymk6xo3epygfy5h4oea", "olgw5bbcyqd7w3ijq2ipceylpx"
HELLO = m.Hello(
    protocol=PROTOCOL,
    version="0.1.0",
    instance="0123456789abcdef",
    name="Ann",
    tcp_port=41421,
    games={"gomoku": "fedcba9876543210"},
)
SAMPLES: list[m.Message] = [
    HELLO,
    m.Heartbeat(nonce=1),
    m.HeartbeatAck(nonce=2**32 - 1),
    m.Close(code="silent", params={"seconds": 5, "name": "Ann"}),
    m.Invite(
        invite=b"i" * 16,
        game="gomoku",
        digest="fedcba9876543210",
        config=b"\x80",
        frames=0,
        rematch_of=None,
        commitment=b"c" * 32,
        candidate=m.Candidate(wired=True),
    ),
    m.Accept(invite=b"i" * 16, frames=9, commitment=b"d" * 32, candidate=m.Candidate(reachable=False)),
    m.Decline(invite=b"i" * 16, reason="busy"),
    m.Cancel(invite=b"i" * 16, reason="cancelled"),
    m.Reveal(invite=b"i" * 16, nonce=b"n" * 32),
    m.DialMe(match=MATCH),
    m.Join(match=MATCH, session=1, token=b"t" * 16),
    m.Start(match=MATCH, hash=b"h" * 16),
    m.Input(match=MATCH, player=1, frame=3, data=b"\x81\xa5point\x70"),
    m.Sealed(match=MATCH, player=1, frame=3, commitment=b"\xee" * 32),
    m.StateHash(match=MATCH, frame=4, hash=b"h" * 16),
    m.Request(match=MATCH, player=1, what=m.RequestKind.RESIGN),
    m.StreamPacket(match=MATCH, data=b"p" * 20),
    m.Request(match=MATCH, player=0, what=m.RequestKind.DRAW, value=2),
    m.Decided(
        match=MATCH,
        entry=encode_decision(Decision(1, 2, 4, Ended(Outcome.by(EndedBy.RESIGNED, winners=(1,))))),
    ),
    m.Resume(
        match=MATCH,
        session=2,
        frame=7,
        hash=b"h" * 16,
        fresh=True,
        salt=b"s" * 32,
        decisions=1,
        inputs=(b"\x00", b"\x01"),
        cut=6,
        epoch=2,
    ),
    m.Tell(match=MATCH, frame=5, decisions=1),
    m.Watch(match=MATCH, seats=2),
    m.Facts(
        match=MATCH,
        game="tron",
        digest="fedcba9876543210",
        config=b"\x80",
        seed=2**64 - 1,
        players=(PEER, PEER, OTHER),
        names=("Ann", "", "Ben"),
        bots=("", "medium", ""),
        teams=(0, 0, 1),
        frames=9,
        host=PEER,
        room="feedfacecafebeef",
    ),
    m.Log(match=MATCH, first=3, runs=((2, (b"\x01", None)), (65535, (b"\xc3", b"\x90")))),
    m.State(match=MATCH, frame=7, size=70000, offset=49152, data=b"d" * 9, chain=b"c" * 16, reproduced=False),
    m.Differ(match=MATCH, first=5, hashes=b"h" * 32, version="0.1.0", platform="CPython 3.11.2 linux"),
    m.DisputeAnswer(match=MATCH, frame=7, go_on=True),
    m.EndSignature(match=MATCH, player=1, frame=7, decisions=2, public_key=b"k" * 32, signature=b"s" * 64),
    m.VerifyCommit(commitment=b"c" * 32),
    m.VerifyNonce(commitment=b"c" * 32, nonce=b"n" * 32),
    m.VerifyReveal(commitment=b"c" * 32, nonce=b"r" * 32),
    m.VerifyReady(commitment=b"c" * 32),
    m.VerifyResult(commitment=b"c" * 32, ok=True),
]

_NOT_HEX = ["", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0", "0123456789abcdef\n", 7, None]
_NOT_COUNT = [-1, 2**32, 1.5, "1", None]
_NOT_16 = [b"", b"x" * 15, b"x" * 17, "x" * 16, None]
_NOT_32 = [b"", b"x" * 31, b"x" * 33, "x" * 32, None]
_NOT_GAME = ["", "Gomoku", "go moku", "x" * 25, "gomoku\n", "../x", 1, None]
_NOT_CODE = ["", "Bye", "by e", "x" * 33, "bye\n", 1, None]
_NOT_SEAT = [-1, 8, 1.5, "1", None]
_NOT_PARAMS = [
    {"A": 1},
    {"a": "x" * 65},
    {"a": 1.5},
    {"a": None},
    {f"a{'b' * n}": n for n in range(9)},
    [],
    None,
]
_NOT_CANDIDATE = [[1, 0], [True, "x"], [True, 0], {}, None]

BAD: dict[type[m.Message], dict[str, list[Any]]] = {
    m.Hello: {
        "protocol": _NOT_COUNT,
        "version": ["x" * 33, 1, None],
        "instance": _NOT_HEX,
        "name": ["x" * 65, b"x", None],
        "tcp_port": [0, 65536, -1, "1", None],
        "games": [
            {"gomoku": "x"},
            {"GOMOKU": "0" * 16},
            {"a\n": "0" * 16},
            {f"g{i}": "0" * 16 for i in range(65)},
            [],
            None,
        ],
    },
    m.Heartbeat: {"nonce": _NOT_COUNT},
    m.HeartbeatAck: {"nonce": _NOT_COUNT},
    m.Close: {"code": _NOT_CODE, "params": _NOT_PARAMS},
    m.Invite: {
        "invite": _NOT_16,
        "game": _NOT_GAME,
        "digest": _NOT_HEX,
        "config": [b"x" * 4097, "x", None],
        "frames": _NOT_COUNT,
        "rematch_of": [*_NOT_HEX[:-1]],
        "commitment": _NOT_32,
        "candidate": _NOT_CANDIDATE,
    },
    m.Accept: {
        "invite": _NOT_16,
        "frames": _NOT_COUNT,
        "commitment": _NOT_32,
        "candidate": _NOT_CANDIDATE,
    },
    m.Decline: {"invite": _NOT_16, "reason": _NOT_CODE},
    m.Cancel: {"invite": _NOT_16, "reason": _NOT_CODE},
    m.Reveal: {"invite": _NOT_16, "nonce": _NOT_32},
    m.DialMe: {"match": _NOT_HEX},
    m.Join: {"match": _NOT_HEX, "session": _NOT_COUNT, "token": _NOT_16},
    m.Start: {
        "match": _NOT_HEX,
        "hash": _NOT_16,
        "salt": [b"x" * 31, b"x" * 33, "x" * 32],
    },
    m.Input: {"match": _NOT_HEX, "player": _NOT_SEAT, "frame": _NOT_COUNT, "data": [b"x" * 4097, "x", None]},
    m.Sealed: {"match": _NOT_HEX, "player": _NOT_SEAT, "frame": _NOT_COUNT, "commitment": _NOT_32},
    m.StateHash: {"match": _NOT_HEX, "frame": _NOT_COUNT, "hash": _NOT_16},
    m.StreamPacket: {"match": _NOT_HEX, "data": [b"x" * 4097, "x", None]},
    m.Request: {
        "match": _NOT_HEX,
        "player": _NOT_SEAT,
        "what": ["", "end", 1, None],
        "value": _NOT_COUNT,
    },
    m.Decided: {"match": _NOT_HEX, "entry": [b"", b"x" * (DECISION_MAX + 1), "x", None]},
    m.Resume: {
        "match": _NOT_HEX,
        "session": [0, *_NOT_COUNT],
        "frame": _NOT_COUNT,
        "hash": _NOT_16,
        "fresh": [0, 1, "true", None],
        "salt": [b"x" * 31, b"x" * 33, "x" * 32],
        "decisions": _NOT_COUNT,
        "inputs": [[b"x"] * 129, [b"x" * 4097], [1], "x", None],
        "cut": _NOT_COUNT[:-1],
        "epoch": [0, *_NOT_COUNT[:-1]],
    },
    m.Tell: {"match": _NOT_HEX, "frame": _NOT_COUNT, "decisions": _NOT_COUNT},
    m.Watch: {"match": _NOT_HEX, "seats": [-1, 9, 1.5, "1", None]},
    m.Facts: {
        "match": _NOT_HEX,
        "game": _NOT_GAME,
        "digest": _NOT_HEX,
        "config": [b"x" * 4097, "x", None],
        "seed": [-1, 1.5, "1", None],
        "players": [[], [PEER] * 9, [PEER.upper()], [PEER[1:]], [PEER + "\n"], [1], "x", None],
        "names": [[], [""] * 9, ["x" * 65], [1], "x", None],
        "bots": [[""] * 9, ["Easy"], ["x" * 33], ["easy\n"], [1], "x", None],
        "teams": [[0] * 9, [8], [-1], ["0"], 0, None],
        "frames": _NOT_COUNT,
        "host": ["", PEER[1:], PEER + "\n", 1, None],
        "room": ["0123456789ABCDEF", "0123456789abcde", "0123456789abcdef\n", 7, None],
    },
    m.Log: {
        "match": _NOT_HEX,
        "first": _NOT_COUNT,
        "runs": [[[0, [b"x"]]], [[65536, [b"x"]]], [[1, [b"x" * 4097]]], [[1, [b"x"] * 9]], [[1]], [1], None],
    },
    m.State: {
        "match": _NOT_HEX,
        "frame": _NOT_COUNT,
        "size": [0, 1024 * 1024 + 1, *_NOT_COUNT],
        "offset": _NOT_COUNT,
        "data": [b"", b"x" * (48 * 1024 + 1), "x", None],
        "chain": _NOT_16,
        "reproduced": [0, 1, "true", None],
    },
    m.Differ: {
        "match": _NOT_HEX,
        "first": _NOT_COUNT,
        "hashes": [b"x" * (16 * 256 + 1), "x", None],
        "version": ["x" * 33, 1, None],
        "platform": ["x" * 201, 1, None],
    },
    m.DisputeAnswer: {"match": _NOT_HEX, "frame": _NOT_COUNT, "go_on": [0, 1, "true", None]},
    m.EndSignature: {
        "match": _NOT_HEX,
        "player": _NOT_SEAT,
        "frame": _NOT_COUNT,
        "decisions": _NOT_COUNT,
        "public_key": _NOT_32,
        "signature": [b"", b"x" * 63, b"x" * 65, "x" * 64, None],
    },
    m.VerifyCommit: {"commitment": _NOT_32},
    m.VerifyNonce: {"commitment": _NOT_32, "nonce": _NOT_32},
    m.VerifyReveal: {"commitment": _NOT_32, "nonce": _NOT_32},
    m.VerifyReady: {"commitment": _NOT_32},
    m.VerifyResult: {"commitment": _NOT_32, "ok": [0, 1, "true", None]},
}
"""Values that each field must refuse."""
