"""A match is put aside when both agree, and goes on when both do, whatever happens meanwhile and whoever lies.

`tests/sim/reconnect_world.py` says who plays and what must hold. Times are virtual seconds.
"""

import msgspec
import pytest

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.replay.records import Decided, Inputs
from p2pgame.replay.verify import verify
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.testing.network import SimPeer as Peer
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import Adjourned, Decision, Ended, Timed, decode_decision, encode_decision
from tests.sim.adjourn_liars import Lies
from tests.sim.reconnect_world import Play, Storm, match_of

GAMES = ("gomoku", "hands", "tally")
games = pytest.mark.parametrize("game", GAMES)


def begin(game: str = "tally", seed: int = 1, seconds: float = 0.4) -> Play:
    world = Play(game, seed, frames=60)
    world.start()
    world.run(seconds)
    world.thinking = False
    world.run(0.3)
    return world


def do(peer: Peer, *wishes: c.Command) -> None:
    for command in wishes:
        peer.lobby.execute(command, peer.now)
        peer.world.pump(peer)


def adjourn(world: Play) -> None:
    """Ann asks, Ben agrees."""
    do(world.ann, c.Adjourn())
    world.run(0.2)
    do(world.ben, c.Adjourn())
    world.run(0.5)


def adjourned(peer: Peer) -> list[str]:
    return [event.reason for event in peer.told(e.MatchAdjourned)]


def go_on(world: Play, first: Peer | None = None) -> None:
    """One offers to go on, the other one accepts; then they play."""
    one = first or world.ann
    two = world.other(one)
    do(one, c.Resume(world.match_id))
    world.until(lambda: bool(two.told(e.MatchResumeAsked)), 5.0)
    do(two, c.Resume(world.match_id))
    world.until(lambda: all(p.lobby.match is not None and not match_of(p).adjourned for p in world.both), 5.0)
    for peer in world.both:
        assert peer.told(e.MatchPaused)[-1].reason == peer.told(e.MatchResumed)[-1].reason == "adjourned"
        assert not replay_of(peer.files[world.match_id]).adjourned
    play(world)


def play(world: Play) -> None:
    world.thinking = True
    for peer in world.both:
        world._look_again[peer.name]()


def finish(world: Play) -> None:
    world.play_to_the_end()
    ends = [peer.told(e.MatchEnded)[-1] for peer in world.both]
    assert ends[0].outcome == ends[1].outcome
    for peer in world.both:
        world.check_file(peer)
        assert peer.told(e.ErrorEvent) == []
    world.check_free()


def check_waits(world: Play, *peers: Peer) -> None:
    """The files of these are agreed adjournments, and nobody is busy."""
    for peer in peers or world.both:
        assert not peer.lobby.busy
        assert not peer.told(e.MatchEnded)
        replay = replay_of(peer.files[world.match_id])
        verdict = verify(replay, world.plugin.game, world.plugin.digest)
        assert (verdict.problems, verdict.adjourned, verdict.whole) == ((), True, True)


@games
@pytest.mark.parametrize("seed", [1, 2])
def test_it_waits_and_goes_on_from_the_same_position(game: str, seed: int) -> None:
    world = begin(game, seed)
    state = match_of(world.ann).core.timeline.state
    adjourn(world)
    assert [adjourned(peer) for peer in world.both] == [["agreed"]] * 2
    assert [event.adjourned for peer in world.both for event in peer.told(e.MatchResumable)] == [True, True]
    check_waits(world)
    world.run(600.0)
    go_on(world)
    assert state in [match_of(peer).core.timeline.state_at(match_of(peer).frame) for peer in world.both]
    finish(world)


