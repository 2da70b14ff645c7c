"""Who plays on each seat: whatever the host decides, every seat has one owner, and all agree who signs."""

from hypothesis import given
from hypothesis import strategies as st

from p2pgame.netcode.seating import Seating
from p2pgame.wire.decisions import Decision, DecisionBody, Dropped, HostIs, Paused, Resigned, Seated

PEERS = tuple(letter * 26 for letter in "abcdef")
A, B, C, D, E, F = PEERS
seats = st.integers(0, 7)
bodies = st.one_of(
    st.builds(Dropped, seats, st.sampled_from(("left", "lost", "slow", "kicked", "fault"))),
    st.builds(Seated, seats, st.sampled_from(PEERS)),
    st.builds(HostIs, st.sampled_from(PEERS), st.just(())),
    st.builds(Paused, st.just("connection"), st.integers(0, 9)),
)


def entry(frame: int, what: DecisionBody) -> Decision:
    return Decision(epoch=1, index=1, frame=frame, what=what)


def after(seating: Seating, *whats: DecisionBody, frame: int = 10) -> Seating:
    for what in whats:
        seating.apply(entry(frame, what))
    return seating


@st.composite
def beginnings(draw: st.DrawFn) -> Seating:
    """Eight seats; the host owns those of bots."""
    host = draw(st.sampled_from(PEERS))
    bots = draw(st.sets(seats))
    owners = [host if seat in bots else draw(st.sampled_from(PEERS)) for seat in range(8)]
    return Seating(owners, host, bots)


@given(beginnings(), st.lists(st.tuples(st.integers(0, 99), bodies), max_size=30))
def test_any_sequence_of_decisions(seating: Seating, log: list[tuple[int, DecisionBody]]) -> None:
    everybody = range(8)
    first = set(seating.owners)
    for frame, what in log:
        before = list(seating.owners)
        seating.apply(entry(frame, what))
        changed = {seat for seat in everybody if seating.owners[seat] != before[seat]}
        if isinstance(what, Dropped | Seated):
            assert changed <= {what.seat}
        elif isinstance(what, HostIs):
            assert changed <= seating.bots
        else:
            assert not changed
        assert {seating.owners[seat] for seat in seating.bots} <= {seating.host}
        assert set(seating.kept) <= seating.bots
        assert all(cut <= 99 for cut in seating.cuts.values())
        owned = [seat for peer in PEERS for seat in seating.seats_of(peer)]
        assert sorted(owned) == list(everybody)
        playing = [seat for peer in PEERS for seat in seating.people_of(peer)]
        assert sorted([*playing, *seating.bots]) == list(everybody)
        assert set(seating.people) == {seating.owners[seat] for seat in playing}
        assert set(seating.people) & first <= set(seating.signers) <= {*seating.people, seating.host} & first
        for peer, seat in seating.signers.items():
            assert seating.owners[seat] == peer
            assert seat == min(seating.people_of(peer) or seating.seats_of(peer))
        assert len(set(seating.signers.values())) == len(seating.signers)


@given(beginnings(), st.lists(bodies, max_size=30))
def test_two_who_read_one_log_agree(seating: Seating, log: list[DecisionBody]) -> None:
    other = Seating(seating.owners, seating.host, seating.bots)
    after(other, *log)
    after(seating, *log)
    assert (seating.owners, seating.bots, seating.host) == (other.owners, other.bots, other.host)
    assert seating.signers == other.signers


def test_who_drops_out_is_kept_its_seats_and_signs_nothing() -> None:
    seating = after(Seating((A, B, B), A), Dropped(1, "lost"), Dropped(2, "lost"))
    assert seating.owners == [A, A, A]
    assert seating.kept == {1: B, 2: B}
    assert seating.signers == {A: 0}


def test_the_first_frame_without_somebody_counts_until_it_is_back() -> None:
    seating = Seating((A, B, B), A)
    seating.apply(entry(12, Dropped(1, "lost")))
    seating.apply(entry(10, Dropped(2, "lost")))
    assert seating.cuts == {B: 10}
    seating.apply(entry(90, Seated(1, B)))
    assert seating.cuts == {}
    assert seating.kept == {2: B}


def test_a_seat_that_a_bot_had_from_the_beginning_is_kept_for_nobody() -> None:
    seating = after(Seating((A, A), A, {1}), Dropped(1, "lost"))
    assert seating.kept == {}
    assert seating.cuts == {}


def test_another_host_takes_over_the_bots_and_no_person() -> None:
    seating = after(Seating((A, A, B, C), A, {1}), HostIs(B, ()))
    assert seating.owners == [A, B, B, C]
    assert seating.people_of(B) == (2,)
    after(seating, Dropped(0, "lost"))
    assert seating.owners == [B, B, B, C]
    assert seating.signers == {B: 2, C: 3}


def test_a_host_with_bots_alone_signs_for_the_first_of_them() -> None:
    seating = Seating((B, A, A), A, {1, 2})
    assert seating.people == (B,)
    assert seating.signers == {B: 0, A: 1}


def test_neither_a_host_without_any_seat_nor_who_came_later_signs() -> None:
    seating = after(Seating((A, B), A), Dropped(0, "left"), Seated(0, C))
    assert seating.seats_of(A) == ()
    assert seating.people == (C, B)
    assert seating.signers == {B: 1}


def test_what_moves_nobody_changes_nothing() -> None:
    seating = after(Seating((A, B), A), Resigned(1), Paused("connection", 5))
    assert seating.owners == [A, B]
    assert seating.bots == set()
