"""Several move in one frame: nobody opens before all have committed, and nobody opens something else."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import EndedBy, NoConfig, Outcome
from p2pgame.core.ids import PeerId
from p2pgame.core.snapshot import encode
from p2pgame.replay.records import Inputs, Record, Sealed
from p2pgame.replay.verify import verify
from p2pgame.session.match import Match, Phase
from p2pgame.session.status import Status, StatusCode
from p2pgame.testing.recorded import replay_of, saved_from
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import OPENING_TIMEOUT
from p2pgame.wire.commitment import commitment, is_sealed, seal, unsealed
from tests.toy import SECRET, Secret, Tally
from tests.unit.session.match.duel import (
    GUEST,
    HOST,
    MATCH,
    THIRD,
    Members,
    hear,
    other,
    plugin,
    restore_match,
    said,
)

SALT = b"\x11" * 16


class Table(Members):
    """All members of a match of `SECRET`; what they say is carried at once."""

    def __init__(self, players: Sequence[PeerId] = (HOST, GUEST)) -> None:
        super().__init__(SECRET, NoConfig(), players, recorded=True)
        self.deliver()

    def act(self, match: Match, move: int) -> None:
        match.submit(move)
        match.settle(self.now)

    def round(self, *moves: int) -> None:
        for match, move in zip(self.all, moves, strict=True):
            self.act(match, move)
        self.deliver()

    def words(self, kind: type[m.Message]) -> list[tuple[int, int, Any]]:
        return [(sender, to, word) for sender, to, word in self.said if isinstance(word, kind)]

    def restart(self, match: Match) -> Match:
        """The program of `match` is killed and started anew from its file."""
        self.collect()
        saved = saved_from(self.written[match], plugin(SECRET))
        assert saved is not None
        fresh = restore_match(match.core.election.players[match.me], SECRET, saved)
        self.replace(match, fresh)
        return fresh


@pytest.fixture
def table() -> Table:
    return Table()


def opening(value: int) -> bytes:
    return seal(SALT, encode(value))


def sealed(match: Match, data: bytes) -> m.Sealed:
    """The other member of a match of two commits to `data`."""
    player, frame = other(match), match.frame
    return m.Sealed(
        match=MATCH, player=player, frame=frame, commitment=commitment(MATCH, frame, player, data)
    )


def opened(match: Match, data: bytes) -> m.Input:
    return m.Input(match=MATCH, player=other(match), frame=match.frame, data=data)


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(RemoteProtocolError) as error:
        act()
    return error.value.code


# --- what is seen, and when


def test_who_moves_first_shows_nothing_until_the_other_has_committed(table: Table) -> None:
    table.act(table.host, 3)
    told = said(table.host)
    assert [type(word) for word in told] == [m.Sealed]
    possible = [commitment(MATCH, 0, 0, encode(move)) for move in range(10)]
    assert told[0].commitment not in possible, "without a salt it could be tried out"  # type: ignore[attr-defined]
    hear(table.guest, told[0])
    assert said(table.guest) == []
    table.act(table.guest, 4)
    assert [type(word) for word in said(table.guest)] == [m.Sealed, m.Input]


def test_the_same_move_has_another_commitment_in_each_frame(table: Table) -> None:
    table.round(3, 3)
    table.round(3, 3)
    made = [word.commitment for _, _, word in table.words(m.Sealed)]
    assert len(set(made)) == len(made) == 4


def test_a_frame_passes_with_the_moves_and_files_agree(table: Table) -> None:
    for move in (9, 8, 7, 6):
        table.round(move, 10 - move)
    assert table.ends() == [(Outcome(winners=(0,), reason="thirty"), 4)] * 2
    for match in table.all:
        replay = replay_of(table.written[match])
        verdict = verify(replay, SECRET, "0" * 16)
        assert verdict.ok, verdict.problems
        assert verdict.signed_by == (0, 1)
        assert set(replay.sealed) == {(frame, player) for frame in range(match.frame) for player in (0, 1)}
    assert len({replay_of(table.written[match]).chain for match in table.all}) == 1


def test_who_has_committed_is_not_to_move_for_anybody(table: Table) -> None:
    table.act(table.guest, 5)
    table.deliver()
    assert [match.view().to_move for match in table.all] == [(0,), (0,)]
    with pytest.raises(IllegalMoveError) as caught:
        table.guest.submit(6)
    assert caught.value.code == "not_your_turn"
    assert table.guest.view().state == Tally(totals=(0, 0))


def test_an_illegal_move_is_not_sealed(table: Table) -> None:
    with pytest.raises(IllegalMoveError):
        table.host.submit(10)
    assert said(table.host) == []
    assert table.host.core.seals.commitments == {}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_host_has_committed_to_all_before_it_sees_an_opening(order: tuple[int, ...]) -> None:
    three = Table((HOST, GUEST, THIRD))
    for player in order:
        three.act(three.all[player], player + 1)
        three.deliver()
    assert {match.frame for match in three.all} == {1}
    of_host = [at for at, (by, _, word) in enumerate(three.said) if by == 0 and isinstance(word, m.Sealed)]
    openings = [at for at, (_, to, word) in enumerate(three.said) if to == 0 and isinstance(word, m.Input)]
    own = [at for at in of_host if three.said[at][2].player == 0]  # type: ignore[attr-defined]
    assert len(of_host) == 4
    assert max(own) < min(openings)
    for guest in (1, 2):  # each knows every commitment before anybody's opening
        heard = [word for _, to, word in three.said if to == guest and isinstance(word, m.Sealed | m.Input)]
        assert [type(word) for word in heard] == [m.Sealed] * 2 + [m.Input] * 2


# --- a liar


@pytest.fixture(params=[0, 1], ids=["by the guest", "by the host"])
def victim(table: Table, request: pytest.FixtureRequest) -> Match:
    """Has committed to 2."""
    match = table.all[request.param]
    table.act(match, 2)
    return match


def test_another_opening_than_the_committed_one_forfeits_and_is_named_by_the_file(
    table: Table, victim: Match
) -> None:
    hear(victim, sealed(victim, opening(5)))
    lie = opened(victim, opening(3))
    assert refused(lambda: hear(victim, lie)) == "bad_opening"
    assert victim.frame == 0
    victim.end_alone(Outcome.by(EndedBy.FAULT, (victim.me,), "bad opening"))
    table.collect()
    verdict = verify(replay_of(table.written[victim]), SECRET, "0" * 16)
    assert verdict.ok, verdict.problems
    assert verdict.false_openings == (other(victim),)


@pytest.mark.parametrize(
    ("data", "code"),
    [(encode(5), "bad_opening"), (seal(b"\x12" * 16, encode(5)), "bad_opening"), (b"", "bad_opening")],
    ids=["bare", "another salt", "empty"],
)
def test_an_opening_is_the_committed_bytes_and_no_others(victim: Match, data: bytes, code: str) -> None:
    hear(victim, sealed(victim, opening(5)))
    assert refused(lambda: hear(victim, opened(victim, data))) == code


@pytest.mark.parametrize("data", [opening(10), opening(-1), seal(SALT, b""), seal(SALT, b"\xc1")], ids=repr)
def test_committing_to_a_move_that_the_rules_forbid_forfeits(victim: Match, data: bytes) -> None:
    hear(victim, sealed(victim, data))
    assert refused(lambda: hear(victim, opened(victim, data))) == "illegal_input"


def test_a_commitment_to_a_bare_move_cannot_be_opened(victim: Match) -> None:
    hear(victim, sealed(victim, encode(5)))
    assert refused(lambda: hear(victim, opened(victim, encode(5)))) == "bad_opening"


def test_nobody_opens_before_all_have_committed(table: Table) -> None:
    assert refused(lambda: hear(table.host, opened(table.host, opening(5)))) == "missing_seal"
    hear(table.guest, sealed(table.guest, opening(5)))
    assert refused(lambda: hear(table.guest, opened(table.guest, opening(5)))) == "missing_seal"


def test_after_the_openings_began_nobody_commits_to_something_else(table: Table, victim: Match) -> None:
    hear(victim, sealed(victim, opening(5)))
    assert m.Input in [type(word) for word in said(victim)], "our move is known now"
    assert refused(lambda: hear(victim, sealed(victim, opening(6)))) == "bad_seal"


def test_before_that_a_program_that_lost_its_salt_commits_again(table: Table) -> None:
    match = table.host
    hear(match, sealed(match, opening(5)))
    hear(match, sealed(match, opening(6)))
    table.act(match, 2)
    hear(match, opened(match, opening(6)))
    assert match.core.timeline.state == Tally(1, (2, 6))


def test_it_does_not_do_so_for_ever(table: Table) -> None:
    """Each is written to the disk."""
    for number in range(9):
        hear(table.host, sealed(table.host, opening(1 + number)))
    assert refused(lambda: hear(table.host, sealed(table.host, opening(0)))) == "bad_seal"


def test_a_commitment_is_of_this_frame_and_player(table: Table) -> None:
    table.round(1, 2)
    host = table.host
    late = m.Sealed(match=MATCH, player=1, frame=0, commitment=b"\x01" * 32)
    assert refused(lambda: hear(host, late)) == "wrong_frame"
    assert refused(lambda: hear(host, msgspec.structs.replace(late, frame=2))) == "wrong_frame"
    assert refused(lambda: hear(host, msgspec.structs.replace(late, player=0, frame=1))) == "wrong_player"
    moved = next(word for _, to, word in table.words(m.Sealed) if to == 0)
    hear(host, moved)  # said again
    assert host.frame == 1


def test_a_log_with_another_opening_than_the_committed_one_is_refused(table: Table, victim: Match) -> None:
    hear(victim, sealed(victim, opening(5)))
    own = victim.core.seals.openings[victim.me]
    for theirs, mine in ((opening(3), own), (opening(5), opening(9)), (None, own)):
        inputs = [theirs, theirs]
        inputs[victim.me] = mine
        assert refused(lambda inputs=inputs: victim.exchange.replay(tuple(inputs))) == "bad_opening"  # type: ignore[misc]
    assert victim.frame == 0


# --- who never opens


def test_who_does_not_open_forfeits_after_its_time(victim: Match) -> None:
    hear(victim, sealed(victim, opening(5)), 100.0)
    assert waits(victim) == pytest.approx(100.0 + OPENING_TIMEOUT)


def waits(match: Match) -> float:
    """When it gives up waiting for an opening, if its timers are called in time."""
    for _ in range(50):
        now = match.next_deadline()
        assert now is not None
        if now == match._open_at:
            assert refused(lambda now=now: match.handle_timeout(now)) == "not_opened"  # type: ignore[misc]
            return now
        match.handle_timeout(now)
    raise AssertionError("it waits for ever")


def test_a_program_that_was_stopped_itself_does_not_count_that_time(victim: Match) -> None:
    """The opening may have come meanwhile and wait in a buffer of ours."""
    hear(victim, sealed(victim, opening(5)), 100.0)
    victim.handle_timeout(160.0)
    assert 160.0 + OPENING_TIMEOUT / 2 < waits(victim) < 160.0 + OPENING_TIMEOUT


def test_the_time_ends_with_the_frame() -> None:
    class Alternating(Secret):
        def to_move(self, state: Tally) -> tuple[int, ...]:
            return (0,) if state.turn % 2 else (0, 1)

    pair = Members(Alternating(), NoConfig(), recorded=True)
    pair.deliver()
    pair.host.submit(2)
    hear(pair.host, sealed(pair.host, opening(5)), 100.0)
    assert pair.host.next_deadline() is not None
    hear(pair.host, opened(pair.host, opening(5)), 101.0)
    assert (pair.host.frame, pair.host.next_deadline()) == (1, None)
    assert refused(lambda: hear(pair.host, sealed(pair.host, opening(5)))) == "missing_hash"
    hear(pair.host, m.StateHash(match=MATCH, frame=1, hash=pair.host.core.timeline.hash))
    assert refused(lambda: hear(pair.host, sealed(pair.host, opening(5)))) == "bad_seal"
    pair.host.submit(1)
    assert pair.host.frame == 2
    bare = pair.host.core.timeline.log[1][0]
    assert bare == encode(1), "who moves alone needs no salt"


def test_nobody_has_a_time_to_commit_in(table: Table, victim: Match) -> None:
    victim.settle(100.0)
    assert victim.next_deadline() is None


def test_a_broken_session_stops_the_time_and_does_not_renew_it(victim: Match) -> None:
    hear(victim, sealed(victim, opening(5)), 100.0)
    now = 100.0
    for _ in range(3):
        for _ in range(3):
            now += 1.0
            victim.handle_timeout(now)
        victim.set_link_suspect(True, now)
        victim.set_pause(Status(code=StatusCode.CONNECTION, since=now, claim_at=now + 30), now)
        assert victim.next_deadline() is None
        now += 60.0
        victim.handle_timeout(now)
        victim.set_pause(None, now)
        victim.set_link_suspect(False, now)
    assert waits(victim) == pytest.approx(now + OPENING_TIMEOUT - 9.0)


def test_a_guest_leaves_it_to_the_host_to_time_another_guest() -> None:
    three = Table((HOST, GUEST, THIRD))
    three.act(three.all[0], 1)
    three.act(three.all[1], 1)
    three.deliver()
    three.now = 50.0
    three.act(three.all[2], 1)
    three.all[2].messages_to_send(0)  # its word is lost from here on
    word = m.Sealed(
        match=MATCH,
        player=2,
        frame=0,
        commitment=three.all[2].core.seals.commitments[2],
    )
    three.host.receive(2, word, 50.0)
    three.deliver()
    assert three.all[1].next_deadline() is None
    assert waits(three.host) == pytest.approx(50.0 + OPENING_TIMEOUT)


# --- another session, and a program that was killed


STEPS = {
    "before anybody committed": (),
    "one has committed": ("a",),
    "one has committed and it did not arrive": ("a", "lost"),
    "all have committed and no opening arrived": ("a", "deliver", "b", "commitments"),
    "one has passed the frame": ("a", "deliver", "b", "one way"),
    "both have passed it": ("a", "deliver", "b", "deliver"),
}


def play_to(table: Table, step: str, first: int) -> None:
    """`first` commits to 3, the other to 4, and the words of the rest are lost as `step` says."""
    a, b = table.all[first], table.all[1 - first]
    for act in STEPS[step]:
        if act in ("a", "b"):
            table.act(*((a, 3) if act == "a" else (b, 4)))
        elif act == "deliver":
            table.deliver()
        elif act == "commitments":
            table.send()
            for sender, player, word in table.wire:
                if isinstance(word, m.Sealed):
                    table.all[player].receive(sender, word, table.now)
        elif act == "one way":  # b hears all, a nothing more than the commitment
            table.send()
            for sender, player, word in list(table.wire):
                if player == a.me:
                    a.receive(sender, word, table.now)
            table.wire.clear()
            for word in a.messages_to_send(b.me):
                b.receive(a.me, word, table.now)
    table.send()
    table.wire.clear()


@pytest.mark.parametrize("killed", [(), (0,), (1,), (0, 1)], ids=["none", "host", "guest", "both"])
@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("step", STEPS)
def test_no_sealed_move_is_lost_or_changed_by_another_session(
    step: str, first: int, killed: tuple[int, ...]
) -> None:
    table = Table()
    table.round(1, 1)
    play_to(table, step, first)
    for player in killed:
        table.restart(table.all[player])
    table.rejoin(*table.all)
    table.deliver()
    for match, move in zip(table.all, (3, 4) if first == 0 else (4, 3), strict=True):
        if match.frame == 1 and match.me in match.view().to_move:
            assert step.startswith(("before", "one has committed")), "nobody is asked twice"
            table.act(match, move)
    table.deliver()
    assert {match.core.timeline.state for match in table.all} == {Tally(2, (4, 5) if first == 0 else (5, 4))}
    table.round(9, 9)
    table.round(9, 9)
    table.round(9, 9)
    assert [match.phase for match in table.all] == [Phase.ENDED] * 2
    for match in table.all:
        verdict = verify(replay_of(table.written[match]), SECRET, "0" * 16)
        assert verdict.ok, verdict.problems
        assert verdict.signed_by == (0, 1)


def test_the_file_has_our_move_before_anybody_hears_that_we_committed(table: Table) -> None:
    table.host.submit(7)
    records = table.host.records()
    (kept,) = [record for record in records if isinstance(record, Sealed)]
    assert unsealed(kept.opening) == encode(7)
    (word,) = said(table.host)
    assert word == m.Sealed(match=MATCH, player=0, frame=0, commitment=kept.commitment)


# --- the file


def changed(records: Sequence[Record], frame: int, player: int, data: bytes) -> list[Record]:
    """The file with another input."""
    out: list[Record] = []
    for record in records:
        if isinstance(record, Inputs) and record.first == frame:
            (count, inputs), *_ = record.runs
            put = tuple(data if p == player else old for p, old in enumerate(inputs))
            out.append(msgspec.structs.replace(record, runs=((count, put),)))
        else:
            out.append(record)
    return out


@pytest.mark.parametrize(
    ("data", "code"), [(opening(3), "opening_differs"), (encode(3), "input_not_sealed")], ids=["lie", "bare"]
)
def test_verify_names_an_opening_that_does_not_match(table: Table, data: bytes, code: str) -> None:
    while not table.host.over:
        table.round(9, 3)
    records = changed(table.written[table.host], 2, 1, data)
    verdict = verify(replay_of(records), SECRET, "0" * 16)
    named = [problem.params for problem in verdict.problems if problem.code == code]
    assert [(facts["frame"], facts["player"]) for facts in named] == [(2, 1)]


def test_the_signatures_cover_the_salts(table: Table) -> None:
    """Another salt with a commitment of its own is another chain, so nobody signed it."""
    while not table.host.over:
        table.round(9, 3)
    records = changed(table.written[table.host], 2, 1, opening(3))
    other_seal = commitment(MATCH, 2, 1, opening(3))
    records = [
        msgspec.structs.replace(record, commitment=other_seal)
        if isinstance(record, Sealed) and (record.frame, record.player) == (2, 1)
        else record
        for record in records
    ]
    verdict = verify(replay_of(records), SECRET, "0" * 16)
    assert "chain_differs" in [problem.code for problem in verdict.problems]


def test_an_input_of_one_player_is_never_sealed(table: Table) -> None:
    assert is_sealed(opening(3))
    assert not any(is_sealed(encode(value)) for value in (3, "sx", b"s", (1, 2), None, {"a": 1}, 1 << 40))
