"""Who lies about where it stands, or claims another's seat, ends in a clear refusal, and changes nothing.

Ann is honest. What Ben says is changed on its way out (`Play.lies`), or said again and again.
"""

import random
from collections.abc import Callable, Mapping

import msgspec
import pytest

from p2pgame.core.errors import LocalProtocolError, Param
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.snapshot import encode
from p2pgame.games.gomoku.rules import Move
from p2pgame.netcode.decisions import DECISIONS_MAX
from p2pgame.session import events as e
from p2pgame.session.status import StatusCode
from p2pgame.testing.network import SimPeer as Peer
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import LOG_FRAMES, RUN_MAX
from p2pgame.wire.decisions import (
    Claimed,
    Decision,
    DecisionBody,
    DrawAgreed,
    Ended,
    Paused,
    Resigned,
    encode_decision,
)
from tests.sim.reconnect_world import GAMES, Play, Storm, match_of, pauses

Lie = Callable[[m.Message], list[m.Message]]
games = pytest.mark.parametrize("game", GAMES)


def begin(game: str, seconds: float = 0.4, frames: int = 0) -> Play:
    world = Play(game, frames=frames or (60 if game == "gomoku" else 400))
    world.start()
    world.run(seconds)
    return world


def about(kind: type[m.Message], **changes: object) -> Lie:
    """Every message of this kind says something else."""
    return lambda message: [msgspec.structs.replace(message, **changes) if type(message) is kind else message]


def instead(kind: type[m.Message], *lies: m.Message) -> Lie:
    return lambda message: list(lies) if type(message) is kind else [message]


def honest(message: m.Message) -> list[m.Message]:
    return [message]


def check_unharmed(world: Play, log: list[object], codes: set[str]) -> None:
    """Ann has lost nothing of what she had, was told why if it ended, and is free when she leaves."""
    ann = world.ann
    match = match_of(ann)
    assert match.core.timeline.log[: len(log)] == log
    told = {event.code for event in ann.told(e.ErrorEvent)}
    assert told <= codes, told
    claimed = match.over and match.outcome is not None and match.outcome.reason == "claimed"
    assert match.over == (bool(told) or claimed or match.settled)
    view = ann.lobby.view(ann.now)
    assert view is not None
    world.check_free()


def interrupt(world: Play, lie: Lie, *, fresh: str = "") -> list[object]:
    """The wire is cut, or a program killed; from then on Ben lies. Returns what Ann had confirmed until then."""
    log: list[object] = list(match_of(world.ann).core.timeline.log)
    world.lies["Ben"] = lie
    if fresh == "Ben":
        world.wreck(world.ben)
    elif fresh == "Ann":
        world.wreck(world.ann, lost=1)
        log = []
    else:
        world.reset(*world.both)
    return log


@games
@pytest.mark.parametrize("frame", [0, 3, 10**6, 2**32 - 1])
@pytest.mark.parametrize("fresh", ["", "Ann", "Ben"])
def test_lies_about_the_frame(game: str, frame: int, fresh: str) -> None:
    world = begin(game)
    log = interrupt(world, about(m.Resume, frame=frame), fresh=fresh)
    world.run(8.0)
    check_unharmed(
        world,
        log,
        {
            "bad_resume",
            "bad_log",
            "bad_state",
            "unexpected_message",
            "missing_hash",
            "wrong_frame",
            "disputed",
        },
    )


@games
@pytest.mark.parametrize("fresh", ["", "Ann", "Ben"])
def test_lies_about_the_hash_harm_who_lies(game: str, fresh: str) -> None:
    world = begin(game)
    log = interrupt(world, about(m.Resume, hash=b"x" * 16), fresh=fresh)
    world.run(8.0)
    check_unharmed(world, log, {"bad_state", "desync"})


@games
@pytest.mark.parametrize("epoch", [1, 2**32 - 1])
@pytest.mark.parametrize("fresh", [False, True])
def test_epochs_of_old_and_of_the_end_of_time(game: str, epoch: int, fresh: bool) -> None:
    world = begin(game)
    log = interrupt(world, about(m.Resume, session=epoch, fresh=fresh))
    world.run(8.0)
    check_unharmed(world, log, {"over", "bad_resume", "bad_log", "unexpected_message", "illegal_input"})


