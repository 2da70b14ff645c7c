"""Decisions of the session floor that a change could lose without any other test failing.

Each test is about one condition, and is told by what travels on the wire (`Tapped.said`), by frames that pass and by
events: nothing here looks inside a lobby. What depends on the version of the protocol or on how a lobby is called
stands in one section, below.
"""

from typing import NamedTuple

import msgspec
import pytest

from p2pgame.session import commands
from p2pgame.session import events as e
from p2pgame.testing.network import LinkEnd, SimPeer
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD
from p2pgame.wire.framing import FrameBuffer
from tests.sim.reconnect_world import GAMES, Play

games = pytest.mark.parametrize("game", GAMES)
real_time = pytest.mark.parametrize("game", ["pong", "tron"])

# --- what depends on the version of the protocol, and on how a lobby is called

NUMBER = "session"
"""The field of `Resume` that numbers the sessions of a match."""
OLD = "old_session"
"""The code with which a `Resume` of too low a number is refused."""


def number_of(word: m.Resume) -> int:
    number = getattr(word, NUMBER)
    assert isinstance(number, int)
    return number


def set_delay(peer: SimPeer, frames: int) -> None:
    peer.lobby.execute(commands.SetInputDelay(frames), peer.now)
    peer.world.pump(peer)


def delay_of(peer: SimPeer) -> int:
    """Frames of input delay, as `peer` plays."""
    view = peer.lobby.view(peer.now)
    assert view is not None
    assert view.figures is not None
    return view.figures.input_delay


def frame_shown(peer: SimPeer) -> int:
    """Frames simulated, predicted ones included."""
    view = peer.lobby.view(peer.now)
    assert view is not None
    return view.frame


# --- the world


class Said(NamedTuple):
    """One message on the wire."""

    by: str
    on: LinkEnd
    """The sender's end of the connection."""
    message: m.Message


class Tapped(Play):
    """A world in which everything that is said on connections is kept. `waiting`: who does not resume by itself."""

    def __init__(self, game: str, seed: int = 1, *, frames: int = 0) -> None:
        self.said: list[Said] = []
        self.waiting: set[str] = set()
        super().__init__(game, seed, frames=frames or (60 if game == "gomoku" else 600))

    def _deliver(self, end: LinkEnd, data: bytes) -> None:
        if data and end.other is not None:
            buffer = FrameBuffer()
            buffer.feed(data)
            for payload in buffer.frames():
                self.said.append(Said(end.other.owner.name, end.other, m.decode_message(payload)))
        super()._deliver(end, data)

    def _press(self, peer: SimPeer, button: str, what: object) -> None:
        if peer.name not in self.waiting:
            super()._press(peer, button, what)

    def resumes(self, by: str) -> list[m.Resume]:
        """All that `by` said of where it stands, oldest first."""
        return [said.message for said in self.said if said.by == by and isinstance(said.message, m.Resume)]

    def closes(self, by: str, on: LinkEnd | None = None) -> list[str]:
        """Codes with which `by` closed connections; `on`: the connection with that end."""
        ends = None if on is None else (on, on.other)
        return [
            said.message.code
            for said in self.said
            if said.by == by and isinstance(said.message, m.Close) and (ends is None or said.on in ends)
        ]

    def knock(self, by: SimPeer, target: SimPeer, *words: m.Message) -> LinkEnd:
        """`by` opens a connection to `target` that its lobby knows nothing of, and says `words`; returns its end."""
        before = set(by.ends)
        self._dial(by, target.id, None)
        self.run(0.05)
        (number,) = set(by.ends) - before
        end = by.ends[number]
        for word in words:
            end.link.send(word)
        self._flush(end)
        self.run(0.05)
        return end

    def answered(self, by: str, on: LinkEnd) -> bool:
        """Whether `by` said where it stands on the connection with the end `on`."""
        return any(
            said.by == by and said.on in (on, on.other) and isinstance(said.message, m.Resume)
            for said in self.said
        )

    def interrupt(self) -> float:
        """Every connection between the two ends; virtual seconds until another carries the match."""
        self.reset(*self.both)
        self.until(lambda: all(peer.lobby.session is None for peer in self.both), 0.1)
        return self.until(lambda: all(peer.lobby.session is not None for peer in self.both), 5.0)

    def mute_resumes(self, peer: SimPeer) -> None:
        """Whatever `peer` wants to say of where it stands is lost; and no datagram passes between the two."""
        self.lies[peer.name] = lambda message: [] if isinstance(message, m.Resume) else [message]
        self.no_datagrams()

    def no_datagrams(self) -> None:
        ann, ben = self.ann.id, self.ben.id
        self.dead.update({(ann, ben, "udp"), (ben, ann, "udp")})