@pytest.mark.parametrize("killed", ["Ann", "Ben"])
def test_once_it_goes_on_a_kill_is_an_interruption(killed: str) -> None:
    world = begin("gomoku")
    adjourn(world)
    go_on(world)
    world.run(0.2)
    world.thinking = False
    lost = next(peer for peer in world.both if peer.name == killed)
    world.kill(lost)
    world.run(40.0)
    do(world.other(lost), c.Claim())
    lost.restart()
    world.run(5.0)
    winner = match_of(world.other(lost)).me
    assert [peer.told(e.MatchEnded)[-1].outcome for peer in world.both] == [
        Outcome.by(EndedBy.CLAIMED, (winner,))
    ] * 2


@games
@pytest.mark.parametrize("killed", ["Ann", "Ben", "both"])
def test_it_goes_on_after_programs_were_started_anew(game: str, killed: str) -> None:
    world = begin(game)
    adjourn(world)
    for peer in world.both:
        if killed in (peer.name, "both"):
            world.kill(peer)
            world.killed.add(peer.name)
    world.run(600.0)
    for peer in world.both:
        if peer.dead:
            peer.restart()
    world.run(1.0)
    check_waits(world)
    go_on(world, world.ben)
    finish(world)


def test_thought_counts_when_it_goes_on() -> None:
    world = begin(seconds=0.2)
    mover = match_of(world.ann).view().to_move[0]
    world.run(6.0)
    adjourn(world)
    world.run(600.0)
    do(world.ann, c.Resume(world.match_id))
    world.run(20.0)
    do(world.ben, c.Resume(world.match_id))
    world.run(2.0)
    for peer in world.both:
        face = match_of(peer).view().clocks[mover]
        assert 6_500 <= face.used <= 10_000
        left = (face.main + face.periods * face.period - face.used) / 1000
    world.until(lambda: all(peer.told(e.MatchEnded) for peer in world.both), left + 2.0)
    assert {peer.told(e.MatchEnded)[-1].outcome for peer in world.both} == {
        Outcome.by(EndedBy.TIME, (1 - mover,))
    }
    for peer in world.both:
        world.check_file(peer)


def test_it_is_refused_and_not_asked_again_in_the_same_frame() -> None:
    world = begin()
    ann, ben = world.both
    do(ann, c.Adjourn())
    world.run(0.2)
    assert match_of(ben).view().requests.adjourn_asked
    do(ben, c.RefuseAdjourn())
    world.run(0.2)
    assert ann.told(e.AdjournRefused)
    assert not match_of(ann).view().requests.may_adjourn
    do(ann, *[c.Adjourn()] * 50)
    world.run(0.2)
    assert len(ben.told(e.AdjournAsked)) == 1
    do(ben, c.Adjourn())  # the other one may ask, and who was refused may agree
    world.run(0.2)
    do(ann, c.Adjourn())
    world.run(0.5)
    check_waits(world)


def test_nobody_adjourns_alone_or_claims_what_is_adjourned() -> None:
    world = begin("gomoku")
    do(world.ann, c.Adjourn())
    world.run(60.0)
    assert adjourned(world.ann) == []
    do(world.ben, c.Adjourn())
    world.run(0.5)
    do(world.ann, c.Resume(world.match_id))
    world.run(100.0)
    view = world.ann.lobby.view(world.ann.now)
    assert view is not None
    assert (view.status.code.value, view.status.claim_at) == ("adjourned", None)
    do(world.ann, c.NotNow(world.match_id))
    check_waits(world)
    assert adjourned(world.ann) == ["agreed", "not_now"]


def test_the_other_one_declines_and_is_not_pestered() -> None:
    world = begin()
    ann, ben = world.both
    adjourn(world)
    for _ in range(5):
        do(ann, c.Resume(world.match_id))
        world.run(6.0)
        do(ben, c.NotNow(world.match_id))
        world.run(2.0)
    assert adjourned(ann) == ["agreed", *["declined"] * 5]
    assert len(ben.told(e.MatchResumeAsked)) == 3  # declined three times: quiet for a minute
    check_waits(world)
    go_on(world, ben)
    finish(world)


