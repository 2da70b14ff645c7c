"""The search for another host: whose turn it is, whose votes count, and how many are enough."""

from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.replay.votes import ballot
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.effects import CloseLink, Dial
from p2pgame.session.match_session.migration import Migration, Term, returning_epoch
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import HostVote

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(1, 7)]
A, B, C, D, E, STRANGER = IDS = [peer_id_of(key.public_key().public_bytes_raw()) for key in KEYS]
PEERS = IDS[:5]
MATCH = "0" * 16
TERM = 2.5
EPOCH = 4
"""The newest of the log."""


def begin(me: PeerId, members: int = 4) -> tuple[Migration, Connections]:
    """A was the host of so many."""
    connections = Connections()
    everybody = PEERS[:members]
    for link, peer in enumerate([*everybody, STRANGER]):
        connections.links[link] = Connection(peer=peer, name="", idle_since=0.0)
    return Migration(me, everybody, everybody[1:], EPOCH, connections, 10.0, match=MATCH), connections


def word(peer: PeerId, epoch: int | None, /, **ballots: Any) -> m.Resume:
    """A vote of `peer`, as a rule for B; a promise without an epoch. `ballots`: fields of the ballot that differ."""
    fields = {"match": MATCH, "epoch": epoch or returning_epoch(EPOCH), "candidate": B if epoch else A}
    key = KEYS[IDS.index(peer)]
    vote = HostVote(key.public_key().public_bytes_raw(), key.sign(ballot(**fields | ballots)))
    return m.Resume(
        match=MATCH, session=2, frame=9, hash=b"h" * 16, fresh=False, epochs=((1, 1),), epoch=epoch, vote=vote
    )


def dialled(connections: Connections) -> list[PeerId]:
    return [effect.peer for effect in connections.effects() if isinstance(effect, Dial)]


def closed(connections: Connections) -> list[tuple[int, str]]:
    return [(one.link, one.code) for one in connections.effects() if isinstance(one, CloseLink)]


def test_each_term_has_the_next_candidate_and_an_epoch_of_its_own() -> None:
    search, _ = begin(D)
    seen = []
    for term in range(5):
        search.handle_timeout(10.0 + term * TERM)
        seen.append((search.candidate, search.epoch))
    assert seen == [(B, 5), (C, 6), (D, 7), (B, 8), (C, 9)]


def test_the_candidate_is_dialled_until_there_is_a_link() -> None:
    search, connections = begin(C)
    assert search.next_deadline() == 10.0
    search.handle_timeout(10.0)
    assert dialled(connections) == [B]
    search.handle_timeout(10.1)
    assert dialled(connections) == []
    assert search.next_deadline() == pytest.approx(10.4)
    search.handle_timeout(10.4)
    assert dialled(connections) == [B]
    assert search.opened(1)
    assert search.uses(1)
    assert search.next_deadline() == 10.0 + TERM
    search.handle_timeout(11.0)
    assert dialled(connections) == []


def test_a_second_link_to_the_candidate_is_closed_and_gets_no_vote() -> None:
    search, connections = begin(C)
    assert search.opened(1)
    assert not search.opened(3)
    assert closed(connections) == [(3, "superseded")]
    assert search.link == 1


def test_a_candidate_dials_nobody_and_votes_for_nobody() -> None:
    search, connections = begin(B)
    search.handle_timeout(10.0)
    assert dialled(connections) == []
    assert not search.opened(2)
    assert closed(connections) == [(2, "superseded")]


@pytest.mark.parametrize(("members", "votes"), [(3, 1), (4, 2), (5, 2)])
def test_more_than_half_of_all_elect_the_old_host_counted(members: int, votes: int) -> None:
    search, _ = begin(B, members)
    for number, peer in enumerate(PEERS[2 : 2 + votes]):
        assert not search.elected(10.0)
        assert search.vote(number + 2, peer, word(peer, 5), 10.0)
    assert search.elected(10.0)


