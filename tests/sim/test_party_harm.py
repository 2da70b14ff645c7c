"""What a member with a modified program can do to the others of a match of several, and cannot: see `Den`.

Ann is the host, Ben and Cid are guests, Dan has the fourth seat or watches.
"""

from collections.abc import Callable

import msgspec
import pytest

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.session import events as e
from p2pgame.session.link import LinkClosed, LinkEvent, MessageReceived
from p2pgame.testing.network import LinkEnd, SimPeer
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import Dropped, HostIs, HostVote
from tests.sim.test_party_liars import MATCH, Den, bots_of, decided, resume, three

LARGEST = 2**32 - 1
Answer = Callable[[m.Message], list[m.Message]]


class Puppet:
    """The program of a member says what a test wants, and nothing else; its links go on to stand."""

    def __init__(self, den: Den, peer: SimPeer, answer: Answer = lambda message: []) -> None:
        self.heard: list[m.Message] = []
        self.codes: list[str] = []
        """With which others closed links to it."""
        self.answer = answer
        self._den = den
        self._peer = peer
        world, report, act, puppet = den.world, den.world._report, den.world._act, peer

        def reporting(peer: SimPeer, end: LinkEnd, event: LinkEvent) -> None:
            if peer is not puppet:
                report(peer, end, event)
            elif isinstance(event, MessageReceived):
                self.heard.append(event.message)
                for message in self.answer(event.message):
                    end.link.send(message)
                world._flush(end)
            elif isinstance(event, LinkClosed):
                peer.ends.pop(end.number, None)
                self.codes.append(event.code)

        def acting(peer: SimPeer, action: object) -> None:
            if peer is not puppet:
                act(peer, action)

        world._report, world._act = reporting, acting  # type: ignore[method-assign]

    def say(self, to: SimPeer, *messages: m.Message) -> bool:
        """On the newest link that stands; False if there is none."""
        ends = [x for x in self._peer.ends.values() if x.other is not None and x.other.owner is to]
        if not ends:
            return False
        for message in messages:
            ends[-1].link.send(message)
        self._den.world._flush(ends[-1])
        return True

    def hang_up(self, *others: SimPeer) -> None:
        for end in list(self._peer.ends.values()):
            if end.other is not None and end.other.owner in others:
                end.link.close("bye", {})
                self._den.world._flush(end)
                self._den.world._drop(end)

    def call(self, to: SimPeer, *messages: m.Message) -> None:
        """On a link of its own."""
        self._den.world._dial(self._peer, to.id, None)
        self._den.run(0.1)
        self.say(to, *messages)
        self._den.run(0.3)


def unharmed(den: Den, *honest: SimPeer) -> None:
    """These play on together, to one end, with good files."""
    frames = [den.match(peer).frame for peer in honest]
    den.run(2.0)
    for peer, before in zip(honest, frames, strict=True):
        assert den.match(peer).over or den.match(peer).frame >= before + 1.25 * den.plugin.game.tick_rate, (
            den.where()
        )
    end = den.world.now + 100
    while not all(den.match(peer).over for peer in honest) and den.world.now < end:
        den.run(0.5)
    ends = [den.ended(peer) for peer in honest]
    assert len({(end.outcome, end.frames, end.hash) for end in ends}) == 1
    for peer in honest:
        assert den.verdict(peer).ok, den.verdict(peer)


def steps(*, watchers: int = 0, seats: tuple[int | None, ...] = (0, 1, 2), seconds: int = 60) -> Den:
    """A match that no rule ends."""
    den = Den("steps", seats, watchers=watchers, delay=0.002, seconds=seconds)
    den.run(1.0)
    return den


def silent_inputs(den: Den, peer: SimPeer) -> None:
    """`peer` goes on to acknowledge and to hear, and gives no input any more."""
    core = den.match(peer).core
    core.engine.advance = lambda moves: False  # type: ignore[method-assign]


def test_a_guest_that_gives_no_inputs_any_more_is_dropped() -> None:
    den = three()
    ann, ben, cid = den.members
    silent_inputs(den, ben)
    den.run(20.0)
    assert bots_of(den) >= {1}, den.where()
    del ben
    unharmed(den, ann, cid)