def begin(game: str, seconds: float = 0.4, *, frames: int = 0, delay: float = 0.005, seed: int = 1) -> Tapped:
    world = Tapped(game, seed, frames=frames)
    world.start()
    world.delay = delay
    world.run(seconds)
    return world


# --- input delay


@real_time
@pytest.mark.parametrize("delays", [(1, 4), (4, 1), (0, 5)])
def test_nobody_chooses_the_input_delay_of_another(game: str, delays: tuple[int, int]) -> None:
    world = begin(game, seconds=2.0, delay=0.04)
    for peer, frames in zip(world.both, delays, strict=True):
        set_delay(peer, frames)
    world.run(2.0)
    assert tuple(delay_of(peer) for peer in world.both) == delays
    world.play_to_the_end()
    world.check_agreed()


# --- the number of a session


def test_an_answer_to_an_older_question_is_refused() -> None:
    world = begin("gomoku")
    frame = world.frame_of(world.ann)
    world.thinking = False
    world.lies["Ben"] = lambda message: [
        msgspec.structs.replace(message, **{NUMBER: 1}) if isinstance(message, m.Resume) else message
    ]
    world.ann.dialable = False  # so that Ben answers, and never asks
    world.reset(*world.both)
    world.run(0.4)
    assert [number_of(word) > 1 for word in world.resumes("Ann")] == [True]
    assert len(world.resumes("Ben")) == 1, "the answer"
    asked = next(said.on for said in world.said if isinstance(said.message, m.Resume))
    assert world.closes("Ann", asked) == [OLD]
    assert world.ann.lobby.session is None
    spoken = {type(said.message) for said in world.said if said.on is asked}
    assert spoken <= {m.Hello, m.Heartbeat, m.HeartbeatAck, m.Resume, m.Close}, "nothing of the match"
    assert world.frame_of(world.ann) == frame


@games
def test_a_question_with_the_number_of_the_session_that_stood_is_old(game: str) -> None:
    """It was long under way; the one of the next number is not."""
    world = begin(game)
    world.interrupt()
    world.run(0.3)
    world.thinking = False
    word = world.resumes("Ben")[-1]
    stood = max(number_of(said) for said in (*world.resumes("Ann"), *world.resumes("Ben")))
    world.mute_resumes(world.ben)
    world.ben.dialable = False
    world.reset(*world.both)
    world.run(0.3)
    for number, codes in ((stood - 1, [OLD]), (stood, [OLD]), (stood + 1, [])):
        asks = msgspec.structs.replace(word, frame=world.frame_of(world.ann), **{NUMBER: number})
        end = world.knock(world.ben, world.ann, asks)
        assert world.closes("Ann", end) == codes
        assert world.answered("Ann", end) == (not codes)


@real_time
def test_a_delayed_question_of_a_restarted_program_is_refused(game: str) -> None:
    """Its salt says that it is of the program that was heard already, so its number has to be higher."""
    world = begin(game)
    world.wreck(world.ben, after=0.3)
    world.run(0.3)
    world.playing_again(5.0)
    world.run(0.5)
    fresh = [word for word in world.resumes("Ben") if word.fresh]
    assert fresh
    world.mute_resumes(world.ben)
    world.ben.dialable = False
    world.reset(*world.both)
    world.run(2.0)
    end = world.knock(world.ben, world.ann, fresh[-1])
    assert world.closes("Ann", end) == [OLD]
    later = msgspec.structs.replace(fresh[-1], **{NUMBER: number_of(fresh[-1]) + 9})
    end = world.knock(world.ben, world.ann, later)
    assert world.closes("Ann", end) == []
    assert world.answered("Ann", end)


@games
def test_a_program_that_was_started_anew_need_not_know_the_number_of_the_session(game: str) -> None:
    world = begin(game, frames=80 if game == "gomoku" else 1200)
    for _ in range(4):
        world.interrupt()
        world.run(0.3)
    stood = max(number_of(word) for word in world.resumes("Ann"))
    world.ben.dialable = False  # or Ann would ask, who knows it
    world.wreck(world.ben, after=0.3)
    world.run(0.3)
    before = len(world.resumes("Ben"))
    assert world.playing_again(20.0) <= 1.0
    assert world.resumes("Ben")[before].fresh
    assert number_of(world.resumes("Ben")[before]) < stood
    assert OLD not in world.closes("Ann")
    world.play_to_the_end()
    world.check_agreed()