def test_a_vote_counts_once() -> None:
    search, _ = begin(B)
    for link in (2, 3, 4):
        assert search.vote(link, C, word(C, 5), 10.0)
    assert not search.elected(10.0)


@pytest.mark.parametrize(
    ("peer", "epoch"),
    [(STRANGER, 5), (C, 4), (C, 5 + 2**17 + 1), (C, 2**32 - 1), (C, None)],
    ids=["a stranger", "an old epoch", "too far an epoch", "a far epoch", "no epoch"],
)
def test_votes_that_count_for_nothing(peer: PeerId, epoch: int | None) -> None:
    search, _ = begin(B, 3)
    assert not search.vote(2, peer, word(peer, epoch), 10.0)
    assert not search.elected(10.0)
    assert not search.votes


def test_a_vote_of_a_later_term_takes_us_there() -> None:
    """Who begins later, or knows of fewer hosts, would be in an earlier term than the others for ever."""
    search, connections = begin(C)
    assert search.opened(1)
    assert search.vote(3, D, word(D, 7, candidate=C), 10.5)
    assert (search.candidate, search.epoch) == (C, 7)
    assert closed(connections) == [(1, "superseded")]
    assert not search.vote(4, A, word(A, 6, candidate=C), 10.6), "no earlier one comes again"
    search.handle_timeout(10.5 + TERM)
    assert (search.candidate, search.epoch) == (B, 8), "as the order says"


def test_who_votes_in_ever_later_terms_does_not_keep_us_from_being_elected() -> None:
    search, _ = begin(B, 5)
    assert search.vote(3, D, word(D, 6), 10.1)
    assert not search.vote(3, D, word(D, 7), 10.2)
    assert search.vote(2, C, word(C, 6), 10.3)
    assert search.elected(10.3)


def test_a_candidate_that_goes_to_another_term_says_so_to_its_voters() -> None:
    search, connections = begin(B, 5)
    assert search.vote(2, C, word(C, 5), 10.0)
    assert search.vote(3, D, word(D, 6), 10.1)
    (effect,) = [effect for effect in connections.effects() if isinstance(effect, CloseLink)]
    assert (effect.link, effect.params) == (2, {"host": B, "epoch": 6})


def test_we_take_part_in_a_later_term_of_which_the_candidate_tells_and_never_in_an_earlier_one() -> None:
    search, _ = begin(C)
    for now, term, then in [
        (11.0, Term(6, D), Term(6, D)),
        (21.0, Term(5, B), Term(6, D)),
        (21.0, Term(6, B), Term(6, D)),
        (21.0, Term(9, STRANGER), Term(6, D)),
        (21.0, Term(6 + 2**17 + 1, D), Term(6, D)),
        (21.0, Term(7, B), Term(7, B)),
    ]:
        search.take_part(B, term, now)
        assert search.term == then


def test_nobody_drives_us_through_all_epochs() -> None:
    """Beyond the greatest one our votes would be refused."""
    search, _ = begin(C)
    epoch = EPOCH
    for told in range(1000):
        search.take_part(B, Term(search.epoch + 2**17, B), 10.0 + told / 100)
        epoch = max(epoch, search.epoch)
    assert epoch <= EPOCH + 1 + 4 * 2**17


def test_who_was_dialled_in_an_earlier_term_gets_no_vote() -> None:
    search, connections = begin(D)
    search.handle_timeout(10.0)
    search.handle_timeout(10.0 + TERM)
    assert dialled(connections) == [B, C]
    assert not search.opened(1)
    assert closed(connections) == [(1, "superseded")]
    assert search.opened(2)


def test_another_search_goes_on_after_the_last_one() -> None:
    """We voted in its term: for nobody else in that epoch, and who was elected by that is gone, too."""
    for last, then in [(0, Term(5, B)), (4, Term(5, B)), (5, Term(6, C)), (8, Term(9, C))]:
        search = Migration(C, PEERS[:4], PEERS[1:4], EPOCH, Connections(), 10.0, match=MATCH, last=last)
        assert search.term == then