def test_who_plays_another_match_is_busy() -> None:
    world = begin()
    ann, ben = world.both
    adjourn(world)
    match, cid = world.match_id, world.add("Cid")
    cid.invite(ben)  # who accepts
    world.run(0.5)
    do(ann, c.Resume(match))
    world.run(2.0)
    assert adjourned(ann) == ["agreed", "busy"]
    assert not ben.told(e.MatchResumeAsked)


def test_who_gives_an_adjourned_match_up_loses_it() -> None:
    world = begin()
    ann, ben = world.both
    adjourn(world)
    do(ben, c.Abandon(world.match_id))
    world.run(60.0)
    assert not ann.told(e.MatchEnded)
    do(ann, c.Resume(world.match_id))
    world.run(5.0)
    winners = (match_of(ann).me,)
    assert [peer.told(e.MatchEnded)[-1].outcome.winners for peer in world.both] == [winners] * 2


@pytest.mark.parametrize("code", ["claimed", "over", "no_seat", "bad_log"])
def test_an_adjourned_match_is_lost_by_no_word_of_the_other_side(code: str) -> None:
    world = begin()
    ann, ben = world.both
    adjourn(world)
    world.run(600.0)
    world.lies["Ben"] = lambda message: [m.Close(code=code) if isinstance(message, m.Resume) else message]
    do(ben, c.Resume(world.match_id))
    do(ann, c.Resume(world.match_id))
    world.run(5.0)
    assert (adjourned(ann)[1:] == []) == (code == "bad_log")  # one try less, and the next one may do
    do(ann, c.NotNow(world.match_id))
    assert not ann.told(e.MatchEnded)
    check_waits(world, ann)


# --- the word is lost


@pytest.mark.parametrize("game", ["hands", "tally"])
@pytest.mark.parametrize("piece", range(1, 4))
@pytest.mark.parametrize("fault", ["reset", "kill host", "kill guest"])
def test_who_did_not_hear_that_it_is_adjourned_is_told(game: str, piece: int, fault: str) -> None:
    world = begin(game)
    host, guest = world.host, world.other(world.host)

    def strike() -> None:
        if fault == "reset":
            world.reset(*world.both)
        else:
            world.wreck(host if fault == "kill host" else guest, lost=1, after=1.0)

    do(guest, c.Adjourn())
    world.run(0.2)
    world.faults[world.sent + piece] = strike
    do(host, c.Adjourn())
    world.run(12.0)
    world.faults.clear()
    waits = [replay_of(peer.files[world.match_id]).adjourned for peer in world.both]
    assert waits[0] == waits[1]
    if waits[0]:
        check_waits(world)
        go_on(world)
    else:
        play(world)
    finish(world)


# --- liars


def forge(world: Play, host: Peer, *bodies: object, frame: int | None = None) -> None:
    """The host says entries that it did not agree on with anybody."""
    log, link = match_of(host).core.log, host.lobby.session
    assert link is not None
    for body in bodies:
        index = log.decisions[-1].index + 1 if log.decisions else 1
        at = match_of(host).frame if frame is None else frame
        data = encode_decision(Decision(epoch=log.epoch, index=index, frame=at, what=body))  # type: ignore[arg-type]
        log.append(data)
        host.ends[link].link.send(m.Decided(match=world.match_id, entry=data))
        world._flush(host.ends[link])
    world.run(1.0)


def thought(world: Play) -> tuple[int, ...]:
    return match_of(world.host).clock.thought()


@games
def test_a_host_that_nobody_agreed_with_adjourns_nothing(game: str) -> None:
    world = begin(game)
    guest = world.other(world.host)
    forge(world, world.host, Adjourned(thought=thought(world)))
    assert adjourned(guest) == []
    end = world.end_in_file(guest)
    assert end is not None
    assert (end.agreed, end.outcome.ended_by, end.outcome.winners) == (
        False, EndedBy.FAULT, (match_of(guest).me,)
    )  # fmt: skip
    assert not any(_is_adjourned(record) for record in guest.files[world.match_id])
    assert guest.first(e.ErrorEvent).code == "bad_decision"


