"""Who lies in a match of several members about its seat, its frames, its vote or its epoch hurts nobody but itself.

Ann is the host, Ben and Cid are guests, Dan has the fourth seat or is a stranger to the match. What a liar says is
changed on its way out, or said besides.
"""

from collections.abc import Callable

import msgspec
import pytest

from p2pgame.session import events as e
from p2pgame.session.effects import Send
from p2pgame.testing.network import SimPeer
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import WATCHERS_MAX
from p2pgame.wire.decisions import (
    Decision,
    DecisionBody,
    Dropped,
    Ended,
    HostIs,
    Seated,
    encode_decision,
)
from p2pgame.wire.packet import Packet, encode_packet
from tests.sim.party import Party, link_of

MATCH = "0123456789abcdef"
Lie = Callable[[m.Message], list[m.Message]]


class Den(Party):
    """A party in which somebody lies."""

    def lies(self, liar: SimPeer, lie: Lie) -> None:
        act = self.world._act

        def acting(peer: SimPeer, action: object) -> None:
            if peer is liar and isinstance(action, Send):
                for message in lie(action.message):
                    act(peer, Send(action.link, message, m.encode_message(message)))
            else:
                act(peer, action)

        self.world._act = acting  # type: ignore[method-assign]

    def say(self, liar: SimPeer, to: SimPeer, message: m.Message) -> None:
        """On the link that stands."""
        end = liar.ends[link_of(liar, to)]
        end.link.send(message)
        self.world._flush(end)

    def call(self, liar: SimPeer, to: SimPeer, message: m.Message) -> None:
        """On a link of its own."""
        before = set(liar.ends)
        self.world._dial(liar, to.id, None)
        self.run(0.1)
        (new,) = set(liar.ends) - before
        liar.ends[new].link.send(message)
        self.world._flush(liar.ends[new])
        self.run(0.3)

    def codes(self, peer: SimPeer) -> set[str]:
        return {event.code for event in peer.told(e.ErrorEvent)}

    def unharmed(self, *honest: SimPeer) -> None:
        """These play on together, to one end, with good files."""
        frames = [self.match(peer).frame for peer in honest]
        self.run(1.0)
        for peer, before in zip(honest, frames, strict=True):
            assert self.match(peer).over or self.match(peer).frame > before + 30, self.where()
        self.play_out()
        ends = [self.ended(peer) for peer in honest]
        assert len({(end.outcome, end.frames, end.hash) for end in ends}) == 1
        for peer in honest:
            assert self.verdict(peer).ok, self.verdict(peer)


def three(*, watchers: int = 0, seats: tuple[int | None, ...] = (0, 1, 2), frames: int = 600) -> Den:
    den = Den("tron", seats, watchers=watchers, delay=0.002, frames=frames)
    den.run(1.0)
    return den


def resume(den: Den, peer: SimPeer, **changes: object) -> m.Resume:
    match = den.match(peer)
    word = m.Resume(
        match=MATCH,
        session=2,
        frame=match.frame,
        hash=match.core.timeline.hash,
        fresh=False,
        epochs=match.core.log.epochs,
        salt=b"s" * 32,
    )
    return msgspec.structs.replace(word, **changes)


def decided(epoch: int, index: int, frame: int, what: DecisionBody) -> m.Decided:
    return m.Decided(match=MATCH, entry=encode_decision(Decision(epoch, index, frame, what)))


# --- a guest


def bots_of(den: Den) -> set[int]:
    return den.match(den.host).core.seating.bots


@pytest.mark.parametrize("what", list(m.RequestKind))
def test_a_guest_asks_for_nothing_in_the_name_of_another(what: m.RequestKind) -> None:
    den = three()
    ann, ben, cid = den.members
    den.say(ben, ann, m.Request(match=MATCH, player=2, what=what))
    den.run(0.5)
    assert "not_your_request" in den.codes(ann)
    assert bots_of(den) == {1}
    den.unharmed(ann, cid)


@pytest.mark.parametrize(
    "what",
    [
        lambda den: Dropped(2, "lost"),
        lambda den: Seated(2, den.members[1].id),
        lambda den: HostIs(den.members[1].id, ()),
    ],
    ids=["dropped", "seated", "host"],
)
@pytest.mark.parametrize("epoch", [1, 2])
def test_a_guest_decides_nothing(what: Callable[[Den], DecisionBody], epoch: int) -> None:
    den = three()
    ann, ben, cid = den.members
    den.say(ben, ann, decided(epoch, 1, den.match(ann).frame, what(den)))
    den.run(0.5)
    assert "bad_decision" in den.codes(ann)
    assert den.match(cid).core.seating.host == ann.id
    assert den.match(cid).core.seats == (2,)
    den.unharmed(ann, cid)


