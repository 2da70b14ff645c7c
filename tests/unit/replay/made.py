"""Files of matches, made as a program in a match makes them, with keys that follow from the player's number."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from zlib import crc32

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.core import Setup
from p2pgame.core.game import AnyGame, EndedBy, Outcome
from p2pgame.core.ids import peer_id_of
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.codec import MAGIC, encode_record
from p2pgame.replay.records import HASH_SHOWN, Decided, End, Header, Inputs, Record, Signature, Snapshot
from p2pgame.replay.signing import statement
from p2pgame.replay.votes import ballot
from p2pgame.testing.inputs import RandomInputs
from p2pgame.wire.decisions import DecisionBody, Ended, HostIs, HostVote, Resigned
from p2pgame.wire.runs import FrameInputs, pack

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(1, 9)]
IDS = [peer_id_of(key.public_key().public_bytes_raw()) for key in KEYS]
NAMES = ("Ann", "Ben", "Cleo")
DIGEST = "0123456789abcdef"

Choose = Callable[[Any, int], tuple[Any, ...]]
"""From a state and the number of players to one input a player."""


def header_of(game: AnyGame, *, config: Any = None, seed: int = 1, players: int = 2, **fields: Any) -> Header:
    return Header(
        **{
            "version": "1.2.3",
            "platform": "tests",
            "game": game.name,
            "digest": DIGEST,
            "match": "00112233445566aa",
            "seed": seed,
            "config": encode(game.config_type() if config is None else config),
            "tick_rate": game.tick_rate,
            "players": tuple(IDS[:players]),
            "names": NAMES[:players],
            "host": IDS[0],
            "me": 0,
            **fields,
        }
    )


def raw(inputs: Sequence[Any]) -> FrameInputs:
    return tuple(None if move is None else encode(move) for move in inputs)


def sign(header: Header, end: End, *players: int) -> list[Signature]:
    return [
        Signature(
            player=player,
            public_key=KEYS[player].public_key().public_bytes_raw(),
            signature=KEYS[player].sign(statement(header, end)),
        )
        for player in players
    ]


def chunk(payload: bytes) -> bytes:
    """Any payload as a chunk of a file."""
    return len(payload).to_bytes(4, "big") + crc32(payload).to_bytes(4, "big") + payload


def file_of(records: Iterable[Record]) -> bytes:
    return MAGIC + b"".join(map(encode_record, records))


class Tape:
    """Plays a match and keeps its records. `state`, `frame` and `chain` may be bent by a test that wants a lie."""

    def __init__(
        self, game: AnyGame, header: Header, choose: Choose | None = None, *, every: int = 0
    ) -> None:
        """`every`: frames between two snapshots; 0: none."""
        self.game = game
        self.header = header
        self.records: list[Record] = [header]
        self.state: Any = game.initial(
            Setup(len(header.players), header.seed, game.decode_config(header.config))
        )
        self.chain = first_link(state_hash(self.state))
        self.frame = 0
        self.decisions = DecisionLog(header.match)
        self._choose = choose or RandomInputs(game, header.seed)
        self._every = every

    @property
    def over(self) -> Outcome | None:
        outcome = self.game.outcome(self.state)
        if outcome is None and 0 < self.header.frame_limit <= self.frame:
            return Outcome.by(EndedBy.FRAME_LIMIT)
        return outcome

    def elect(self, player: int, *voters: int) -> "Tape":
        """These players choose that one as the host, in the next epoch."""
        epoch = self.decisions.epoch + 1
        signed = ballot(self.header.match, epoch, IDS[player])
        votes = [HostVote(KEYS[n].public_key().public_bytes_raw(), KEYS[n].sign(signed)) for n in voters]
        entry = self.decisions.write(self.frame, HostIs(IDS[player], tuple(votes)), epoch=epoch)
        self.records.append(Decided(entry=entry))
        return self

    def decide(self, *bodies: DecisionBody, alone: bool = False) -> "Tape":
        """Entries of the decision log at this frame. `alone`: they begin the next epoch."""
        for number, what in enumerate(bodies):
            entry = self.decisions.write(self.frame, what, epoch=2 if alone and not number else 0)
            self.records.append(Decided(entry=entry))
        return self

    def resign(self, seat: int, **how: Any) -> "Tape":
        """The player of `seat` gives up, and the match ends."""
        others = tuple(player for player in range(len(self.header.players)) if player != seat)
        outcome = Outcome.by(EndedBy.RESIGNED, others)
        return self.decide(Resigned(seat), Ended(outcome)).end(outcome, **how)

    def play(self, frames: int = 1 << 32, batch: int = 30) -> "Tape":
        """So many frames, or to the end, `batch` of them a record."""
        while frames and self.over is None:
            played: list[FrameInputs] = []
            links = b""
            while frames and len(played) < batch and self.over is None:
                played.append(self._advance())
                links += self.chain[:HASH_SHOWN]
                frames -= 1
                if self._every and self.frame % self._every == 0:
                    break
            first = self.frame - len(played)
            self.records.append(Inputs(first=first, runs=pack(played), hashes=links, chain=self.chain))
            if self._every and self.frame % self._every == 0:
                self.records.append(Snapshot(frame=self.frame, state=encode(self.state)))
        return self

    def end(
        self, outcome: Outcome | None = None, *, agreed: bool = True, signers: Sequence[int] | None = None
    ) -> "Tape":
        """The end, by the rules or as given, and the signatures of `signers`, or of all players."""
        how = outcome or self.over
        assert how is not None
        end = End(
            frame=self.frame,
            hash=state_hash(self.state),
            chain=self.chain,
            decisions=self.decisions.chain,
            outcome=how,
            agreed=agreed,
        )
        self.records.append(end)
        players = range(len(self.header.players)) if signers is None else signers
        self.records += sign(self.header, end, *players)
        return self

    @property
    def data(self) -> bytes:
        return file_of(self.records)

    def _advance(self) -> FrameInputs:
        inputs = self._choose(self.state, len(self.header.players))
        self.state = self.game.advance(self.state, inputs)
        self.frame += 1
        self.chain = link(self.chain, raw(inputs), state_hash(self.state))
        return raw(inputs)
