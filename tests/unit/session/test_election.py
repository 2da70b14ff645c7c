"""Commit, reveal, elect: alike for all, chosen by none, and nothing said before can be changed after."""

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.session.election import Standing, commit, crossing_rank, elect, verify_commitment

ids = st.binary(min_size=32, max_size=32).map(peer_id_of)
nonces = st.binary(min_size=32, max_size=32)
plans = st.one_of(ids.map(str.encode), nonces)
invites = st.binary(min_size=16, max_size=16)
standings = st.builds(Standing, st.integers(0, 3), st.booleans(), st.booleans(), st.integers(0, 3))


@dataclass(frozen=True)
class Case:
    invite: bytes
    a: PeerId
    b: PeerId
    facts: dict[PeerId, Standing]
    nonces: dict[PeerId, bytes]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    a, b = draw(ids), draw(ids)
    assume(a != b)
    return Case(draw(invites), a, b, {p: draw(standings) for p in (a, b)}, {p: draw(nonces) for p in (a, b)})


@given(cases())
def test_all_come_to_the_same_conclusion_whoever_they_name_first(case: Case) -> None:
    back = dict(reversed(case.facts.items())), dict(reversed(case.nonces.items()))
    assert elect(case.invite, case.facts, case.nonces) == elect(case.invite, *back)


@given(cases())
def test_what_is_elected_is_well_formed(case: Case) -> None:
    result = elect(case.invite, case.facts, case.nonces)
    assert result.host == result.succession[0]
    assert sorted(result.succession) == sorted(result.players) == sorted((case.a, case.b))
    assert 0 <= result.seed < 2**64
    assert len(result.match) == 16
    assert int(result.match, 16) >= 0
    assert len(result.token) == 16


@given(cases())
def test_facts_come_before_chance(case: Case) -> None:
    assume(case.facts[case.a] != case.facts[case.b])
    best = min((case.a, case.b), key=lambda peer: case.facts[peer])
    assert elect(case.invite, case.facts, case.nonces).host == best


@given(ids, ids, nonces)
def test_a_commitment_opens_with_what_it_was_made_of(peer: PeerId, other: PeerId, nonce: bytes) -> None:
    assert verify_commitment(commit(peer, other.encode(), nonce), peer, other.encode(), nonce)


@given(st.tuples(ids, plans, nonces), st.tuples(ids, plans, nonces), st.integers(0, 2))
def test_a_commitment_opens_with_nothing_else(
    one: tuple[PeerId, bytes, bytes], other: tuple[PeerId, bytes, bytes], at: int
) -> None:
    assume(one[at] != other[at])
    changed = [*one]
    changed[at] = other[at]
    assert not verify_commitment(commit(*one), *changed)  # type: ignore[arg-type]


@given(cases(), invites)
def test_another_invitation_of_the_same_nonces_changes_nobodys_place(case: Case, invite: bytes) -> None:
    assume(invite != case.invite)
    one = elect(case.invite, case.facts, case.nonces)
    other = elect(invite, case.facts, case.nonces)
    assert (other.host, other.players, other.seed) == (one.host, one.players, one.seed)
    assert other.match != one.match
    assert other.token != one.token


def test_hosts_colours_and_seeds_are_uniform_over_nonces() -> None:
    """1,000 elections between equals: each side is host, and first player, about half the time, independently."""
    rng = random.Random(5)
    a, b = (peer_id_of(bytes([n]) * 32) for n in (1, 2))
    facts = {a: Standing(), b: Standing()}
    results = [
        elect(rng.randbytes(16), facts, {a: rng.randbytes(32), b: rng.randbytes(32)}) for _ in range(1000)
    ]
    together = Counter((r.host == a, r.players[0] == a) for r in results)
    assert len(together) == 4
    assert all(190 < count < 310 for count in together.values())  # 250 expected, sigma 13.7
    assert len({r.seed for r in results}) == len({r.match for r in results}) == len(results)
    ones = [sum(r.seed >> bit & 1 for r in results) for bit in range(64)]
    assert all(420 < count < 580 for count in ones)  # 500 expected, sigma 15.8


@given(cases(), nonces)
def test_either_nonce_alone_changes_everything(case: Case, nonce: bytes) -> None:
    assume(nonce not in case.nonces.values())
    before = elect(case.invite, case.facts, case.nonces)
    for peer in (case.a, case.b):
        after = elect(case.invite, case.facts, {**case.nonces, peer: nonce})
        assert after.token != before.token
        assert (after.match, after.seed) != (before.match, before.seed)


@given(cases())
def test_a_return_match_swaps_the_places(case: Case) -> None:
    first = elect(case.invite, case.facts, case.nonces)
    again = elect(case.invite, case.facts, case.nonces, seats=(first.players[1], first.players[0]))
    assert again.players == first.players[::-1]


@given(ids, ids, invites)
def test_crossed_invitations_are_ranked_by_all_of_who_whom_and_which(
    a: PeerId, b: PeerId, invite: bytes
) -> None:
    assume(a != b)
    assert crossing_rank(a, b, invite) != crossing_rank(b, a, invite)


@pytest.mark.parametrize("count", [3, 5])
def test_more_than_two_agree_too(count: int) -> None:
    rng = random.Random(count)
    peers = [peer_id_of(rng.randbytes(32)) for _ in range(count)]
    shown = {p: rng.randbytes(32) for p in peers}
    facts = {p: Standing() for p in peers}
    result = elect(b"i" * 16, facts, shown)
    rng.shuffle(peers)
    assert elect(b"i" * 16, {p: facts[p] for p in peers}, shown) == result
    assert sorted(result.players) == sorted(peers)