def test_a_guest_that_plays_takes_no_seat_of_a_bot() -> None:
    den = steps(seats=(0, 1, 2, None, None), seconds=20)
    ann, ben, cid = den.members
    report = den.world._report

    def reporting(peer: SimPeer, end: LinkEnd, event: LinkEvent) -> None:
        if not (isinstance(event, MessageReceived) and isinstance(event.message, m.Facts)):
            report(peer, end, event)

    den.world._report = reporting  # type: ignore[method-assign]
    den.say(ben, ann, m.Watch(match=MATCH, seats=8))
    den.run(2.0)
    assert den.match(ann).core.seating.people_of(ben.id) == (1,)
    unharmed(den, ann, cid)


def test_who_watches_for_a_seat_gets_as_many_as_it_asked_for() -> None:
    den = steps(seats=(0, 1, 2, None, None), watchers=1, seconds=20)
    ann, ben, cid, dan = den.peers
    den.watch(dan, seats=1)
    den.run(2.0)
    assert len(den.match(ann).core.seating.people_of(dan.id)) == 1
    puppet = Puppet(den, dan)
    for _ in range(3):
        puppet.call(ann, m.Watch(match=MATCH, seats=1))
        den.run(1.0)
    assert len(den.match(ann).core.seating.people_of(dan.id)) <= 1
    unharmed(den, ann, ben, cid)


@pytest.mark.parametrize("way", ["watch", "vote"])
def test_who_broke_a_rule_gets_no_seat_by(way: str) -> None:
    den = steps(seconds=20)
    ann, ben, cid = den.members
    channel = den.match(ben).core.linked[0].channel
    assert channel is not None
    assert channel.address is not None
    den.world._send_datagram(ben, channel._sealer.seal(b"\xff" * 12), channel.address)
    puppet = Puppet(den, ben)
    den.run(0.4)
    assert bots_of(den) == {1}
    if way == "watch":
        puppet.call(ann, m.Watch(match=MATCH, seats=1))
        puppet.say(ann, resume(den, ben, fresh=True, session=7))
    else:
        puppet.call(ann, resume(den, ben, epoch=1, session=7))
    den.run(0.3)
    hashes = [x for x in puppet.heard if isinstance(x, m.StateHash)]
    for told in hashes:
        puppet.say(ann, told)
    den.run(3.0)
    assert bots_of(den) == {1}
    session = ann.lobby.matches._session
    assert session is not None
    assert way == "watch" or not hashes
    unharmed(den, ann, cid)


def test_a_number_of_a_session_beyond_all_is_refused() -> None:
    den = steps(seconds=20)
    ann, ben, cid = den.members
    puppet = Puppet(den, ben)
    puppet.call(ann, resume(den, ben, session=LARGEST))
    den.run(0.5)
    session = ann.lobby.matches._session
    assert session is not None
    assert max([0, *(x.number for x in session.members.values())]) < 2**20
    assert puppet.codes == ["bad_resume"]
    unharmed(den, ann, cid)


@pytest.mark.parametrize("epoch", [LARGEST, LARGEST - 1])
def test_a_host_cannot_take_all_epochs(epoch: int) -> None:
    """It would be replaced by nobody, and nobody could end the match alone."""
    den = steps()
    ann, ben, cid = den.members

    def answer(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume) and message.cut is None:
            return [
                msgspec.structs.replace(message, cut=message.frame, epoch=epoch, epochs=((epoch, 1),)),
                decided(epoch, 1, message.frame, HostIs(ann.id, ())),
            ]
        return []

    puppet = Puppet(den, ann, answer)
    puppet.hang_up(ben, cid)
    den.run(1.0)
    den.world.kill(ann)
    den.run(20.0)
    for peer in (ben, cid):
        assert len(den.match(peer).core.seats) == 1
        assert den.match(peer).status.code.value == "running", den.where()
    for peer in (ben, cid):
        peer.lobby.matches._with_session(lambda session, now: session.end_now(), peer.now)
        den.world.pump(peer)
        assert den.match(peer).over