@pytest.mark.parametrize("lie", ["later", "more of ours", "less of theirs", "none", "too many"])
def test_a_host_cannot_stretch_what_was_agreed(lie: str) -> None:
    world = begin(seconds=0.2)
    host, guest = world.host, world.other(world.host)
    me, them = match_of(guest).me, match_of(host).me
    mover = match_of(guest).view().to_move[0]
    if (lie == "less of theirs") != (mover == them):
        play(world)
        world.until(lambda: match_of(guest).view().to_move[0] != mover, 5.0)
        world.thinking = False
        world.run(0.3)
    world.run(12.0)
    do(guest, c.Adjourn())
    world.run(0.2)
    said = {
        "more of ours": [14_999 if seat == me else 0 for seat in range(2)],
        "less of theirs": [0, 0],
        "none": [],
        "too many": [0, 0, 0],
    }.get(lie, list(thought(world)))
    if lie == "more of ours":
        said[me] = 60_000
    forge(
        world, host, Adjourned(thought=tuple(said)), frame=match_of(host).frame + (2 if lie == "later" else 0)
    )
    assert adjourned(guest) == []
    assert guest.first(e.ErrorEvent).code == "bad_decision"


def test_an_entry_that_is_said_again_adjourns_nothing_again() -> None:
    world = begin()
    adjourn(world)
    go_on(world)
    world.run(0.5)
    world.thinking = False
    world.run(0.3)
    host, guest = world.host, world.other(world.host)
    link = host.lobby.session
    assert link is not None
    entry = next(r.entry for r in host.files[world.match_id] if _is_adjourned(r) and isinstance(r, Decided))
    host.ends[link].link.send(m.Decided(match=world.match_id, entry=entry))
    world._flush(host.ends[link])
    world.run(0.5)
    assert adjourned(guest) == ["agreed"]
    assert match_of(guest).running


def test_an_end_that_the_host_says_after_it_counts_for_nothing() -> None:
    world = begin()
    host, guest = world.host, world.other(world.host)
    end = Ended(Outcome.by(EndedBy.RESIGNED, (match_of(host).me,)))

    def lie(message: m.Message) -> list[m.Message]:
        if not isinstance(message, m.Decided):
            return [message]
        said = decode_decision(message.entry)
        more = Decision(epoch=said.epoch, index=said.index + 1, frame=said.frame, what=end)
        return [message, m.Decided(match=message.match, entry=encode_decision(more))]

    do(guest, c.Adjourn())
    world.run(0.2)
    world.lies[host.name] = lie
    do(host, c.Adjourn())
    world.run(1.0)
    check_waits(world)


def test_requests_in_a_flood_and_of_others_change_nothing() -> None:
    world = begin()
    ann, ben = world.both
    match, link = match_of(ben), ben.lobby.session
    assert link is not None
    for number in range(60):
        for what in (m.RequestKind.ADJOURN, m.RequestKind.REFUSE_ADJOURN):
            value = match.frame + (1000 if number % 2 else 0)
            ben.ends[link].link.send(m.Request(match=match.id, player=match.me, what=what, value=value))
        world._flush(ben.ends[link])
        world.run(0.02)
    assert len(ann.told(e.AdjournAsked)) <= 2
    assert adjourned(ann) == []
    assert match_of(ann).running
    stolen = m.Request(match=match.id, player=match_of(ann).me, what=m.RequestKind.ADJOURN, value=match.frame)
    ben.ends[link].link.send(stolen)
    world._flush(ben.ends[link])
    world.run(0.5)
    assert ann.first(e.ErrorEvent).code == "not_your_request"


def test_after_the_end_and_in_real_time_there_is_nothing_to_adjourn() -> None:
    world = Play("tally", frames=10)
    world.start()
    world.play_to_the_end()
    for peer in world.both:
        do(peer, c.Adjourn())
        assert not match_of(peer).view().requests.may_adjourn
    world.run(1.0)
    world.check_agreed()
    world = Play("pong")
    world.start()
    for peer in world.both:
        do(peer, c.Adjourn())
        assert not match_of(peer).view().requests.may_adjourn
    world.run(0.5)
    assert [adjourned(peer) for peer in world.both] == [[], []]


