"""One well-formed message of every type: for tests that want them all."""

from typing import Any

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import PROTOCOL
from p2pgame.wire.decisions import DECISION_MAX, Decision, Ended, encode_decision
from p2pgame.wire.rooms import NO_LINK, Kicked, Member, Player, Seat, Vote

MATCH = "00112233445566ff"
ROOM = "ffeeddccbbaa9988"
ANN, BEN = "a" * 26, "b" * 26
HELLO = m.Hello(
    protocol=PROTOCOL,
    version="0.1.0",
    instance="0123456789abcdef",
    name="Ann",
    tcp_port=41421,
    games={"gomoku": "fedcba9876543210"},
)
ROOM_STATE = m.RoomState(
    room=ROOM,
    term=1,
    number=7,
    leader=ANN,
    game="tron",
    digest="fedcba9876543210",
    config=b"\x80",
    frames=0,
    members=(Member(ANN, "Ann", 2, True), Member(BEN, "Ben", 0, False, False)),
    seats=(Seat(peer=ANN), Seat(peer=ANN, index=1, team=1), Seat("bot", "hard"), Seat("closed")),
    phase="gathering",
    round=1,
    wins=(1, 0, 0, 0),
    last=(0,),
    lineup=(Player(0, ANN, "Ann", "", 0), Player(1, ANN, "Ann (2)", "", 1), Player(2, "", "", "hard", 0)),
    epoch=1,
    match=MATCH,
    host=ANN,
    vote=Vote(ANN, "kick", BEN, 20_000, 1, (ANN,), ()),
    kicked=(Kicked("c" * 26, 60_000),),
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
    m.RoomJoin(room=ROOM, local=2, term=1, number=6),
    ROOM_STATE,
    m.RoomAsk(room=ROOM, what="kick", argument=BEN),
    m.RoomRefused(room=ROOM, reason="not_seated"),
    m.RoomLeave(room=ROOM, reason="moved", leader=ANN),
    m.RoomOffer(room=ROOM, leader=ANN, game="tron", digest="fedcba9876543210"),
    m.RoomCommit(
        room=ROOM, plan=b"p" * 32, commitments=(m.Commitment(b"c" * 32, True, False, (0, 12, NO_LINK)),)
    ),
    m.RoomReveal(room=ROOM, plan=b"p" * 32, nonces=(b"n" * 32,)),
    m.RoomRound(room=ROOM, plan=b"p" * 32, news="ended", epoch=1, match=MATCH, host=ANN, winners=(2,)),
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
_NOT_LOCAL = [-1, 5, "1", None]
_NOT_BOOL = [0, 1, "true", None]
_NOT_PEER = ["", "a" * 25, "a" * 27, "A" * 26, "1" * 26, b"a" * 26, None]
_NOT_PEER_OR_NONE = _NOT_PEER[1:]
_NOT_HEX_OR_NONE = ["0" * 15, "0" * 17, "G" * 16, 1, None]

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
    m.RoomJoin: {"room": _NOT_HEX, "local": _NOT_LOCAL, "term": _NOT_COUNT, "number": _NOT_COUNT},
    m.RoomState: {
        "room": _NOT_HEX,
        "term": [0, *_NOT_COUNT],
        "number": _NOT_COUNT,
        "leader": _NOT_PEER,
        "game": _NOT_GAME,
        "digest": _NOT_HEX,
        "config": [b"x" * 4097, "x", None],
        "frames": _NOT_COUNT,
        "members": [[], [[ANN, "A"]] * 17, [["x", "A"]], [[ANN, "x" * 65]], [[ANN, "A", 5]], [[ANN]], None],
        "seats": [[], [[]] * 9, [["throne"]], [["bot", "godlike"]], [["bot", "easy", 9]], None],
        "locked": _NOT_BOOL,
        "phase": ["limbo", 1, None],
        "left": [-1, 3_600_001, "1", None],
        "held": _NOT_BOOL,
        "round": _NOT_COUNT,
        "rounds": _NOT_COUNT,
        "wins": [[0] * 9, [-1], ["x"], None],
        "last": [[0] * 9, [8], [-1], None],
        "lineup": [[[0, ANN, "A", "", 0]] * 9, [[8, ANN, "A", "", 0]], [[0, "x", "A", "", 0]], [[0]], None],
        "epoch": _NOT_COUNT,
        "match": _NOT_HEX_OR_NONE,
        "host": _NOT_PEER_OR_NONE,
        "vote": [[], [ANN, "mutiny", "", 1, 1, [], []], [ANN, "kick", "x" * 27, 1, 1, [], []], 1],
        "passed": _NOT_BOOL,
        "kicked": [[[ANN, 1]] * 17, [["x", 1]], [[ANN, -1]], None],
    },
    m.RoomAsk: {
        "room": _NOT_HEX,
        "what": ["reign", 1, None],
        "value": _NOT_LOCAL,
        "argument": ["x" * 27, 1, None],
    },
    m.RoomRefused: {"room": _NOT_HEX, "reason": _NOT_CODE},
    m.RoomLeave: {"room": _NOT_HEX, "reason": _NOT_CODE, "leader": _NOT_PEER_OR_NONE},
    m.RoomOffer: {"room": _NOT_HEX, "leader": _NOT_PEER, "game": _NOT_GAME, "digest": _NOT_HEX},
    m.RoomCommit: {
        "room": _NOT_HEX,
        "plan": _NOT_32,
        "commitments": [
            [],
            [[b"c" * 32, True, True, [0]]] * 9,
            [[b"c" * 31, True, True, [0]]],
            [[b"c" * 32, True, True, []]],
            [[b"c" * 32, True, True, [0] * 9]],
            [[b"c" * 32, True, True, [65536]]],
            [[b"c" * 32, 1, True, [0]]],
            None,
        ],
    },
    m.RoomReveal: {"room": _NOT_HEX, "plan": _NOT_32, "nonces": [[], [b"n" * 32] * 9, [b"n" * 31], None]},
    m.RoomRound: {
        "room": _NOT_HEX,
        "plan": _NOT_32,
        "news": ["rained off", 1, None],
        "epoch": _NOT_COUNT,
        "match": _NOT_HEX_OR_NONE,
        "host": _NOT_PEER_OR_NONE,
        "winners": [[0] * 9, [8], [-1], None],
    },
}
"""Values that each field must refuse."""
