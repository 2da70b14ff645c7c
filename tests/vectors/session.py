"""Vectors of docs/protocol.md, from "Prologue and TLS" to "Comparing codes"."""

from typing import Any

import msgspec

from p2pgame.core.digest import digest
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.core.registry import Plugin, rules_digest
from p2pgame.session.election import Standing, commit, crossing_rank, elect
from p2pgame.session.people.verification import commitment, short_code
from p2pgame.session.room.gather import Plan, elect_round
from p2pgame.wire import messages as m
from p2pgame.wire.framing import frame
from p2pgame.wire.prologue import TEXT_ANSWER, prologue
from p2pgame.wire.rooms import NO_LINK, Commitment, Player, parties_of, plan_digest
from tests.unit.wire.samples import SAMPLES
from tests.vectors.vector import Vector

__all__ = ["GAMES", "vectors"]

GAMES = tuple(Plugin(f"p2pgame.games.{name}") for name in ("gomoku", "pong", "tron"))
INVITE = bytes(range(16))
A, B = peer_id_of(bytes(32)), peer_id_of(b"\1" * 32)
FACTS = {A: m.Candidate(), B: m.Candidate(wired=True)}
STANDINGS = {peer: Standing.of(facts) for peer, facts in FACTS.items()}
NONCES = {A: b"\xaa" * 32, B: b"\xbb" * 32}
C = peer_id_of(b"\2" * 32)
ROOM = "ffeeddccbbaa9988"
LINEUP = (
    Player(0, A, "Ann", "", 1),
    Player(1, B, "Ben", "", 2),
    Player(3, "", "", "hard", 1),
    Player(4, C, "Cid", "", 2),
    Player(5, C, "Cid (2)", "", 1),
)
PLAN = Plan(
    ROOM,
    plan_digest(ROOM, 2, "tron", "fedcba9876543210", b"\x80", 0, LINEUP),
    LINEUP,
    parties_of(LINEUP),
)
ROUND_NONCES = {**NONCES, C: b"\xcc" * 32}
SAID = (
    Commitment(commit(A, PLAN.digest, NONCES[A]), True, True, (0, 2, NO_LINK)),
    Commitment(commit(B, PLAN.digest, NONCES[B]), True, False, (2, 0, 4)),
    Commitment(commit(C, PLAN.digest, ROUND_NONCES[C]), True, False, (9, 5, 0)),
)
RULES = "SIZE = 3\r\nNAME = 'é'\r\n"
MODULES = {"engine.moves": "STEP = 1\r\n", "board": "EMPTY = 0\n", "engine": ""}


def _elected(previous: tuple[PeerId, ...] = ()) -> list[str]:
    seats = (*previous[1:], previous[0]) if previous else None
    result = elect(INVITE, STANDINGS, NONCES, seats=seats)
    return [result.host, result.players[0], result.match, f"{result.seed:016x}", result.token.hex()]


def _gathered(epoch: int) -> list[str]:
    result = elect_round(PLAN, SAID, ROUND_NONCES, epoch)
    return [result.host, *result.players, result.match, f"{result.seed:016x}", result.token.hex()]


def _facts(peer: PeerId) -> dict[str, Any]:
    facts = FACTS[peer]
    return {
        "peer": peer,
        "reachable": facts.reachable,
        "wired": facts.wired,
        "nonce": NONCES[peer].hex(),
    }


def vectors() -> dict[str, Vector]:
    beats = (m.Heartbeat(nonce=1), m.HeartbeatAck(nonce=1), m.Close(code="bye"))
    invite = m.Invite(
        invite=INVITE,
        game="gomoku",
        digest="fedcba9876543210",
        config=b"\x80",
        frames=0,
        rematch_of=None,
        commitment=b"\xcc" * 32,
        candidate=m.Candidate(),
    )
    code = short_code(A, B, NONCES[A], NONCES[B])
    members = {"invite": INVITE.hex(), "a": _facts(A), "b": _facts(B)}
    pair = {"asker": A, "asked": B, "asker_nonce": NONCES[A].hex(), "asked_nonce": NONCES[B].hex()}
    played = elect(INVITE, STANDINGS, NONCES).players
    return {
        "digest": Vector({"label": "label", "parts": ["", "6162"]}, digest("label", b"", b"ab").hex()),
        "prologue": Vector({"certificate": "3082"}, prologue(b"\x30\x82").hex()),
        "text-answer": Vector({}, TEXT_ANSWER.decode("ascii").removesuffix("\r\n")),
        "frames": Vector(
            {"messages": [msgspec.to_builtins(one) for one in beats]},
            "".join(frame(m.encode_message(one)).hex() for one in beats),
        ),
        "messages": Vector(
            {"types": [str(sample.__struct_config__.tag) for sample in SAMPLES]},
            [m.encode_message(sample).hex() for sample in SAMPLES],
        ),
        "invite": Vector({}, m.encode_message(invite).hex()),
        "rules-digest": Vector({"source": RULES}, rules_digest(RULES)),
        "rules-digest-modules": Vector({"source": RULES, "modules": MODULES}, rules_digest(RULES, MODULES)),
        "rules": Vector({}, [f"{game.game.name} {game.digest}" for game in GAMES]),
        "commitment-a": Vector(
            {"peer": A, "other": B, "nonce": NONCES[A].hex()}, commit(A, B.encode(), NONCES[A]).hex()
        ),
        "commitment-b": Vector(
            {"peer": B, "other": A, "nonce": NONCES[B].hex()}, commit(B, A.encode(), NONCES[B]).hex()
        ),
        "rank": Vector(
            {"inviter": A, "invitee": B, "invite": INVITE.hex()}, crossing_rank(A, B, INVITE).hex()
        ),
        "election": Vector(members, _elected()),
        "election-return": Vector({**members, "previous": list(played)}, _elected(played)),
        "plan": Vector(
            {
                "room": ROOM,
                "round": 2,
                "game": "tron",
                "digest": "fedcba9876543210",
                "config": "80",
                "frames": 0,
                "lineup": msgspec.to_builtins(LINEUP),
            },
            PLAN.digest.hex(),
        ),
        "gather": Vector(
            {
                "plan": PLAN.digest.hex(),
                "lineup": msgspec.to_builtins(LINEUP),
                "parties": [
                    {
                        "peer": peer,
                        "nonce": ROUND_NONCES[peer].hex(),
                        "commitment": said.commitment.hex(),
                        "reachable": said.reachable,
                        "wired": said.wired,
                        "round_trips": list(said.round_trips),
                    }
                    for peer, said in zip(PLAN.parties, SAID, strict=True)
                ],
            },
            _gathered(1),
        ),
        "gather-next": Vector({"epoch": 2}, _gathered(2)),
        "verify-commitment": Vector(
            {"asker": A, "asked": B, "asker_nonce": NONCES[A].hex()}, commitment(A, B, NONCES[A]).hex()
        ),
        "verify-code": Vector(pair, " ".join((code.digits, *map(str, code.pictures)))),
    }