@pytest.mark.parametrize("cut", [0, 1, 10**6])
@pytest.mark.parametrize("epoch", [None, 1, 7])
def test_a_guest_cannot_tell_the_host_that_it_was_dropped(cut: int, epoch: int | None) -> None:
    den = three()
    ann, ben, cid = den.members
    den.call(ben, ann, resume(den, ben, cut=cut, epoch=epoch))
    core = den.match(ann).core
    assert core.is_host
    assert core.seating.host == ann.id
    den.unharmed(ann, cid)


def test_nobody_resumes_the_match_of_others() -> None:
    den = three(watchers=1)
    ann, ben, cid, dan = den.peers
    for to in (ann, ben):
        to.lobby.matches._may_watch = lambda *_: False
        for fresh in (False, True):
            den.call(dan, to, resume(den, ann, fresh=fresh))
    assert not [
        link for link in dan.ends.values() if not link.gone and link.link.peer_hello and link.other is None
    ]
    assert den.match(ann).core.remote_of(dan.id) is None
    assert den.match(ann).core.seats == (0,)
    den.unharmed(ann, ben, cid)


@pytest.mark.parametrize("kind", ["tell", "facts", "watch in no room"])
def test_words_that_nobody_asked_for(kind: str) -> None:
    den = three(watchers=1)
    ann, ben, cid, dan = den.peers
    agreed = m.Facts(
        match=MATCH,
        game="tron",
        digest="0" * 16,
        config=b"\x80",
        seed=1,
        players=(dan.id,),
        names=("Dan",),
        host=dan.id,
    )
    for peer in (ann, ben):
        peer.lobby.matches._may_watch = lambda *_: False
        message: m.Message = {
            "tell": m.Tell(match=MATCH, frame=0, decisions=0),
            "facts": agreed,
            "watch in no room": m.Watch(match=MATCH),
        }[kind]
        links = set(peer.ends)
        den.call(dan, peer, message)
        assert set(peer.ends) == links
    assert den.match(ann).core.remote_of(dan.id) is None
    den.unharmed(ann, ben, cid)


# --- votes


@pytest.mark.parametrize("epoch", [1, 2, 3, 2**32 - 1])
def test_votes_while_the_host_is_there_elect_nobody(epoch: int) -> None:
    den = three(watchers=1)
    ann, ben, cid, dan = den.peers
    for voter in (cid, dan):
        den.call(voter, ben, resume(den, cid, epoch=epoch))
    assert den.match(ben).core.log.epoch == 1
    assert {den.match(peer).core.seating.host for peer in den.members} == {ann.id}
    den.unharmed(ann, ben, cid)


@pytest.mark.parametrize("watching", [False, True])
def test_neither_strangers_nor_watchers_elect_a_host(watching: bool) -> None:
    den = three(watchers=2)
    ann, ben, cid, dan, eve = den.peers
    if watching:
        den.watch(dan)
        den.watch(eve)
        den.run(0.5)
    for peer in (ann, cid):
        den.world.kill(peer, power=False)
    den.run(3.0)
    for term in range(4):
        for voter in (dan, eve):
            den.call(voter, ben, resume(den, ben, epoch=2 + term, session=9 + term))
        den.run(2.0)
    match = den.match(ben)
    assert match.core.log.epoch == 1
    assert not match.core.is_host
    assert match.core.log.entries == []


def test_the_vote_of_a_stranger_begins_no_search() -> None:
    den = three(watchers=1)
    ann, ben, cid, dan = den.peers
    den.world.cut_for(3.4, ann, ben)
    den.run(2.8)
    den.call(dan, ben, resume(den, ben, epoch=2))
    session = ben.lobby.matches._session
    assert session is not None
    assert session._core.migration is None
    den.run(3.0)
    den.unharmed(ann, ben, cid)


def test_a_program_that_was_started_anew_does_not_vote() -> None:
    """It cannot know for whom it voted before it was killed."""
    den = three(frames=900)
    ann, ben, cid = den.members
    for peer in (ann, cid):
        den.world.kill(peer)
    den.run(0.5)
    cid.restart()
    den.let_in(cid)
    cid.do("resume", MATCH, cid.now)
    den.run(12.0)
    for peer in (ben, cid):
        assert den.match(peer).core.log.epoch == 1, den.where()
        assert not den.match(peer).core.is_host
    ann.restart()
    den.let_in(ann)
    ann.do("resume", MATCH, ann.now)
    den.run(3.0)
    den.unharmed(ann, ben, cid)


