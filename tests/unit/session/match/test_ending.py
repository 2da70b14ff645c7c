"""How the end of a match is settled: the last hash is agreed, all sign, and a signature that is none is told."""

from typing import Any

import msgspec
import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import NoConfig, Outcome
from p2pgame.replay.records import End, Signature
from p2pgame.replay.verify import verify
from p2pgame.session import events as e
from p2pgame.session.match import Match, Phase
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import MATCH_TIMEOUT
from tests.toy import ROBIN
from tests.unit.session.match.duel import GUEST, HOST, MATCH, PUBLIC, THIRD, Members

TWO, THREE = (HOST, GUEST), (HOST, GUEST, THIRD)
BY_RULES = Outcome(winners=(0,), reason="thirty")


class Ending(Members):
    """The first player is one move before winning; `change` is done to signatures on their way."""

    def __init__(self, players: tuple[Any, ...] = TWO, *, recorded: bool = True) -> None:
        super().__init__(ROBIN, NoConfig(), players, recorded=recorded)
        self.change: dict[int, dict[str, Any]] = {}
        """By signer: fields that are replaced where it leaves the signer."""
        self.deliver()
        while self.host.core.timeline.state.totals[0] < 27:
            self.move()
        while self.host.view().to_move != (0,):
            self.move()

    def move(self) -> None:
        (player,) = self.host.view().to_move
        self.all[player].submit(9 if player == 0 else 1)
        self.all[player].settle(self.now)
        self.deliver()

    def send(self) -> None:
        known = len(self.wire)
        super().send()
        for at, (sender, player, message) in enumerate(self.wire[known:], known):
            if isinstance(message, m.EndSignature) and sender == message.player:
                change = self.change.get(sender, {})
                self.wire[at] = (sender, player, msgspec.structs.replace(message, **change))

    def signers(self, match: Match) -> list[int]:
        """Whose signatures are in its file."""
        self.collect()
        return [record.player for record in self.written[match] if isinstance(record, Signature)]

    def agreed(self, match: Match) -> bool:
        (end,) = [record for record in self.written[match] if isinstance(record, End)]
        return end.agreed

    def wrong(self, match: Match) -> list[Any]:
        """Names of whom it is told that they signed wrongly."""
        return [x.params["name"] for x in self.of(match, e.ErrorEvent) if x.code == "wrong_signature"]


@pytest.mark.parametrize("players", [TWO, THREE], ids=["two", "three"])
def test_all_sign_what_all_agree_on(players: tuple[Any, ...]) -> None:
    pair = Ending(players)
    pair.move()
    for match in pair.all:
        assert match.settled
        assert sorted(pair.signers(match)) == list(range(len(players)))
        assert pair.agreed(match)
        assert pair.wrong(match) == []
        assert verify(replay_of(pair.written[match]), ROBIN, "0" * 16).ok
    assert len({record for m_ in pair.all for record in pair.written[m_] if isinstance(record, End)}) == 1


def test_each_signs_once() -> None:
    ring = Ending(THREE)
    ring.said.clear()
    ring.move()
    for match in ring.all:
        match.settle(1.0)
    ring.deliver()
    signed = [(s, p, x.player) for s, p, x in ring.said if isinstance(x, m.EndSignature)]
    assert sorted(signed) == [(0, 1, 0), (0, 1, 2), (0, 2, 0), (0, 2, 1), (1, 0, 1), (2, 0, 2)]


