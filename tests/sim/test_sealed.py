"""Rock, paper, scissors on a virtual clock: whatever breaks, nobody learns a move before all have committed."""

from collections.abc import Callable
from functools import partial

import msgspec
import pytest

from p2pgame.core.game import EndedBy
from p2pgame.core.snapshot import encode
from p2pgame.replay.verify import verify
from p2pgame.session import events as e
from p2pgame.testing.network import SimPeer as Peer
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import OPENING_TIMEOUT
from p2pgame.wire.commitment import SALT_SIZE, seal
from tests.hands.rules import BEATS, Hand
from tests.sim.reconnect_world import Play, Storm, match_of

Fault = Callable[[Play], None]
SHAPES = sorted(BEATS)


class Watched(Play):
    """Checks each opening that is said: the other side has committed to this frame already."""

    def __init__(self, game: str = "hands", seed: int = 1, *, frames: int = 0, **network: float) -> None:
        super().__init__(game, seed, frames=frames, **network)
        self.committed: set[tuple[str, int]] = set()
        self.opened = 0
        for peer in self.both:
            self.lies[peer.name] = partial(self.watch, peer)

    def watch(self, peer: Peer, message: m.Message) -> list[m.Message]:
        match message:
            case m.Sealed(frame=frame):
                self.committed.add((peer.name, frame))
            case m.Input(frame=frame):
                assert (self.other(peer).name, frame) in self.committed
                self.opened += 1
        return [message]


def begin(world: Play) -> int:
    """Returns how many pieces of the streams passed before the match began."""
    world.invite()
    world.until(lambda: all(peer.told(e.MatchStarted) for peer in world.both), 1.0)
    return world.sent


def cut(world: Play) -> None:
    world.reset(*world.both)


def killed(*players: int) -> Fault:
    def fault(world: Play) -> None:
        for player in players:
            world.wreck(world.both[player], lost=2)

    return fault


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "fault", [cut, killed(0), killed(1), killed(0, 1)], ids=["cut", "inviter", "invitee", "both"]
)
def test_whatever_breaks_at_any_message_loses_no_move_and_shows_none(fault: Fault, seed: int) -> None:
    quiet = Watched(seed=seed, frames=4)
    first = begin(quiet)
    quiet.play_to_the_end()
    assert quiet.sent - first > 16
    for number in range(first + 1, quiet.sent + 1):
        world = Watched(seed=seed, frames=4)
        world.faults[number] = partial(fault, world)
        begin(world)
        world.play_to_the_end()
        world.check_agreed()
        assert world.opened >= 8


@pytest.mark.parametrize("seed", range(40))
def test_in_any_storm_both_are_in_the_same_place_in_the_end(seed: int) -> None:
    Storm(seed, "hands").weather()


def lying(lie: Callable[[m.Message], list[m.Message]]) -> Play:
    """Ben is modified: it says what `lie` makes of its words."""
    world = Play("hands", frames=60)
    begin(world)
    world.lies["Ben"] = lie
    return world


def check_ann_won(world: Play, code: str, *, within: float) -> None:
    began = world.now
    world.until(lambda: world.over(world.ann), 60.0)
    assert world.now - began <= within
    outcome = world.ann.first(e.MatchEnded).outcome
    assert outcome.ended_by is EndedBy.FAULT
    assert outcome.winners == (match_of(world.ann).me,)
    assert outcome.reason == code.replace("_", " ")
    assert [error.code for error in world.ann.told(e.ErrorEvent)] == [code]
    verdict = verify(replay_of(world.ann.files[world.match_id]), world.plugin.game, world.plugin.digest)
    assert verdict.ok, verdict.problems


def test_who_opens_another_move_loses_and_the_file_names_it() -> None:
    def lie(message: m.Message) -> list[m.Message]:
        if not isinstance(message, m.Input):
            return [message]
        data = seal(bytes(SALT_SIZE), encode(Hand("rock")))
        return [msgspec.structs.replace(message, data=data)]

    world = lying(lie)
    check_ann_won(world, "bad_opening", within=1.0)
    verdict = verify(replay_of(world.ann.files[world.match_id]), world.plugin.game, world.plugin.digest)
    assert verdict.false_openings == (match_of(world.ann).core.others[0],)


def without_openings() -> Play:
    """Ben is modified: it waits for ever, and neither says an opening nor takes one."""
    world = lying(lambda message: [] if isinstance(message, m.Input) else [message])
    world.lies["Ann"] = world.lies["Ben"]
    vars(match_of(world.ben))["_time_openings"] = lambda now: None
    return world


def test_who_never_opens_loses_after_its_time() -> None:
    check_ann_won(without_openings(), "not_opened", within=OPENING_TIMEOUT + 1.0)


def test_who_goes_on_without_opening_loses_at_once() -> None:
    world = lying(lambda message: [] if isinstance(message, m.Input) else [message])
    check_ann_won(world, "wrong_frame", within=1.0)


def test_breaking_the_session_gains_no_time_to_open_in() -> None:
    """Ben breaks the connection whenever it should open, for ever."""
    world = without_openings()
    for second in range(60):
        world.at(world.now + 3.0 * second, partial(cut, world))
    check_ann_won(world, "not_opened", within=2 * OPENING_TIMEOUT)


def test_who_waits_to_see_a_move_never_sees_one() -> None:
    """Ben answers what it sees, and commits only after it saw an input: so it sees none, and has won nothing."""
    world = Play("hands", frames=60)
    seen: list[m.Message] = []
    world.lies["Ann"] = lambda message: [seen.append(message) or message]  # type: ignore[func-returns-value]

    def wait(message: m.Message) -> list[m.Message]:
        shown = any(isinstance(word, m.Input) for word in seen)
        return [] if isinstance(message, m.Sealed | m.Input) and not shown else [message]

    world.lies["Ben"] = wait
    begin(world)
    world.run(5.0)
    assert [type(word) for word in seen if isinstance(word, m.Sealed | m.Input)] == [m.Sealed]
    match = match_of(world.ann)
    assert match.frame == 0
    assert match.view().to_move == (match.core.others[0],)