@pytest.mark.parametrize("lie", ["behind", "ahead"])
def test_who_lies_with_its_vote_about_what_it_has(lie: str) -> None:
    """A voter that has less is told all. One that promises more than it sends makes another term decide."""
    den = three(seats=(0, 1, 2, 3), frames=900)
    ann, ben, cid, dan = den.members

    def lying(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume) and message.epoch is not None and message.cut is None:
            frame = 0 if lie == "behind" else message.frame + 5000
            return [msgspec.structs.replace(message, frame=frame)]
        return [message]

    den.lies(dan, lying)
    den.world.kill(ann)
    den.run(20.0)
    for peer in (ben, cid):
        assert den.match(peer).core.log.epoch > 1, den.where()
    den.play_out()
    assert den.verdict(ben).ok
    assert den.verdict(cid).ok


# --- who says that it is the host


@pytest.mark.parametrize("epoch", [None, 1, 2, 9])
@pytest.mark.parametrize("cut", [None, 0])
def test_a_false_host_answers_a_member_that_looks_for_it(epoch: int | None, cut: int | None) -> None:
    """The liar is a guest: its decisions do not lead to what it says, and the true host stays that of all others."""
    den = three(frames=900)
    ann, ben, cid = den.members

    def lying(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Close) and message.code == "not_host":
            return [resume(den, ben, cut=cut, epoch=epoch, session=9)]
        return [message]

    den.world.cut_for(6.0, ann, cid)
    den.run(3.0)
    den.lies(ben, lying)
    den.call(ben, cid, resume(den, ben, cut=cut, epoch=epoch, session=9))
    den.run(9.0)
    assert den.match(ann).core.is_host
    assert den.match(ann).core.log.epoch == 1
    den.play_out()
    assert den.verdict(ann).ok
    assert den.match(cid).core.seating.host == ann.id or den.match(cid).outcome is not None


# --- the host


@pytest.mark.parametrize(
    "what",
    [
        lambda den: Dropped(7, "lost"),
        lambda den: Seated(1, den.members[2].id),
        lambda den: HostIs(den.members[1].id, ()),
        lambda den: HostIs(den.members[0].id, ()),
    ],
    ids=["nobody's seat", "a seat of a person", "another host", "itself again"],
)
@pytest.mark.parametrize("epoch", [1, 2])
def test_what_a_host_cannot_decide(what: Callable[[Den], DecisionBody], epoch: int) -> None:
    den = three()
    ann, ben, _cid = den.members
    den.say(ann, ben, decided(epoch, 1, den.match(ann).frame, what(den)))
    den.run(0.5)
    assert "bad_decision" in den.codes(ben)
    assert den.match(ben).core.log.entries == []


def test_a_host_that_drops_somebody_who_is_there_says_so_to_all() -> None:
    """It may: who stays sees the decision, and who was dropped comes back as somebody who watches, or not at all."""
    den = three()
    ann, ben, cid = den.members
    session = ann.lobby.matches._session
    assert session is not None
    session._guests.drop(session.members[ben.id], "left", ann.now)
    den.world.pump(ann)
    den.run(2.0)
    assert den.match(ben).core.seats == ()
    assert [event.kind for event in cid.told(e.SeatChanged)] == ["bot"]
    entry = den.match(cid).core.log.decisions[0]
    assert entry.what == Dropped(1, "left")
    den.unharmed(ann, cid)


def test_a_host_that_cuts_a_member_without_a_decision_gets_no_signature() -> None:
    """The frames of the member that it wants to have never been are taken back, and the file says who wanted it."""
    den = three(frames=500)
    ann, ben, cid = den.members

    def lying(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume) and message.cut is not None:
            return [msgspec.structs.replace(message, cut=max(0, message.cut - 20))]
        return [message]

    den.lies(ann, lying)
    den.world.cut_for(12.0, ann, ben)
    den.run(0.5)
    den.play_out()
    assert den.match(ben).over
    assert not den.match(ben).settled
    assert den.verdict(cid).ok