@pytest.mark.parametrize("game", ["pong", "tron"])
@pytest.mark.parametrize("salt", [None, bytes(32)])
@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("killed", ["", "Ann", "Ben"])
def test_lies_about_the_keys_and_about_having_been_killed(
    game: str, salt: bytes | None, fresh: bool, killed: str
) -> None:
    world = begin(game)
    log = interrupt(world, about(m.Resume, salt=salt, fresh=fresh), fresh=killed)
    world.run(8.0)
    check_unharmed(world, log, {"bad_resume", "unexpected_message", "over"})


def logs(world: Play, first: int) -> dict[str, list[m.Message]]:
    """Answers to who lacks the frames from `first` on."""
    match = world.match_id
    move = encode(Move(224)) if world.plugin.game.name == "gomoku" else encode(world.plugin.game.neutral)
    both, mine, yours = (move, move), (move, None), (None, move)
    return {
        "nothing": [],
        "garbage": [m.Log(match=match, first=first, runs=((1, (b"\xc1", b"\xc1")),))],
        "of one player": [m.Log(match=match, first=first, runs=((1, (move,)),))],
        "of nobody": [m.Log(match=match, first=first, runs=((1, (None, None)),))],
        "of both": [m.Log(match=match, first=first, runs=((1, both),))],
        "twice the same": [
            m.Log(match=match, first=first, runs=((1, mine), (1, mine), (1, yours), (1, yours)))
        ],
        "a gap": [m.Log(match=match, first=first + 1, runs=((1, both),))],
        "empty": [m.Log(match=match, first=first, runs=())] * 3,
        "too much": [m.Log(match=match, first=first, runs=((RUN_MAX, both),) * 100)],
        "far too much": [m.Log(match=match, first=first, runs=((LOG_FRAMES, both),))] * 20,
        "a snapshot": [
            m.State(
                match=match, frame=first, size=5, offset=0, data=b"hello", chain=b"c" * 16, reproduced=True
            )
        ],
    }


@pytest.mark.parametrize("game", ["gomoku", "pong"])
@pytest.mark.parametrize("kind", list(logs(Play("pong"), 0)))
@pytest.mark.parametrize("fresh", ["", "Ann", "Ben"])
@pytest.mark.parametrize("ahead", [1, 4, 1201])
def test_lies_about_what_was_played(game: str, kind: str, fresh: str, ahead: int) -> None:
    world = begin(game)
    known = len(match_of(world.ann).core.timeline.log)
    sent = logs(world, known)[kind]

    def lie(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume):
            return [msgspec.structs.replace(message, frame=match_of(world.ann).frame + ahead), *sent]
        return [] if isinstance(message, m.Log | m.State) else [message]

    log = interrupt(world, lie, fresh=fresh)
    world.run(8.0)
    codes = {
        "bad_resume",
        "bad_log",
        "bad_state",
        "unexpected_message",
        "missing_hash",
        "wrong_frame",
        "desync",
        "disputed",
    }
    check_unharmed(world, log, {*codes, "illegal_input", "bad_message", "frame_too_large"})


@games
def test_a_resignation_that_the_host_does_not_hear_of_is_one_all_the_same(game: str) -> None:
    world = begin(game, frames=5000)
    world.thinking = False
    guest = world.other(world.host)
    world.lies[guest.name] = lambda message: [] if isinstance(message, m.Request) else [message]
    guest.do("resign", guest.now)
    world.run(12.0)
    winner = match_of(world.host).me
    assert guest.first(e.MatchEnded).outcome == Outcome.by(EndedBy.RESIGNED, (winner,))


