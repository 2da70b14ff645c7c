"""Vectors of docs/protocol.md, from "Match" on."""

from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.core.game import EndedBy, Outcome, Setup
from p2pgame.core.ids import peer_id_of
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.games.gomoku.rules import GAME, Config, Move, State
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.netcode.hashes import HashLedger
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.records import End, Header
from p2pgame.replay.signing import statement
from p2pgame.replay.votes import ballot
from p2pgame.wire import decisions as d
from p2pgame.wire import messages as m
from p2pgame.wire.commitment import commitment, seal
from p2pgame.wire.packet import Block, Packet, encode_packet
from p2pgame.wire.path import PathChallenge, PathResponse, encode_path
from p2pgame.wire.sealed import Sealer, derive_keys
from p2pgame.wire.takeback import Takeback, encode_takeback
from tests.vectors.vector import Vector

__all__ = ["KEYS", "MATCH", "packet", "vectors"]

MATCH = "0123456789abcdef"
SALT = b"\xaa" * 16
HOST_SALT, GUEST_SALT = b"\xaa" * 32, b"\xbb" * 32
KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
MOVE = encode(Move(112))
BAREST = bytes.fromhex("a5706f696e74")
SEQUENCE = 65539


def board(*moves: int) -> State:
    state = GAME.initial(Setup(players=2, seed=1, config=Config()))
    for number, point in enumerate(moves):
        inputs = [Move(point), None]
        state = GAME.advance(state, inputs if number % 2 == 0 else inputs[::-1])
    return state


PLAYERS = tuple(peer_id_of(key.public_key().public_bytes_raw()) for key in KEYS)


def packet(*blocks: Block) -> bytes:
    return encode_packet(
        Packet(
            first=65537,
            inputs=() if blocks else (b"\0",) * 3 + (b"\3",),
            ack=65535,
            advantage=-1,
            echo=(42, 7),
            hash=(65534, bytes.fromhex("812e081679ce")),
            blocks=blocks or None,
        )
    )


def _sealed() -> str:
    sealer = Sealer(derive_keys(MATCH, 1, PLAYERS[1], HOST_SALT, GUEST_SALT)[0])
    sealer.sequence = SEQUENCE - 1
    return sealer.seal(packet()).hex()


def _rolled(*hashes: bytes) -> list[str]:
    ledger = HashLedger()
    out = []
    for frame, value in enumerate(hashes):
        ledger.ours(frame, value)
        out.append(ledger.rolled.hex())
    return out


def _log() -> DecisionLog:
    log = DecisionLog(MATCH)
    log.write(1, d.Paused("connection", 2000))
    log.write(1, d.Resigned(1))
    log.write(1, d.Ended(Outcome.by(EndedBy.RESIGNED, (0,))))
    return log


def _vote() -> d.HostVote:
    """Of player 0 for player 1 in epoch 3."""
    return d.HostVote(KEYS[0].public_key().public_bytes_raw(), KEYS[0].sign(ballot(MATCH, 3, PLAYERS[1])))


def _kinds() -> list[d.Decision]:
    ended = d.Ended(Outcome.by(EndedBy.DRAW_AGREED))
    claim = d.Ended(Outcome.by(EndedBy.CLAIMED, (0,)))
    return [
        d.Decision(1, 1, 200, d.Paused("connection", 4500)),
        d.Decision(1, 2, 300, d.Resigned(1)),
        d.Decision(1, 3, 300, d.DrawAgreed()),
        d.Decision(1, 4, 300, ended),
        d.Decision(2, 1, 300, d.Claimed(0)),
        d.Decision(2, 2, 300, claim),
        d.Decision(3, 1, 400, d.HostIs(PLAYERS[1], (_vote(),))),
        d.Decision(3, 2, 400, d.Dropped(0, "lost")),
        d.Decision(3, 3, 620, d.Seated(0, PLAYERS[0])),
    ]


def _signed() -> tuple[Header, End]:
    publics = [key.public_key().public_bytes_raw() for key in KEYS]
    players = tuple(peer_id_of(public) for public in publics)
    hashes = [state_hash(board()), state_hash(board(112))]
    header = Header(
        version="",
        game="gomoku",
        digest="fedcba9876543210",
        match=MATCH,
        seed=1,
        config=bytes.fromhex("80"),
        players=players,
        names=("", ""),
        host=players[1],
        me=0,
    )
    end = End(
        frame=1,
        hash=hashes[1],
        chain=link(first_link(hashes[0]), (MOVE, None), hashes[1]),
        decisions=_log().chain,
        outcome=Outcome.by(EndedBy.RESIGNED, (0,)),
    )
    return header, end