@pytest.mark.parametrize(
    "ballots", [{"match": "1" * 16}, {"epoch": 6}, {"candidate": C}], ids=["match", "epoch", "candidate"]
)
def test_a_ballot_for_anything_else_is_no_vote(ballots: dict[str, Any]) -> None:
    search, _ = begin(B, 3)
    assert not search.vote(2, C, word(C, 5, **ballots), 10.0)
    assert not search.vote(2, C, word(D, 5), 10.0), "of another key"
    assert not search.vote(2, C, msgspec.structs.replace(word(C, 5), vote=None), 10.0)
    assert not search.votes


def test_a_vote_for_somebody_else_is_none() -> None:
    search, _ = begin(C)
    assert not search.vote(3, D, word(D, 5), 10.0)
    assert not search.elected(10.0)


def test_with_the_term_the_votes_end_and_so_do_their_links() -> None:
    search, connections = begin(B, 5)
    assert search.vote(2, C, word(C, 5), 10.0)
    search.handle_timeout(10.0 + TERM)
    assert not search.votes
    assert (2, "superseded") in closed(connections)
    assert search.candidate == C
    assert not search.vote(3, D, word(D, 5), 10.0)


def test_a_vote_is_lost_with_its_link() -> None:
    search, _ = begin(B, 3)
    assert search.vote(2, C, word(C, 5), 10.0)
    search.asking = C
    search.lost(2)
    assert not search.elected(10.0)
    assert search.asking is None
    assert not search.uses(2)


def test_the_link_of_our_own_vote_is_lost_and_the_candidate_dialled_again() -> None:
    search, connections = begin(C)
    search.handle_timeout(10.0)
    assert search.opened(1)
    search.lost(1)
    connections.effects()
    search.handle_timeout(10.4)
    assert dialled(connections) == [B]


def test_who_is_followed_keeps_its_link() -> None:
    search, connections = begin(C)
    assert search.opened(1)
    search.stop(keep=1)
    assert closed(connections) == []
    assert 1 in connections.links


def test_two_who_know_the_same_log_never_expect_two_candidates_of_one_epoch() -> None:
    """However late the other began to search: an epoch names its candidate."""
    candidates: dict[int, set[PeerId]] = {}
    for me in (B, C, D):
        search, _ = begin(me)
        for tick in range(400):
            search.handle_timeout(10.0 + tick / 10)
            candidates.setdefault(search.epoch, set()).add(search.candidate)
    assert all(len(found) == 1 for found in candidates.values())
    assert len(candidates) > 12


@given(st.floats(0, 1e6), st.sampled_from((B, C)))
def test_every_deadline_is_met_whenever_the_search_began(since: float, me: PeerId) -> None:
    search = Migration(me, PEERS[:3], PEERS[1:3], EPOCH, Connections(), since, match=MATCH)
    for _ in range(60):
        due = search.next_deadline()
        search.handle_timeout(due)
        assert search.next_deadline() > due


def test_a_host_that_returns_wants_the_word_of_all_and_a_fresh_one() -> None:
    connections = Connections()
    for link, peer in enumerate(PEERS[:3]):
        connections.links[link] = Connection(peer=peer, name="", idle_since=0.0)
    search = Migration(A, PEERS[:3], (A,), EPOCH, connections, 10.0, match=MATCH, returning=True)
    assert search.epoch > EPOCH + 60_000
    assert not search.vote(1, B, word(B, 5), 10.0), "it is no election"
    assert search.vote(1, B, word(B, None), 10.0)
    assert not search.elected(10.0)
    assert search.vote(2, C, word(C, None), 11.0)
    assert search.elected(11.0)
    assert not search.elected(12.0), "B may have become host since"
    assert search.vote(1, B, word(B, None), 12.0)
    assert search.elected(12.0)
    del connections.links[2]
    search.forget_closed()
    assert not search.elected(12.0)