@pytest.mark.parametrize("votes", [(), ((1, 2),), ((1, 2), (1, 2)), ((1, 2), (2, 3))])
def test_nobody_follows_who_makes_itself_host(votes: tuple[tuple[int, int], ...]) -> None:
    """Cid loses the host and votes for Ben, as it should, who claims that others did so, too.

    `votes`: by whom, and for which epoch; two of four are not more than half.
    """
    den = steps(seats=(0, 1, 2, 3), seconds=40)
    ann, ben, cid, dan = den.members

    def vote(member: int, epoch: int) -> HostVote:
        given = den.match(den.members[member]).core.vote
        assert given is not None
        return given(epoch, ben.id)

    shown = tuple(vote(*one) for one in votes)

    def answer(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume) and message.epoch == 2:
            return [
                msgspec.structs.replace(message, cut=message.frame, epoch=2, epochs=((2, 2),), vote=None),
                decided(2, 1, message.frame, HostIs(ben.id, shown)),
                decided(2, 2, message.frame, Dropped(0, "lost")),
            ]
        return []

    puppet = Puppet(den, ben, answer)
    den.world.cut_for(6.0, ann, cid)
    den.run(10.0)
    assert any(isinstance(x, m.Resume) and x.epoch == 2 for x in puppet.heard)
    assert den.match(cid).core.seating.host == ann.id
    assert "bad_decision" in puppet.codes
    unharmed(den, ann, cid, dan)


def test_a_rumour_of_another_host_ends_with_the_search() -> None:
    den = steps(seats=(0, 1, 2, 3), seconds=40)
    ann, ben, cid, dan = den.members

    def answer(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume):
            return [m.Close(code="not_host", params={"host": dan.id, "epoch": 2**53})]
        return []

    Puppet(den, ben, answer)
    den.world.cut_for(6.0, ann, cid)
    den.run(12.0)
    session = cid.lobby.matches._session
    assert session is not None
    assert session._search._said_to_be[0] <= 2**16
    unharmed(den, ann, cid, dan)


@pytest.mark.parametrize("again", [False, True])
def test_promises_to_who_is_no_host(again: bool) -> None:
    den = steps(seats=(0, 1, 2, 3), seconds=40)
    ann, ben, cid, dan = den.members
    puppet = Puppet(den, ben)
    den.world.kill(ann)
    den.run(2.8)
    for turn in range(8):
        for to in (cid, dan):
            if again or not turn:
                puppet.call(to, resume(den, ben, fresh=True, session=50 + turn, epochs=((70000, 1),)))
        den.run(5.0)
    for peer in (cid, dan):  # two of four are not more than half, but they hold nobody's word any more
        session = peer.lobby.matches._session
        assert session is not None
        assert session._search._promised is None
        assert session._core.migration is not None


def test_entries_that_are_promised_and_do_not_come() -> None:
    den = steps(seats=(0, 1, 2, 3), seconds=60)
    ann, ben, cid, dan = den.members

    def answer(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume) and message.cut is None:
            return [msgspec.structs.replace(message, cut=message.frame, epoch=9, epochs=((9, 4000),))]
        return []

    Puppet(den, ben, answer)
    den.world.cut_for(12.0, ann, cid)
    den.run(13.0)
    den.run(10)
    den.run(10)
    unharmed(den, ann, cid, dan)


def test_what_is_asked_for_by_tell_is_told_once() -> None:
    den = steps(seats=(0, 1, 2, 3), seconds=60)
    ann, ben, *_ = den.members

    def answer(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume) and message.epoch is not None:
            return [m.Tell(match=MATCH, frame=0, decisions=0)] * 50
        return []

    puppet = Puppet(den, ben, answer)
    den.world.kill(ann)
    den.run(12.0)
    votes = [x for x in puppet.heard if isinstance(x, m.Resume)]
    assert votes
    assert len([x for x in puppet.heard if isinstance(x, m.Log)]) <= len(votes)