@real_time
def test_the_word_of_a_program_before_the_last_is_refused_while_the_match_runs(game: str) -> None:
    world = begin(game, frames=900)
    for _ in range(2):
        world.wreck(world.ben, after=0.3)
        world.run(0.3)
        world.playing_again(5.0)
        world.run(0.5)
    salts = list(dict.fromkeys(word.salt for word in world.resumes("Ben") if word.fresh))
    assert len(salts) == 2
    old = next(word for word in world.resumes("Ben") if word.fresh and word.salt == salts[0])
    session = world.ann.lobby.session
    end = world.knock(world.ben, world.ann, msgspec.structs.replace(old, **{NUMBER: 99}))
    assert world.closes("Ann", end) == [OLD]
    assert world.ann.lobby.session == session
    world.play_to_the_end()
    world.check_agreed()


# --- how often


def test_a_match_survives_any_number_of_interruptions_that_are_not_too_frequent() -> None:
    """Ann is always the one who is asked, and what she allows in a row is used up twice over."""
    world = begin("pong", frames=3000, seed=2)  # a long one
    world.ben.dialable = False
    for _ in range(21):
        assert world.interrupt() <= 1.0
        world.run(1.0)
    assert "too_fast" not in world.closes("Ann") + world.closes("Ben")
    world.play_to_the_end()
    world.check_agreed()


def test_interruptions_that_are_too_frequent_for_too_long_end_the_match() -> None:
    """Four a second, of which one a second is allowed in the long run; quiet seconds before save up none."""
    world = begin("pong", seconds=14.0, frames=3000)
    world.ben.dialable = False
    for _ in range(24):
        world.reset(*world.both)
        world.run(0.25)
    assert "too_fast" in world.closes("Ann")


# --- where they say they stand


@games
@pytest.mark.parametrize(("ahead", "codes"), [(INPUTS_AHEAD, set()), (INPUTS_AHEAD + 1, {"bad_resume"})])
@pytest.mark.parametrize("asks", ["Ann", "Ben"])
def test_nobody_stands_further_ahead_than_inputs_are_taken(
    game: str, ahead: int, codes: set[str], asks: str
) -> None:
    world = begin(game)
    world.thinking = False
    world.no_datagrams()
    (world.ann if asks == "Ann" else world.ben).dialable = False
    world.said.clear()
    world.lies["Ben"] = lambda message: [
        msgspec.structs.replace(message, frame=world.frame_of(world.ann) + ahead)
        if isinstance(message, m.Resume)
        else message
    ]
    world.reset(*world.both)
    world.run(0.8)
    assert world.resumes("Ben")
    assert set(world.closes("Ann")) == codes
    assert (world.ann.lobby.session is None) == bool(codes)


@games
def test_who_was_started_anew_does_not_believe_in_more_than_it_can_have_lost(game: str) -> None:
    world = begin(game)
    world.lies["Ben"] = lambda message: [
        msgspec.structs.replace(message, frame=10_000) if isinstance(message, m.Resume) else message
    ]
    world.wreck(world.ann, lost=1, after=0.2)
    world.run(1.0)
    assert world.resumes("Ben")
    assert {"bad_resume", "disputed"} & set(world.closes("Ann"))


# --- a match that waits for our player's word


@games
def test_a_stranger_who_asks_for_an_offered_match_is_refused_and_its_opponent_waits(game: str) -> None:
    world = begin(game)
    stranger = world.add("Cho")
    word = m.Resume(match=world.match_id, frame=1, hash=bytes(16), fresh=True, salt=bytes(32), **{NUMBER: 9})
    world.waiting.add("Ann")
    world.wreck(world.ann, after=0.2)
    world.run(1.5)
    offered = world.ann.told(e.MatchResumable)[-1]
    assert offered.match == world.match_id
    end = world.knock(stranger, world.ann, word)
    assert world.closes("Ann", end) == ["no_seat"]
    assert any(said.by == "Ben" and isinstance(said.message, m.Resume) for said in world.said)
    assert "no_seat" not in {
        said.message.code
        for said in world.said
        if said.by == "Ann" and isinstance(said.message, m.Close) and said.on.other is not end
    }
    world.waiting.clear()
    world.ann.do("resume", offered.match, world.ann.now)
    assert world.playing_again(5.0) <= 1.0
    end = world.knock(stranger, world.ann, word)
    assert world.closes("Ann", end) == ["no_seat"]
    world.play_to_the_end()
    world.check_agreed()