def vectors() -> dict[str, Vector]:
    keys = {"match": MATCH, "host_salt": HOST_SALT.hex(), "guest_salt": GUEST_SALT.hex()}
    empty, first = state_hash(board()), state_hash(board(112))
    chain = first_link(empty)
    log, (header, end) = _log(), _signed()
    data = statement(header, end)
    move = m.Input(match=MATCH, player=0, frame=3, data=MOVE)
    fields: dict[str, Any] = {
        "first": 65537,
        "inputs": ["00", "00", "00", "03"],
        "ack": 65535,
        "advantage": -1,
        "echo": [42, 7],
        "hash": [65534, "812e081679ce"],
    }
    others = [Block(0, 65537, (b"\0",) * 3 + (b"\3",)), Block(2, 65537, (b"\1", b"\1"))]
    return {
        "input": Vector({"match": MATCH, "player": 0, "frame": 3}, m.encode_message(move).hex()),
        "gomoku-state": Vector({"moves": []}, encode(board()).hex()),
        "hash-empty": Vector({"state": encode(board()).hex()}, empty.hex()),
        "hash-h8": Vector({"state": encode(board(112)).hex()}, first.hex()),
        "rolled": Vector(
            {"hashes": [(bytes([n]) * 16).hex() for n in range(3)]},
            _rolled(*(bytes([n]) * 16 for n in range(3))),
        ),
        "seal": Vector(
            {"match": MATCH, "frame": 3, "player": 1, "salt": SALT.hex(), "input": MOVE.hex()},
            [seal(SALT, MOVE).hex(), commitment(MATCH, 3, 1, seal(SALT, MOVE)).hex()],
        ),
        "chain": Vector(
            {"hashes": [empty.hex(), first.hex()], "inputs": [[MOVE.hex(), None]]},
            [chain.hex(), link(chain, (MOVE, None), first).hex()],
        ),
        "chain-other-encoding": Vector(
            {"hashes": [empty.hex(), first.hex()], "inputs": [["df00000001a5706f696e74cc70", None]]},
            link(chain, (bytes.fromhex("df00000001") + BAREST + b"\xcc\x70", None), first).hex(),
        ),
        "ballot": Vector(
            {"match": MATCH, "epoch": 3, "candidate": PLAYERS[1], "private_key": "01" * 32},
            [ballot(MATCH, 3, PLAYERS[1]).hex(), _vote().signature.hex()],
        ),
        "entries": Vector(
            {"entries": [msgspec.to_builtins(one) for one in _kinds()]},
            [d.encode_decision(one).hex() for one in _kinds()],
        ),
        "decisions": Vector(
            {"match": MATCH, "entries": [entry.hex() for entry in log.entries]},
            [DecisionLog(MATCH).chain.hex(), log.chain.hex()],
        ),
        "decision-log": Vector({}, [entry.hex() for entry in log.entries]),
        "statement": Vector(
            {
                "match": MATCH,
                "game": "gomoku",
                "digest": header.digest,
                "seed": 1,
                "config": "80",
                "frame_limit": 0,
                "players": list(header.players),
                "teams": [],
                "bots": [],
                "host": header.host,
                "frame": 1,
                "hash": end.hash.hex(),
                "chain": end.chain.hex(),
                "decisions": end.decisions.hex(),
                "outcome": [[0], "resigned", "resigned"],
            },
            data.hex(),
        ),
        "signature": Vector(
            {"private_keys": [key.private_bytes_raw().hex() for key in KEYS], "signed": data.hex()},
            [key.sign(data).hex() for key in KEYS],
        ),
        "keys": Vector(
            {**keys, "session": 1, "guest": PLAYERS[1]},
            [key.hex() for key in derive_keys(MATCH, 1, PLAYERS[1], HOST_SALT, GUEST_SALT)],
        ),
        "keys-later": Vector(
            {**keys, "session": 3, "guest": PLAYERS[0]},
            [key.hex() for key in derive_keys(MATCH, 3, PLAYERS[0], HOST_SALT, GUEST_SALT)],
        ),
        "packet": Vector(fields, packet().hex()),
        "packet-others": Vector(
            {
                **{name: value for name, value in fields.items() if name != "inputs"},
                "blocks": [
                    {"player": one.player, "first": one.first, "inputs": [data.hex() for data in one.inputs]}
                    for one in others
                ],
            },
            packet(*others).hex(),
        ),
        "path": Vector(
            {"token": bytes(range(8)).hex()},
            [encode_path(kind(bytes(range(8)))).hex() for kind in (PathChallenge, PathResponse)],
        ),
        "sealed": Vector(
            {
                "key": derive_keys(MATCH, 1, PLAYERS[1], HOST_SALT, GUEST_SALT)[0].hex(),
                "sequence": SEQUENCE,
                "packet": packet().hex(),
            },
            _sealed(),
        ),
        "adjourned": Vector(
            {"epoch": 1, "index": 2, "frame": 12, "thought": [0, 1500]},
            d.encode_decision(
                d.Decision(epoch=1, index=2, frame=12, what=d.Adjourned(thought=(0, 1500)))
            ).hex(),
        ),
        "takeback": Vector({"frame": 258, "player": 1}, encode_takeback(Takeback(258, 1)).hex()),
    }
