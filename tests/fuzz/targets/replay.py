"""The file of a match, and all that is done with one: read, seek, verify, compare. One error type, bounded work."""

import random
from contextlib import suppress

import msgspec

from p2pgame.core.game import AnyGame
from p2pgame.core.snapshot import encode
from p2pgame.games.gomoku.rules import GAME as GOMOKU
from p2pgame.games.pong.rules import GAME as PONG
from p2pgame.games.tron.rules import GAME as TRON
from p2pgame.i18n.errors import sentence
from p2pgame.netcode.decisions import DECISIONS_MAX
from p2pgame.replay.codec import MAGIC
from p2pgame.replay.compare import compare, reports
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay, read
from p2pgame.replay.records import Desync, Note, Repaired
from p2pgame.replay.verify import verify
from p2pgame.wire.decisions import DrawAgreed, Paused
from tests.fuzz.mutate import bent, in_msgpack
from tests.unit.replay.made import DIGEST, Tape, chunk, header_of

_GAMES: dict[str, AnyGame] = {game.name: game for game in (GOMOKU, PONG, TRON)}
_FRAMES = 400
"""A file of more is read and not played."""
_record = in_msgpack()


def samples() -> list[bytes]:
    made = []
    for game, frames, every in ((GOMOKU, 12, 5), (PONG, 60, 20), (TRON, 130, 100)):
        tape = Tape(game, header_of(game, frame_limit=frames), every=every).play(frames)
        made.append(tape.end().data)
    tape = Tape(GOMOKU, header_of(GOMOKU)).play(4)
    state = encode(tape.state)
    tape.decide(Paused("connection", 900)).resign(1)
    ended = tape.data
    tape = Tape(GOMOKU, header_of(GOMOKU)).play(4).decide(DrawAgreed())
    tape.records.append(Note(frame=4, what="connection"))
    tape.records.append(Repaired(frame=4, state=state, chain=tape.chain, reason="desync"))
    tape.records.append(
        Desync(
            frame=4,
            ours=state,
            theirs=encode(tape.play(1).state),
            versions=("1", "2"),
            platforms=("a", "b"),
            reproduced=(True, False),
        )
    )
    return [*made, ended, tape.data, made[0][:-70]]


def fuzz_one(data: bytes) -> None:
    try:
        replay = read(data)
    except ReplayError as error:
        _one_line(sentence(error.code, error.params))
        return
    _consistent(replay, data)
    game = _GAMES.get(replay.header.game)
    with suppress(ReplayError):
        reports(replay, game)
    if replay.frames > _FRAMES:
        return
    with suppress(ReplayError):
        compare(replay, replay, game)
    if game is not None:
        _play(replay, game)


def _consistent(replay: Replay, data: bytes) -> None:
    """What is whole reads the same without the rest."""
    if replay.damage is not None:
        _one_line(sentence(replay.damage.code, replay.damage.params))
    assert len(replay.links) == replay.frames
    assert all(frame <= replay.frames for frame in (*replay.snapshots, *replay.repaired))
    assert replay.end is None or replay.end.frame == replay.frames
    assert len(replay.decisions.entries) <= DECISIONS_MAX
    again = read(data[: replay.whole])
    assert (again.damage, again.inputs, again.links) == (None, replay.inputs, replay.links)
    assert again.decisions.entries == replay.decisions.entries


def _play(replay: Replay, game: AnyGame) -> None:
    verdict = verify(replay, game, DIGEST)
    for problem in verdict.problems:
        _one_line(sentence(problem.code, problem.params))
    assert not verdict.ok or (verdict.whole and verdict.deterministic and verdict.signed_by)
    with suppress(ReplayError):
        playback = Playback(replay, game)
        playback.check_inputs()
        for frame in (replay.frames, 0, replay.frames // 2):
            playback.to_move(frame)
            playback.rules.render(frame, playback.state(frame))
        compare(replay, _GOOD[game.name], game)


def _one_line(text: str) -> None:
    assert text.isprintable()
    assert len(text) < 400


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Mostly inside the payloads, with right lengths and checksums, so that more than the first flaw is reached."""
    chunks = _chunks(data)
    if not chunks or chance.random() < 0.15:
        return bent(data, chance)
    at = chance.randrange(len(chunks))
    match chance.randrange(10):
        case 0:
            del chunks[at]
        case 1:
            chunks.insert(chance.randrange(1, len(chunks) + 1), chunks[at])
        case 2:
            chunks[at:] = chunks[at : at + 1] * chance.choice((1, 2, 30))
        case 3:
            other = chance.randrange(len(chunks))
            chunks[at], chunks[other] = chunks[other], chunks[at]
        case _:
            chunks[at] = _spoiled(chunks[at], chance)
    return (MAGIC + b"".join(map(chunk, chunks)))[:70_000]


def _spoiled(payload: bytes, chance: random.Random) -> bytes:
    """A record with something in it changed; half of the time inside the state or decision that it carries."""
    try:
        record = msgspec.msgpack.decode(payload)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # it was spoiled before
        record = None
    for name in ("state", "entry"):
        if isinstance(record, dict) and isinstance(record.get(name), bytes) and chance.random() < 0.5:
            return msgspec.msgpack.encode({**record, name: _record(record[name], chance)})
    return _record(payload, chance)


def _chunks(data: bytes) -> list[bytes]:
    found, at = [], len(MAGIC)
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        found.append(data[at + 8 : end])
        at = end
    return found


_GOOD = {name: read(Tape(game, header_of(game)).play(20).data) for name, game in _GAMES.items()}