def test_frames_that_no_match_has_are_not_waited_for() -> None:
    den = steps(seats=(0, 1, 2, 3), seconds=60)
    ann, ben, cid, dan = den.members
    told = [0]

    def answer(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume) and message.cut is None:
            told[0] = message.frame
            return [msgspec.structs.replace(message, cut=message.frame, epoch=9, frame=LARGEST, epochs=())]
        return []

    puppet = Puppet(den, ben, answer)
    den.world.cut_for(12.0, ann, cid)
    most = 0
    for _ in range(100):
        den.run(0.2)
        missed = den.match(cid).recovery.catch_up
        if missed is not None:
            most = max(most, len(missed.frames))
            data = den.match(cid).core.timeline.log[0]
            for _ in range(20):
                puppet.say(cid, m.Log(match=MATCH, first=told[0], runs=((20000, data),)))
                told[0] += 20000
    assert most < 100_000
    unharmed(den, ann, cid, dan)


def test_a_watcher_that_is_answered_without_a_cut() -> None:
    den = Den("tron", (0, 1), watchers=1, delay=0.002, frames=600)
    den.run(1.0)
    ann, _, dan = den.peers

    def lying(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume) and message.cut is not None:
            return [msgspec.structs.replace(message, cut=None, inputs=(b"\xc1",) * 3)]
        return [message]

    den.lies(ann, lying)
    den.watch(dan)
    den.run(3.0)
    assert "rules_failed" not in den.codes(dan)
    assert not dan.told(e.MatchStarted)


@pytest.mark.parametrize("epoch", [None, 1, 7])
@pytest.mark.parametrize("drop", ["none", "of another", "an old one"])
def test_a_host_takes_back_frames_only_with_a_decision_about_us(epoch: int | None, drop: str) -> None:
    """Else it could put other inputs in place of what a player did, in a file that this one signs."""
    den = steps(seconds=30, seats=(0, 1, 2, 3))
    ann, _, cid, dan = den.members
    core = den.match(ann).core
    if drop == "of another":
        session = ann.lobby.matches._session
        assert session is not None
        session._guests.drop(session.members[dan.id], "left", ann.now)
        den.world.kill(dan)
        den.world.pump(ann)
        cut = core.log.decisions[-1].frame
    elif drop == "an old one":
        den.world.cut_for(12.0, ann, cid)
        den.run(16.0)
        assert den.match(cid).core.seats == (2,)
        cut = next(d.frame for d in core.log.decisions if isinstance(d.what, Dropped))
    else:
        cut = 2 * den.plugin.game.tick_rate
    den.run(1.0)
    puppet = Puppet(den, ann)

    def answer(message: m.Message) -> list[m.Message]:
        if not (isinstance(message, m.Resume) and message.cut is None):
            return []
        log = list(core.timeline.log[cut:])
        log = [(*inputs[:2], inputs[0] if inputs[0] != inputs[2] else b"\x00", *inputs[3:]) for inputs in log]
        return [
            msgspec.structs.replace(
                message, cut=cut, epoch=epoch, frame=cut + len(log), epochs=core.log.epochs
            ),
            *(m.Log(match=MATCH, first=cut + n, runs=((1, inputs),)) for n, inputs in enumerate(log)),
        ]

    puppet.answer = answer
    puppet.hang_up(cid)
    den.run(1.0)
    match = den.match(cid)
    match.core.timeline.outcome = Outcome.by(EndedBy.FRAME_LIMIT)
    den.run(1.0)
    assert not [x for x in puppet.heard if isinstance(x, m.EndSignature)]
    assert "disputed" in den.codes(cid)


@pytest.mark.parametrize(
    "code",
    ["over", "no_seat", "resigned", "abandoned", "claimed", "desync", "blocked", "left", "bad_log"],
)
@pytest.mark.parametrize("bound", [False, True])
def test_who_is_asked_for_the_host_ends_no_match(code: str, bound: bool) -> None:
    den = steps(seats=(0, 1, 2, 3), seconds=27)
    ann, ben, cid, dan = den.members

    def answer(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Resume):
            first = [msgspec.structs.replace(message, cut=message.frame, epoch=9)] if bound else []
            return [*first, m.Close(code=code, params={})]
        return []

    puppet = Puppet(den, ben, answer)
    den.world.cut_for(9.0, ann, cid)
    den.run(9.0)
    assert any(isinstance(x, m.Resume) for x in puppet.heard)
    assert not den.match(cid).over, den.ended(cid)
    den.run(14.0)
    unharmed(den, ann, cid, dan)
