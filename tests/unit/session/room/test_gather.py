"""Commit and reveal of many: alike for all, chosen by none, and who lies about it is refused."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.session.election import Election
from p2pgame.session.room.gather import Collection, Party, Plan, elect_round
from p2pgame.wire import messages as m
from p2pgame.wire.rooms import NO_LINK, Commitment, Player, parties_of, plan_digest

PEERS = tuple(peer_id_of(bytes([number]) * 32) for number in range(8))
ROOM = "00112233445566ff"


def lineup(*owners: int | None) -> tuple[Player, ...]:
    """`owners`: the number of the peer on each seat; None for a bot."""
    return tuple(
        Player(seat, "" if owner is None else PEERS[owner], "", "medium" if owner is None else "", 0)
        for seat, owner in enumerate(owners)
    )


def plan_of(*owners: int | None, number: int = 0) -> Plan:
    players = lineup(*owners)
    digest = plan_digest(ROOM, number, "toy", "0123456789abcdef", b"\x80", 0, players)
    return Plan(ROOM, digest, players, parties_of(players))


def facts(commitment: bytes, parties: tuple[PeerId, ...]) -> Commitment:
    return Commitment(commitment, reachable=True, wired=False, round_trips=(1,) * len(parties))


def gathered(plan: Plan, nonces: dict[PeerId, bytes]) -> dict[PeerId, Election]:
    """What each party elects, through a leader that only passes on."""
    leader = Collection(plan)
    parties = {peer: Party(peer, plan, nonces[peer]) for peer in plan.parties}
    for peer, party in parties.items():
        every = leader.commit(peer, party.commit(facts))
    assert every is not None
    for peer, party in parties.items():
        revealed = leader.reveal(peer, party.committed(every.commitments))
    assert revealed is not None
    for party in parties.values():
        party.revealed(revealed.nonces)
    elections = {peer: party.elect(1) for peer, party in parties.items()}
    assert all(election == leader.election for election in elections.values())
    return elections


def nonces_of(plan: Plan, seed: int = 1) -> dict[PeerId, bytes]:
    rng = random.Random(seed)
    return {peer: rng.randbytes(32) for peer in plan.parties}


@given(st.integers(1, 8), st.integers(0, 1000))
def test_all_parties_and_the_leader_come_to_the_same_election(count: int, seed: int) -> None:
    plan = plan_of(*range(count))
    (election, *_) = gathered(plan, nonces_of(plan, seed)).values()
    assert sorted(election.succession) == sorted(plan.parties)
    assert election.players == plan.parties
    assert election.host == election.succession[0]


def test_a_peer_may_own_several_seats_and_the_host_owns_those_of_bots() -> None:
    plan = plan_of(0, 1, None, 1)
    (election, *_) = gathered(plan, nonces_of(plan)).values()
    assert election.players == (PEERS[0], PEERS[1], election.host, PEERS[1])
    assert len(election.succession) == 2


def test_another_lineup_round_or_nonce_is_another_match_and_token() -> None:
    plans = [plan_of(0, 1, 2), plan_of(0, 2, 1), plan_of(0, 1, 2, None), plan_of(0, 1, 2, number=1)]
    elections = [next(iter(gathered(plan, nonces_of(plan)).values())) for plan in plans]
    assert len({election.match for election in elections}) == len({e.token for e in elections}) == 4


def test_hosts_are_chance_among_equals() -> None:
    plan = plan_of(0, 1, 2, 3)
    hosts = [next(iter(gathered(plan, nonces_of(plan, seed)).values())).host for seed in range(400)]
    assert all(60 < hosts.count(peer) < 140 for peer in plan.parties)  # 100 expected, sigma 8.7


def chosen(
    trips: list[list[int]], wired: tuple[int, ...] = (), unreachable: tuple[int, ...] = ()
) -> set[PeerId]:
    """Who may become host, by what is measured: ``trips[a][b]`` as `a` says."""
    plan = plan_of(*range(len(trips)))
    hosts = set()
    for seed in range(12):
        nonces = nonces_of(plan, seed)
        said = tuple(
            Commitment(b"c" * 32, place not in unreachable, place in wired, tuple(row))
            for place, row in enumerate(trips)
        )
        hosts.add(elect_round(plan, said, nonces, 1).host)
    return hosts


def test_who_is_linked_with_all_comes_before_who_is_wired_and_near() -> None:
    near = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert chosen(near) == set(PEERS[:3])
    assert chosen(near, wired=(1,)) == {PEERS[1]}
    assert chosen(near, wired=(1,), unreachable=(1, 2)) == {PEERS[0]}
    apart = [[0, 1, 1], [1, 0, NO_LINK], [1, NO_LINK, 0]]
    assert chosen(apart, wired=(1, 2), unreachable=(0,)) == {PEERS[0]}
    assert chosen([[0, 1, 90], [1, 0, 90], [90, 90, 0]]) == set(PEERS[:3]), "the worst line decides"
    assert chosen([[0, 3, 30], [3, 0, 90], [30, 90, 0]]) == {PEERS[0]}


def test_a_link_counts_only_as_far_as_both_ends_say_so() -> None:
    liar = [[0, 1, 1], [1, 0, NO_LINK], [1, 1, 0]]
    assert chosen(liar) == {PEERS[0]}


def test_a_host_that_is_passed_over_is_followed_by_the_next_with_the_same_match() -> None:
    plan = plan_of(0, 1, None)
    leader = Collection(plan)
    parties = {peer: Party(peer, plan, nonce) for peer, nonce in nonces_of(plan).items()}
    assert not leader.pass_over()
    for peer, party in parties.items():
        every = leader.commit(peer, party.commit(facts))
    assert every is not None
    for peer, party in parties.items():
        nonces = leader.reveal(peer, party.committed(every.commitments))
    assert nonces is not None
    first = leader.election
    assert leader.pass_over()
    second = leader.election
    assert first is not None
    assert second is not None
    assert (second.epoch, second.host) == (2, first.succession[1])
    assert second.succession == first.succession[::-1]
    assert second.players[2] == second.host
    assert (second.match, second.seed, second.token) == (first.match, first.seed, first.token)
    assert not leader.pass_over()


# --- lies


def pair() -> tuple[Plan, Collection, Party, Party]:
    plan = plan_of(0, 1)
    return plan, Collection(plan), Party(PEERS[0], plan, b"a" * 32), Party(PEERS[1], plan, b"b" * 32)


def test_a_stranger_is_no_party() -> None:
    plan, leader, ann, _ = pair()
    for call in (
        lambda: leader.commit(PEERS[5], ann.commit(facts)),
        lambda: leader.reveal(PEERS[5], m.RoomReveal(ROOM, plan.digest, (b"a" * 32,))),
    ):
        with pytest.raises(RemoteProtocolError) as refused:
            call()
        assert refused.value.code == "not_your_seat"


def test_a_party_speaks_for_itself_alone() -> None:
    plan, leader, ann, _ = pair()
    (ours,) = ann.commit(facts).commitments
    with pytest.raises(RemoteProtocolError) as refused:
        leader.commit(PEERS[0], m.RoomCommit(ROOM, plan.digest, (ours, ours)))
    assert refused.value.code == "not_your_seat"
    short = Commitment(ours.commitment, reachable=True, wired=True, round_trips=(0,))
    with pytest.raises(RemoteProtocolError) as refused:
        leader.commit(PEERS[0], m.RoomCommit(ROOM, plan.digest, (short,)))
    assert refused.value.code == "bad_message"


def test_nobody_reveals_before_all_have_committed_or_another_nonce_or_commits_anew() -> None:
    plan, leader, ann, ben = pair()
    leader.commit(PEERS[0], ann.commit(facts))
    early = m.RoomReveal(ROOM, plan.digest, (b"a" * 32,))
    with pytest.raises(RemoteProtocolError):
        leader.reveal(PEERS[0], early)
    every = leader.commit(PEERS[1], ben.commit(facts))
    assert every is not None
    with pytest.raises(RemoteProtocolError):
        leader.reveal(PEERS[1], early)
    with pytest.raises(RemoteProtocolError):
        leader.commit(PEERS[1], Party(PEERS[1], plan, b"x" * 32).commit(facts))
    assert leader.commit(PEERS[1], ben.commit(facts)) is None, "again, after its link was lost"
    assert leader.told() == (every,)


def test_a_leader_that_leaves_out_changes_or_replaces_a_commitment_is_refused() -> None:
    plan, _, ann, ben = pair()
    (ours,), (theirs,) = ann.commit(facts).commitments, ben.commit(facts).commitments
    for wrong in ((theirs, ours), (ours,), (theirs, theirs)):
        with pytest.raises(RemoteProtocolError) as refused:
            ann.committed(wrong)
        assert refused.value.code == "bad_reveal"
    with pytest.raises(RemoteProtocolError):
        ann.revealed((b"a" * 32, b"b" * 32))
    ann.committed((ours, theirs))
    for nonces in ((b"a" * 32,), (b"a" * 32, b"x" * 32), (b"b" * 32, b"a" * 32)):
        with pytest.raises(RemoteProtocolError) as refused:
            ann.revealed(nonces)
        assert refused.value.code == "bad_reveal"
    ann.revealed((b"a" * 32, b"b" * 32))
    assert ann.elect(1).players == plan.parties


@pytest.mark.parametrize(
    "change", [{"reachable": False}, {"wired": True}, {"round_trips": (1, NO_LINK)}, {"round_trips": (1,)}]
)
def test_a_leader_that_changes_what_a_party_measured_is_refused(change: dict[str, Any]) -> None:
    """It would choose the host."""
    _, _, ann, ben = pair()
    (ours,), (theirs,) = ann.commit(facts).commitments, ben.commit(facts).commitments
    with pytest.raises(RemoteProtocolError) as refused:
        ann.committed((replace(ours, **change), theirs))
    assert refused.value.code == "bad_reveal"
    ann.committed((ours, theirs))


@pytest.mark.parametrize("round_trips", [(1,), (1, 1, 1)])
def test_what_another_measured_fits_the_plan(round_trips: tuple[int, ...]) -> None:
    _, _, ann, ben = pair()
    (ours,), (theirs,) = ann.commit(facts).commitments, ben.commit(facts).commitments
    with pytest.raises(RemoteProtocolError) as refused:
        ann.committed((ours, replace(theirs, round_trips=round_trips)))
    assert refused.value.code == "bad_reveal"


def test_what_was_measured_earlier_may_come_back() -> None:
    """The leader had it already when we said it again, over another link."""
    _, _, ann, ben = pair()
    (before,), (theirs,) = ann.commit(facts).commitments, ben.commit(facts).commitments

    def slower(commitment: bytes, parties: tuple[PeerId, ...]) -> Commitment:
        return replace(facts(commitment, parties), round_trips=(0, 40))

    assert ann.commit(slower).commitments != (before,)
    ann.committed((before, theirs))


def test_a_gathering_that_is_broken_off_and_repeated_brings_the_same() -> None:
    """A leader knows all nonces first. If it could break off and choose its own anew, it would choose the result."""
    plan, _, ann, ben = pair()
    (ours,), (theirs,) = ann.commit(facts).commitments, ben.commit(facts).commitments
    first = ann.committed((ours, theirs))
    assert ann.commit(facts).commitments == (ours,)
    other = Party(PEERS[1], plan, b"x" * 32).commit(facts).commitments
    with pytest.raises(RemoteProtocolError) as refused:
        ann.committed((ours, *other))
    assert refused.value.code == "bad_reveal"
    assert ann.committed((ours, theirs)) == first