@pytest.mark.parametrize("ahead", [1, 2, 10])
@pytest.mark.parametrize("extra", ["hers", "both"])
def test_nobody_signs_moves_that_the_own_disk_does_not_show(ahead: int, extra: str) -> None:
    """Ann's program is killed; Ben tells her of moves that she never made."""
    world = begin("gomoku")
    ann = world.ann
    world.thinking = False
    world.run(1.0)
    match = match_of(ann)
    log = list(match.core.timeline.log)
    me = match.me
    points = (encode(Move(point)) for point in range(224, 0, -1))

    def forge(message: m.Message) -> list[m.Message]:
        match message:
            case m.Resume():
                runs = []
                for number in range(ahead):
                    mover = (len(log) + number) % 2 if extra == "both" else me
                    runs.append((1, tuple(next(points) if player == mover else None for player in range(2))))
                told = m.Log(match=message.match, first=len(log), runs=tuple(runs))
                return [msgspec.structs.replace(message, frame=len(log) + ahead), told]
            case m.Log():
                return []
        return [message]

    world.lies["Ben"] = forge
    world.wreck(ann)
    world.run(5.0)
    restarted = match_of(ann)
    assert restarted.core.timeline.log[: len(log)] == log
    made_up = restarted.core.timeline.log[len(log) :]
    assert all(inputs[me] is None for inputs in made_up)
    end = world.end_in_file(ann)
    if end is not None:
        assert not end.agreed
        assert end.outcome.winners != (1 - me,)


@pytest.mark.parametrize("game", ["pong", "tron"])
def test_in_real_time_a_program_is_told_no_more_than_its_disk_may_lose(game: str) -> None:
    world = begin(game, frames=3000)
    ann = world.ann
    neutral = encode(world.plugin.game.neutral)

    def forge(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume):
            frame = message.frame + 400
            told = m.Log(match=message.match, first=message.frame, runs=((400, (neutral, neutral)),))
            return [msgspec.structs.replace(message, frame=frame), told]
        return [message]

    world.lies["Ben"] = forge
    world.wreck(ann)
    world.run(5.0)
    assert ann.first(e.MatchEnded).outcome == Outcome.by(EndedBy.DISPUTED)
    assert match_of(ann).frame < 60


@pytest.mark.parametrize("game", ["pong", "tron"])
@pytest.mark.parametrize("seed", range(3))
def test_a_program_that_says_to_be_started_anew_takes_no_input_back(game: str, seed: int) -> None:
    """Ben lives on, and forgets on purpose what Ann has of him already."""
    world = begin(game, frames=3000, seconds=1.0 + seed / 50)
    ann, ben = world.both
    player = match_of(ben).me
    match_of(ben).set_delay(10)
    world.run(1.0)
    engine = match_of(ann).core.engine
    frame = match_of(ann).frame
    world.dead.add((ann.id, ben.id, "udp"))
    world.run(0.1)
    seen = engine.inputs_since(player, frame)
    assert len(seen) > 5
    world.dead.clear()
    match_of(ben).recovery.fresh = True
    match_of(ben).core.engine.restart()
    world.cut_for(3.0, *world.both)
    world.run(6.0)
    assert engine.inputs_since(player, frame)[: len(seen)] == seen
    assert not ann.told(e.MatchDesync)


@games
def test_who_never_answers_keeps_us_waiting_and_no_longer_than_we_like(game: str) -> None:
    world = begin(game)
    log = interrupt(world, instead(m.Resume))
    ann, ben = world.ann.id, world.ben.id
    world.break_for(90.0, (ann, ben, "udp"), (ben, ann, "udp"))
    world.run(60.0)
    assert len(world.ann.ends) < 8
    view = world.ann.lobby.view(world.ann.now)
    assert view is not None
    assert view.pause is not None
    world.ann.do("claim", world.ann.now)
    assert world.ann.first(e.MatchEnded).outcome.reason == "claimed"
    world.run(2.0)
    check_unharmed(world, log, set())


@games
@pytest.mark.parametrize("fresh", [False, True])
def test_resume_again_and_again_in_a_healthy_session(game: str, fresh: bool) -> None:
    world = begin(game)
    ann, ben = world.both
    log: list[object] = list(match_of(ann).core.timeline.log)
    match = match_of(ben)
    assert ben.lobby.session is not None
    end = ben.ends[ben.lobby.session]
    scope, rule = ben.lobby._table._rules[m.Resume]
    ben.lobby._table._rules[m.Resume] = (scope, rule._replace(handle=lambda *_: None))
    for number in range(60):
        if end.link.closed:
            break
        word = msgspec.structs.replace(match.resume_message(match.core.others[0], number + 100), fresh=fresh)
        end.link.send(word)
        world._flush(end)
        world.run(0.01)
    assert number < 20
    world.run(5.0)
    check_unharmed(world, log, {"too_fast", "unexpected_message", "old_session"})
    assert ann.told(e.ErrorEvent)