def test_there_are_so_many_watchers_and_no_more() -> None:
    den = three(watchers=0)
    ann = den.host
    session = ann.lobby.matches._session
    assert session is not None
    late = [den.world.add(f"W{number}") for number in range(WATCHERS_MAX + 2)]
    for peer in late:
        den.peers.append(peer)
        den.let_in(peer)
        den.watch(peer)
        den.run(0.3)
    watching = [peer for peer in late if peer.lobby.match is not None]
    assert len(watching) == WATCHERS_MAX
    assert {event.code for peer in late[-2:] for event in peer.told(e.ErrorEvent)} == {"too_many_watchers"}
    den.unharmed(*den.members)


def test_a_watcher_that_plays_is_refused_and_its_inputs_change_nothing() -> None:
    den = three(watchers=1)
    ann, ben, cid, dan = den.peers
    den.watch(dan)
    den.run(0.5)
    match = den.match(dan)
    (remote,) = match.core.linked
    remote.told = (1, 2)
    den.run(0.5)
    den.say(
        dan,
        ann,
        m.EndSignature(
            match=MATCH, player=1, frame=5, decisions=0, public_key=b"k" * 32, signature=b"s" * 64
        ),
    )
    den.run(0.5)
    assert bots_of(den) == set()
    den.unharmed(ann, ben, cid)


def test_an_end_that_is_decided_in_an_older_epoch_ends_nothing() -> None:
    den = three(seats=(0, 1, 2, 3), frames=900)
    ann, ben, cid, dan = den.members
    den.world.kill(ann)
    den.run(2.0)
    assert den.match(cid).core.seating.host == ben.id
    entry = Ended(
        outcome=msgspec.convert(
            {"winners": [0], "reason": "resigned", "ended_by": "resigned"}, Ended.__annotations__["outcome"]
        )
    )
    den.say(ben, cid, decided(1, 1, den.match(cid).frame + 1, entry))
    den.run(0.5)
    assert "bad_decision" in den.codes(cid)
    assert den.match(cid).outcome is None or den.match(cid).over
    del dan


@pytest.mark.parametrize("code", ["not_host", "old_epoch"])
@pytest.mark.parametrize("host", ["itself", "another", "nobody"])
def test_a_guest_that_names_another_host_is_not_believed_while_most_are_here(code: str, host: str) -> None:
    den = three()
    ann, ben, cid = den.members
    named = {"itself": ben.id, "another": cid.id, "nobody": "x" * 26}[host]
    end = ben.ends[link_of(ben, ann)]
    end.link.close(code, {"host": named, "epoch": 2**31})
    den.world._flush(end)
    den.run(1.0)
    for peer in (ann, cid):
        assert den.match(peer).core.seating.host == ann.id
    den.unharmed(ann, ben, cid)


@pytest.mark.parametrize("kind", ["no packet", "no input"])
def test_a_guest_that_breaks_a_rule_by_datagram_takes_nobody_along(kind: str) -> None:
    den = three()
    ann, ben, cid = den.members
    channel, due = den.match(ben).core.linked[0].channel, den.match(ann).core.engine.known(1)
    assert channel is not None
    assert channel.address is not None
    bad = (
        b"\xff" * 12
        if kind == "no packet"
        else encode_packet(Packet(first=due, inputs=(b"\xc1",) * 8, ack=0))
    )
    den.world._send_datagram(ben, channel._sealer.seal(bad), channel.address)
    den.run(0.5)
    dropped = [what for what in den.match(ann).core.log.bodies if isinstance(what, Dropped)]
    assert [(what.seat, what.reason) for what in dropped] == [(1, "fault")]
    assert den.match(cid).core.seats == (2,)
    den.unharmed(ann, cid)


@pytest.mark.parametrize("word", ["a hash", "a difference"])
def test_a_watcher_whose_states_are_others_stops_nobody(word: str) -> None:
    den = three(watchers=1)
    dan = den.peers[3]
    den.watch(dan)
    den.run(1.0)
    frame = den.match(den.host).frame
    lie: m.Message = m.StateHash(match=MATCH, frame=frame, hash=bytes(16))
    if word == "a difference":
        lie = m.Differ(match=MATCH, first=frame, hashes=bytes(16), version="0", platform="x")
    den.say(dan, den.host, lie)
    before = den.match(den.host).frame
    den.run(0.5)
    assert den.match(den.host).frame >= before + 25
    for peer in den.members:
        assert not peer.told(e.MatchPaused)
    assert dan.id not in {remote.peer for remote in den.match(den.host).core.linked}
    assert den.match(dan).over, "it does not come back with the same states"
    den.unharmed(*den.members)