WRONG: dict[str, dict[str, Any]] = {
    "another text": {"signature": b"s" * 64},
    "another key": {"public_key": PUBLIC[5]},
    "no key": {"public_key": b"\xff" * 32},
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("who", [0, 1])
def test_a_wrong_signature_is_told_and_spoils_no_proof(case: str, who: int) -> None:
    pair = Ending()
    pair.change[who] = WRONG[case]
    pair.move()
    liar, victim = pair.all[who], pair.all[1 - who]
    assert pair.wrong(victim) == [pair.host.core.names[who]]
    assert pair.wrong(liar) == []
    assert pair.signers(victim) == [victim.me]
    assert sorted(pair.signers(liar)) == [0, 1]
    assert pair.ends() == [(BY_RULES, pair.host.frame)] * 2
    assert not pair.agreed(victim)
    assert not victim.settled
    verdict = verify(replay_of(pair.written[victim]), ROBIN, "0" * 16)
    assert verdict.ok, verdict.problems
    assert verdict.signed_by == (victim.me,)


def test_the_host_passes_a_wrong_signature_on_and_all_know_whose_it_is() -> None:
    ring = Ending(THREE)
    ring.change[1] = WRONG["another text"]
    ring.move()
    assert [ring.wrong(match) for match in ring.all] == [["Ben"], [], ["Ben"]]
    assert [sorted(ring.signers(match)) for match in ring.all] == [[0, 2], [0, 1, 2], [0, 2]]


def test_a_host_that_changes_a_signature_it_passes_on_changes_nothing_else() -> None:
    ring = Ending(THREE)
    passed = ring.host.core.broadcast

    def forged(message: m.Message, *, but: int | None = None) -> None:
        if isinstance(message, m.EndSignature) and message.player == 1:
            message = msgspec.structs.replace(message, signature=bytes(64))
        passed(message, but=but)

    vars(ring.host.core)["broadcast"] = forged
    ring.move()
    assert [ring.wrong(match) for match in ring.all] == [[], [], ["Ben"]]
    assert sorted(ring.signers(ring.all[2])) == [0, 2]


@pytest.mark.parametrize(
    "off",
    [{"frame": 9}, {"frame": 11}, {"frame": 2**32 - 1}, {"decisions": 1}, {"decisions": 2**32 - 1}],
    ids=repr,
)
def test_a_signature_of_another_end_is_none(off: dict[str, int]) -> None:
    """Of another frame, or of other decisions."""
    pair = Ending()
    pair.change[1] = off
    pair.move()
    host = pair.host
    assert host.phase is Phase.ENDING
    assert not host.settled
    host.handle_timeout(pair.now + MATCH_TIMEOUT - 0.1)
    assert not host.over
    host.handle_timeout(pair.now + MATCH_TIMEOUT)
    assert host.over
    assert not host.settled, "they agree, and did not sign"
    pair.collect()
    assert not pair.agreed(host)
    assert pair.signers(host) == [0]
    assert host.outcome == BY_RULES


def test_who_agrees_with_no_hash_breaks_a_rule() -> None:
    pair = Ending()
    pair.all[0].submit(9)
    pair.all[0].settle(5.0)
    with pytest.raises(RemoteProtocolError) as caught:
        pair.all[0].handle_timeout(5.0 + MATCH_TIMEOUT)
    assert caught.value.code == "end_timeout"


def test_in_doubt_nobody_is_waited_for() -> None:
    pair = Ending()
    first = pair.all[0]
    first.submit(9)
    first.settle(5.0)
    first.set_link_suspect(True, 6.0)
    assert first.next_deadline() is None
    first.handle_timeout(500.0)
    first.set_link_suspect(False, 600.0)
    assert first.next_deadline() == 600.0 + MATCH_TIMEOUT


def test_where_nothing_is_recorded_nothing_is_signed() -> None:
    pair = Ending(recorded=False)
    pair.said.clear()
    pair.move()
    assert not [message for *_, message in pair.said if isinstance(message, m.EndSignature)]
    assert all(match.settled for match in pair.all)
    assert pair.ends() == [(BY_RULES, pair.host.frame)] * 2


@pytest.mark.parametrize("at", range(5))
def test_a_session_that_is_lost_while_it_ends_is_made_good_on_the_next(at: int) -> None:
    pair = Ending()
    pair.all[0].submit(9)
    pair.all[0].settle(0.0)
    pair.send()
    for _ in range(at):
        if pair.wire:
            sender, player, message = pair.wire.pop(0)
            pair.all[player].receive(sender, message, 0.0)
            pair.send()
    pair.wire.clear()
    assert not all(match.over for match in pair.all)
    pair.rejoin(pair.host, pair.guest)
    pair.deliver()
    assert pair.ends() == [(BY_RULES, pair.host.frame)] * 2
    for match in pair.all:
        assert match.settled
        assert sorted(pair.signers(match)) == [0, 1]


def test_who_ends_alone_signs_alone() -> None:
    pair = Ending()
    match = pair.guest
    match.end_alone(BY_RULES)
    pair.collect()
    assert match.over
    assert not match.settled
    assert pair.signers(match) == [match.me]
    assert not pair.agreed(match)


def test_a_signature_from_before_a_repair_is_void() -> None:
    pair = Ending()
    signature = m.EndSignature(
        match=MATCH,
        player=1,
        frame=pair.host.frame + 1,
        decisions=0,
        public_key=PUBLIC[1],
        signature=bytes(64),
    )
    pair.host.ending.receive(pair.host.core.remotes[1], signature)
    assert pair.host.ending._signatures
    pair.host.ending.forget_signatures()
    assert not pair.host.ending._signatures
    assert not pair.host.ending.agreed