@games
def test_a_third_peer_that_claims_the_seat_is_refused_and_disturbs_nothing(game: str) -> None:
    world = begin(game)
    thief = world.add("Cho")
    match = match_of(world.ben)
    closed: list[str] = []

    lost = thief.lobby.link_closed

    def listen(link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool) -> None:
        closed.append(code)
        lost(link, code, params, now, remote=remote)

    vars(thief.lobby)["link_closed"] = listen

    def knock(target: Peer) -> None:
        before = set(thief.ends)
        world._dial(thief, target.id, None)
        world.run(0.05)
        end = thief.ends[(set(thief.ends) - before).pop()]
        end.link.send(msgspec.structs.replace(match.resume_message(match.core.others[0], 9), fresh=True))
        world._flush(end)
        world.run(0.05)
        assert end.number not in thief.ends

    for target in world.both:
        knock(target)
    world.cut_for(4.0, *world.both)
    world.run(3.5)
    knock(world.ann)
    assert closed.count("no_seat") >= 3
    world.run(2.0)
    world.play_to_the_end()
    world.check_agreed()


@games
@pytest.mark.parametrize("code", ["claimed", "resigned", "abandoned", "over", "no_seat"])
def test_a_verdict_in_the_middle_of_play(game: str, code: str) -> None:
    """Who says that it is over gives it up, whatever word it uses: our own clock knows of no absence."""
    world = begin(game)
    ann, ben = world.both
    assert ben.lobby.session is not None
    ben.ends[ben.lobby.session].link.close(code)
    world._flush(ben.ends[ben.lobby.session])
    world.run(1.0)
    outcome = ann.first(e.MatchEnded).outcome
    if code in ("resigned", "abandoned"):
        assert (outcome.reason, outcome.winners) == (code, (match_of(ann).me,))
    else:
        assert outcome == Outcome.by(EndedBy.ABANDONED, (match_of(ann).me,))
        assert ann.first(e.ErrorEvent).code == code


def say_it_is_over(world: Play, code: str) -> None:
    """From now on Ben answers every request to resume with this code."""
    closing = m.Close(code=code)
    world.lies["Ben"] = lambda message: [closing if isinstance(message, m.Resume) else message]


@games
@pytest.mark.parametrize("code", ["claimed", "over", "no_seat", "blocked"])
def test_who_falls_silent_and_says_that_it_is_over_has_left(game: str, code: str) -> None:
    world = begin(game)
    ann, ben = world.both
    say_it_is_over(world, code)
    world.cut_for(4.0, *world.both)
    world.run(20.0)
    assert ann.first(e.MatchEnded).outcome == Outcome.by(EndedBy.ABANDONED, (match_of(ann).me,))
    assert ben.lobby.match is not None
    world.check_free()


@pytest.mark.parametrize("code", ["bye", "illegal_input"])
def test_any_other_word_in_answer_to_a_resume_is_one_try_less(code: str) -> None:
    """It may be another program that does not know the match; its opponent waits, and can claim."""
    world = begin("gomoku")
    ann = world.ann
    say_it_is_over(world, code)
    world.cut_for(4.0, *world.both)
    world.run(40.0)
    ann.do("claim", ann.now)
    assert ann.first(e.MatchEnded).outcome == Outcome.by(EndedBy.CLAIMED, (match_of(ann).me,))
    world.check_free()


@games
@pytest.mark.parametrize(
    ("code", "ended_by"), [("claimed", EndedBy.CLAIMED), ("over", EndedBy.CONNECTION_LOST)]
)
@pytest.mark.parametrize("cuts", [(40.0,), (12.0, 12.0, 12.0)], ids=["once", "in three parts"])
def test_who_could_not_be_heard_for_half_a_minute_may_have_lost(
    game: str, code: str, ended_by: EndedBy, cuts: tuple[float, ...]
) -> None:
    """Our own clock says so; it adds up all that we could not hear."""
    world = begin(game, frames=3000)
    world.thinking = game != "gomoku"
    ann, ben = world.both
    for seconds in cuts[:-1]:
        world.cut_for(seconds, *world.both)
        world.run(seconds + 4.0)
        assert pauses(world, ann)
        assert match_of(ann).running
    say_it_is_over(world, code)
    world.cut_for(cuts[-1], *world.both)
    world.run(cuts[-1] + 10.0)
    winners = (match_of(ben).me,) if code == "claimed" else ()
    assert ann.first(e.MatchEnded).outcome == Outcome.by(ended_by, winners)