@games
def test_who_changed_its_file_gets_no_agreed_end(game: str) -> None:
    """Ben's file has another last move when the match goes on."""
    world = begin(game)
    adjourn(world)
    ann, ben = world.both
    log = list(replay_of(ann.files[world.match_id]).inputs)
    world.kill(ben)
    records = ben.files[world.match_id]
    at = max(n for n, record in enumerate(records) if isinstance(record, Inputs))
    del records[at]  # its last move never was
    ben.restart()
    world.run(0.5)
    do(ann, c.Resume(world.match_id))
    do(ben, *([c.Resume(world.match_id)] if ben.told(e.MatchResumable) else []))
    world.run(10.0)
    assert match_of(ann).core.timeline.log[: len(log)] == log


@pytest.mark.parametrize("side", ["host", "guest"])
def test_who_changed_the_times_in_its_file_gets_no_agreed_end(side: str) -> None:
    world = begin(seconds=1.0)
    liar = world.host if side == "host" else world.other(world.host)
    adjourn(world)
    honest = world.other(liar)
    me = replay_of(honest.files[world.match_id]).header.me
    world.kill(liar)
    records = liar.files[world.match_id]
    for at, record in enumerate(records):
        if isinstance(record, Decided):
            decision = decode_decision(record.entry)
            if isinstance(decision.what, Timed) and decision.what.seat == me:
                more = msgspec.structs.replace(decision.what, milliseconds=14_000)
                entry = encode_decision(msgspec.structs.replace(decision, what=more))
                records[at] = msgspec.structs.replace(record, entry=entry)
    liar.restart()
    world.run(0.5)
    go_on(world, honest)
    world.until(lambda: bool(honest.told(e.MatchEnded)), 60.0)
    end = world.end_in_file(honest)
    assert end is not None
    assert not end.agreed
    assert end.outcome.winners != (1 - me,) or end.outcome.ended_by is EndedBy.RULES


def test_a_stranger_who_asks_to_go_on_is_refused() -> None:
    world = begin()
    adjourn(world)
    thief = world.add("Cho")
    word = m.Resume(match=world.match_id, session=9, frame=0, hash=bytes(16), fresh=True)
    world._dial(thief, world.ann.id, None)
    world.run(0.05)
    (end,) = thief.ends.values()
    end.link.send(word)
    world._flush(end)
    world.run(0.5)
    assert not world.ann.told(e.MatchResumeAsked)
    assert not thief.ends
    check_waits(world)


@pytest.mark.parametrize("epochs", [(), ((1, 1),), ((2, 5),), ((1, 10**6),)])
def test_lies_about_the_log_of_an_adjourned_match_harm_nobody(epochs: tuple[tuple[int, int], ...]) -> None:
    world = begin()
    ann, ben = world.both
    adjourn(world)
    before = replay_of(ann.files[world.match_id])

    def lie(message: m.Message) -> list[m.Message]:
        return [msgspec.structs.replace(message, epochs=epochs) if isinstance(message, m.Resume) else message]

    world.lies["Ben"] = lie
    do(ben, c.Resume(world.match_id))
    world.run(90.0)
    do(ben, c.NotNow(world.match_id))
    world.run(20.0)
    check_waits(world, ann)
    assert replay_of(ann.files[world.match_id]).inputs == before.inputs


def _is_adjourned(record: object) -> bool:
    return isinstance(record, Decided) and isinstance(decode_decision(record.entry).what, Adjourned)


# --- storms


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_while_matches_are_adjourned_and_go_on(seed: int) -> None:
    Storm(seed, GAMES[seed % 3], adjourning=True).weather()


@pytest.mark.parametrize("seed", range(10))
def test_whoever_lies_meanwhile_wins_nothing_by_it(seed: int) -> None:
    world = Lies(seed)
    world.weather()
    world.free()