@games
def test_a_claim_of_time_that_we_slept_through_is_believed(game: str) -> None:
    world = begin(game)
    ann, ben = world.both
    say_it_is_over(world, "claimed")
    ann.do("slept", 60.0)
    world.cut_for(4.0, *world.both)
    world.run(20.0)
    assert ann.first(e.MatchEnded).outcome == Outcome.by(EndedBy.CLAIMED, (match_of(ben).me,))


@pytest.mark.parametrize("game", ["pong", "tron"])
def test_who_sends_no_inputs_over_a_live_link_can_be_claimed_against(game: str) -> None:
    """The link stands; pauses and stalls in turn are added up."""
    world = begin(game, frames=5000)
    ann, ben = world.both
    world.lies["Ben"] = lambda message: [] if isinstance(message, m.StreamPacket) else [message]
    for _ in range(3):
        world.break_for(8.0, (ben.id, ann.id, "udp"))
        world.run(8.0)
        assert not match_of(ann).over
        with pytest.raises(LocalProtocolError, match="too_early_to_claim"):
            ann.do("claim", ann.now)
        world.run(1.0)
        world.cut_for(3.0, *world.both)
        world.run(5.0)
    world.break_for(20.0, (ben.id, ann.id, "udp"))
    world.run(3.0)
    status = match_of(ann).status
    assert status.code is StatusCode.STALLED
    assert status.claim_at is not None
    assert status.claim_at <= ann.now
    ann.do("claim", ann.now)
    assert ann.first(e.MatchEnded).outcome == Outcome.by(EndedBy.CLAIMED, (match_of(ann).me,))
    world.run(2.0)
    assert ben.told(e.MatchEnded)


@games
@pytest.mark.parametrize("code", ["bye", "blocked", "rules_failed", "of_nobody", "over"])
@pytest.mark.parametrize("name", ["code", "self", "name", "text", "link"])
def test_a_goodbye_with_parameters_of_any_name(game: str, code: str, name: str) -> None:
    world = begin(game)
    ann, ben = world.both
    assert ben.lobby.session is not None
    ben.ends[ben.lobby.session].link.close(code, {name: "x"})
    world._flush(ben.ends[ben.lobby.session])
    world.run(1.0)
    assert ann.first(e.ErrorEvent).code == code
    assert ann.first(e.ErrorEvent).params["name"] == "Ben"
    world.check_free()


@pytest.mark.parametrize("code", ["resigned", "claimed", "bye"])
def test_a_host_that_fills_the_log_of_decisions_cannot_keep_the_match_from_ending(code: str) -> None:
    world = begin("gomoku")
    world.thinking = False
    host, guest = world.host, world.other(world.host)
    link = host.lobby.session
    assert link is not None
    match, end = match_of(guest), host.ends[link]
    for index in range(1, DECISIONS_MAX + 1):
        if match.over:
            break
        what = Paused(reason="connection", milliseconds=1)
        entry = encode_decision(Decision(epoch=1, index=index, frame=0, what=what))
        end.link.send(m.Decided(match=match.id, entry=entry))
        world._flush(end)
        if not index % 50:
            world.run(0.5)
    world.run(0.5)
    if code == "claimed" and not match.over:
        world.cut_for(90.0, *world.both)
        world.run(45.0)
        guest.do("claim", guest.now)
    elif not match.over:
        end.link.close(code)
        world._flush(end)
        world.run(1.0)
    assert len(guest.told(e.MatchEnded)) == 1
    assert match.outcome is not None
    assert world.end_in_file(guest) is not None
    world.check_free()


class Liar:
    """Says the truth mostly; else something of the same kind, something else, nothing, or it twice."""

    def __init__(self, world: Play, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.share = self.chance.choice((0.02, 0.1, 0.5))
        self.heard: list[m.Message] = []

    def __call__(self, message: m.Message) -> list[m.Message]:
        chance = self.chance
        self.heard.append(message)
        if chance.random() >= self.share:
            return [message]
        match chance.randrange(5):
            case 0:
                return []
            case 1:
                return [message, message]
            case 2:
                return [chance.choice(self.heard)]
            case 3:
                return [self._twist(message)]
        return [message, self._made_up()]

    def _twist(self, message: m.Message) -> m.Message:
        """One field is another one."""
        fields = [f for f in message.__struct_fields__ if f != "match"]
        if not fields:
            return message
        field = self.chance.choice(fields)
        return msgspec.structs.replace(message, **{field: self._other(getattr(message, field))})

    def _other(self, value: object) -> object:
        chance = self.chance
        match value:
            case bool():
                return not value
            case int():
                return max(1, value + chance.choice((-100, -1, 1, 2, 100, 10**6)))
            case bytes():
                return chance.randbytes(len(value))
            case Outcome():
                return Outcome(winners=(chance.randint(0, 1),), reason=chance.choice(("resigned", "claimed")))
            case tuple():
                return value[:-1]
        return value

    def _made_up_decisions(self, match: str, frame: int) -> list[m.Message]:
        chance = self.chance
        outcome = Outcome.by(chance.choice(list(EndedBy)), (chance.randint(0, 2),))
        bodies: tuple[DecisionBody, ...] = (
            Resigned(seat=chance.randint(0, 7)),
            Claimed(seat=chance.randint(0, 7)),
            DrawAgreed(),
            Ended(outcome=outcome),
            Paused(reason="connection", milliseconds=chance.randint(0, 99)),
        )
        entries = [
            encode_decision(
                Decision(
                    epoch=chance.choice((1, 1, 2)),
                    index=chance.randint(1, 3),
                    frame=frame,
                    what=chance.choice(bodies),
                )
            )
            for _ in range(3)
        ]
        return [m.Decided(match=match, entry=entry) for entry in [*entries, chance.randbytes(20)]]

    def _made_up(self) -> m.Message:
        chance, match = self.chance, self.world.match_id
        frame = max(0, self.world.frame_of(self.world.ann) + chance.randint(-3, 3))
        move = encode(Move(chance.randrange(225))) if self.world.plugin.game.name == "gomoku" else encode(0)
        return chance.choice(
            (
                m.Resume(match=match, session=chance.randint(1, 99), frame=frame, hash=bytes(16), fresh=True),
                m.Log(match=match, first=frame, runs=((chance.randint(1, 9), (move, None)),)),
                m.Log(match=match, first=frame, runs=((chance.randint(1, 9), (move, move)),)),
                m.State(
                    match=match,
                    frame=frame,
                    size=40,
                    offset=0,
                    data=chance.randbytes(40),
                    chain=bytes(16),
                    reproduced=True,
                ),
                m.StateHash(match=match, frame=frame, hash=bytes(16)),
                m.Input(match=match, player=chance.randint(0, 2), frame=frame, data=move),
                *self._made_up_decisions(match, frame),
                m.Request(
                    match=match,
                    player=chance.randint(0, 2),
                    what=chance.choice(list(m.RequestKind)),
                    value=chance.randint(0, 99),
                ),
                m.Start(match=match, hash=bytes(16), salt=bytes(32)),
                m.Differ(match=match, first=frame, hashes=chance.randbytes(16 * 8), version="", platform=""),
                m.EndSignature(
                    match=match,
                    player=chance.randint(0, 2),
                    frame=frame,
                    decisions=chance.randint(0, 2),
                    public_key=bytes(32),
                    signature=bytes(64),
                ),
                m.StreamPacket(match=match, data=chance.randbytes(30)),
            )
        )


@pytest.mark.parametrize("seed", range(60), ids="seed-{:04}".format)
def test_who_lies_at_random_through_a_storm(seed: int) -> None:
    """Nothing is raised on either side, and nothing is left of it."""
    world = Storm(seed)
    world.invite()
    world.run(0.5)
    world.lies["Ben"] = Liar(world, seed)
    world.run(30.0)
    world.check_free()
