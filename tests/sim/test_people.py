"""Knowing whom one plays with, through the lobby: comparing codes, and bounds on what one peer may ask."""

import random
from typing import Any

import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.core.game import Outcome
from p2pgame.games.gomoku.rules import Config, Move
from p2pgame.i18n.errors import sentence
from p2pgame.session import events as e
from p2pgame.session.commands import BreakOff
from p2pgame.session.people.known_peer import KnownPeer
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.wire.bounds import INVITE_GAP, QUIET_TIME, VERIFY_PENDING_MAX, VERIFY_TIMEOUT
from tests.sim.world import GOMOKU, Peer, World


def pair(world: World) -> tuple[Peer, Peer]:
    return world.add("Ann"), world.add("Ben")


def verify(one: Peer, other: Peer) -> None:
    one.do("verify", other.id, other.name, one.world.now)


def show_codes(a: Peer, b: Peer) -> None:
    """Ann asks, Ben answers."""
    verify(a, b)
    a.world.run(0.5)
    verify(b, a)
    a.world.run(0.5)


def confirm(a: Peer, b: Peer) -> None:
    a.do("confirm_code", b.id)
    b.do("confirm_code", a.id)
    a.world.run(0.5)


def ends(peer: Peer) -> list[tuple[bool, str]]:
    return [(event.verified, event.reason) for event in peer.told(e.VerifyEnded)]


def test_both_see_the_same_code_and_confirm() -> None:
    world = World()
    a, b = pair(world)
    show_codes(a, b)
    assert b.first(e.VerifyRequested).name == "Ann"
    assert not a.told(e.VerifyRequested)
    ours, theirs = a.first(e.VerifyCode), b.first(e.VerifyCode)
    assert (ours.code, ours.pictures) == (theirs.code, theirs.pictures)
    assert (ours.peer, theirs.peer) == (b.id, a.id)
    confirm(a, b)
    assert ends(a) == ends(b) == [(True, "confirmed")]
    show_codes(b, a)
    assert b.told(e.VerifyCode)[1].code != ours.code, "a new comparison, a new code"


def test_one_word_is_not_two() -> None:
    world = World()
    a, b = pair(world)
    show_codes(a, b)
    a.do("confirm_code", b.id)
    world.run(0.5)
    assert not ends(a)
    assert not ends(b)
    with pytest.raises(LocalProtocolError):
        a.lobby.confirm_code(b.id)
    b.do("reject_code", a.id, world.now)
    world.run(0.5)
    assert ends(a) == ends(b) == [(False, "rejected")]


def test_in_a_match_it_rides_the_session_and_outlives_it() -> None:
    world = World()
    a, b = pair(world)
    a.meet(b)
    world.run(15)
    links = set(a.ends)
    show_codes(b, a)
    assert set(a.ends) == links
    assert a.lobby.match is not None
    first = a if a.lobby.match.me == 0 else b
    first.do("submit", Move(112), world.now)
    world.run(0.2)
    assert len(a.told(e.Move)) == len(b.told(e.Move)) == 1
    a.do("leave", world.now)
    world.run(1)
    assert b.first(e.MatchEnded).outcome.reason == "resigned"
    confirm(a, b)
    assert ends(a) == ends(b) == [(True, "confirmed")]
    b.do("leave", world.now)
    world.run(25)
    assert not a.ends, "and the link is let go"


def test_a_match_may_begin_while_codes_are_compared() -> None:
    for seed in range(10):
        world = World(seed)
        a, b = pair(world)
        a.invite(b)
        world.run(0.5)
        show_codes(a, b)
        b.do("accept", b.told(e.InviteReceived)[-1].invite, world.now)
        world.run(0.5)
        assert b.lobby.playing == a.lobby.playing == "gomoku"
        confirm(a, b)
        assert ends(a) == ends(b) == [(True, "confirmed")]


@pytest.mark.parametrize("seed", range(30))
def test_requests_that_cross_are_one(seed: int) -> None:
    world = World(seed, delay=0.01, jitter=0.05)
    a, b = pair(world)
    if seed % 2:
        a.meet(b)
    verify(a, b)
    world.run(random.Random(seed).random() * 0.1)
    try:
        verify(b, a)
    except LocalProtocolError as error:
        pytest.fail(str(error))
    world.run(2)
    assert a.first(e.VerifyCode).code == b.first(e.VerifyCode).code
    confirm(a, b)
    assert ends(a) == ends(b) == [(True, "confirmed")]
    if seed % 2:
        assert a.lobby.playing == b.lobby.playing == "gomoku"


def test_of_requests_that_cross_the_lower_ids_stands() -> None:
    world = World()
    a, b = pair(world)
    a.meet(b)
    verify(a, b)
    verify(b, a)
    world.run(0.5)
    asks = {peer.id: next(iter(peer.lobby._verifications)).ours for peer in (a, b)}
    assert asks == {min(a.id, b.id): True, max(a.id, b.id): False}


def test_not_wanting_to_compare_is_an_answer() -> None:
    world = World()
    a, b = pair(world)
    verify(a, b)
    world.run(0.5)
    with pytest.raises(LocalProtocolError):
        b.lobby.confirm_code(a.id)
    b.do("reject_code", a.id, world.now)
    world.run(0.5)
    assert ends(a) == ends(b) == [(False, "rejected")]
    assert not a.told(e.VerifyCode)


@pytest.mark.parametrize("victim", [0, 1])
@pytest.mark.parametrize(
    "moment", [0.0, 0.012, 0.018, 0.022, 0.03, 0.5, 0.503, 0.507, 0.512, 0.8, 1.0, 1.003]
)
def test_who_vanishes_at_any_message_verifies_nobody(moment: float, victim: int) -> None:
    world = World()
    a, b = pair(world)
    verify(a, b)
    world.at(0.5, lambda: verify(b, a) if b.told(e.VerifyRequested) and not a.dead else None)
    world.at(1.0, lambda: confirm_if_shown(a, b))
    gone, left = ((a, b), (b, a))[victim]
    world.at(moment, lambda: world.kill(gone))
    world.run(10)
    asked = left is a or left.told(e.VerifyRequested)
    surely, maybe = moment >= (0.5 if left is b else 0.512), moment >= 0.5
    reasons = {"broken_off"} if surely else {"vanished", "broken_off"} if maybe else {"vanished"}
    assert [reason in reasons for _, reason in ends(left)] == [True] * bool(asked)
    assert not any(verified for verified, _ in ends(left))
    assert not list(left.lobby._verifications)


def confirm_if_shown(a: Peer, b: Peer) -> None:
    """Only Ann says yes, so nobody may end up verified."""
    if not a.dead and a.told(e.VerifyCode) and not ends(a):
        a.do("confirm_code", b.id)


def test_who_cannot_be_reached_is_given_up_soon() -> None:
    world = World()
    a, b = pair(world)
    world.kill(b)
    verify(a, b)
    world.run(5)
    assert ends(a) == [(False, "vanished")]


def test_who_cannot_be_dialled_dials_back() -> None:
    world = World()
    a, b = pair(world)
    b.dialable = False
    verify(a, b)
    world.run(3)
    assert b.told(e.VerifyRequested)


@pytest.mark.parametrize("answered", [False, True])
def test_it_lapses_after_a_minute_and_keeps_its_link_until_then(answered: bool) -> None:
    world = World()
    a, b = pair(world)
    verify(a, b)
    world.run(VERIFY_TIMEOUT - 2)
    if answered:
        verify(b, a)
        world.run(VERIFY_TIMEOUT - 2)
    assert a.ends
    assert not ends(a)
    assert not ends(b)
    world.run(3)
    assert ends(a) == ends(b) == [(False, "expired")]
    world.run(15)
    assert not a.ends


def test_who_changes_its_nonce_is_caught() -> None:
    world = World()
    a, b = pair(world)
    verify(a, b)
    world.run(0.5)
    next(iter(a.lobby._verifications)).nonce = b"x" * 32
    verify(b, a)
    world.run(0.5)
    assert ends(b) == [(False, "cheated")]
    assert not b.told(e.VerifyCode)
    assert not b.ends
    assert ends(a) == [(False, "broken_off")]


def test_an_answer_to_an_older_request_means_nothing() -> None:
    """Ann asks, takes it back and asks again while Ben's answer to the first is on its way."""
    world = World(delay=0.05)
    a, b = pair(world)
    a.invite(b)
    world.run(1)
    verify(a, b)
    world.run(0.07)
    verify(b, a)
    a.do("reject_code", b.id, world.now)
    verify(a, b)
    world.run(1)
    assert b.ends, "no rule was broken"
    assert not a.told(e.VerifyCode)
    assert ends(b) == [(False, "broken_off")], "Ben cannot tell it from somebody who looked and went"


def test_strangers_cannot_ask_without_end() -> None:
    world = World()
    a = world.add("Ann")
    others = [world.add(f"P{number}") for number in range(VERIFY_PENDING_MAX + 2)]
    for other in others:
        verify(other, a)
    world.run(1)
    assert len(a.told(e.VerifyRequested)) == VERIFY_PENDING_MAX
    assert sum(ends(other) == [(False, "rejected")] for other in others) == 2
    first = next(other for other in others if not ends(other))
    first.do("reject_code", a.id, world.now)
    verify(first, a)
    world.run(1)
    assert len(a.told(e.VerifyRequested)) == VERIFY_PENDING_MAX, "too soon"
    world.run(INVITE_GAP)
    verify(first, a)
    world.run(1)
    assert len(a.told(e.VerifyRequested)) == VERIFY_PENDING_MAX + 1


@pytest.mark.parametrize("seed", range(20))
def test_random_users_never_get_stuck(seed: int) -> None:
    rng = random.Random(seed)
    world = World(seed, delay=0.02, jitter=0.05)
    peers = [world.add(name) for name in ("Ann", "Ben", "Cho")]
    for _ in range(120):
        peer, other = rng.sample(peers, 2)
        try:
            match rng.randrange(6):
                case 0 | 1:
                    verify(peer, other)
                case 2:
                    peer.do("confirm_code", other.id)
                case 3:
                    peer.do("reject_code", other.id, world.now)
                case 4:
                    peer.invite(other)
                case 5 if peer.lobby.waiting:
                    peer.do("accept", peer.lobby.waiting[0], world.now)
        except LocalProtocolError:
            pass
        world.run(rng.random() * 0.3)
        for one in peers:
            assert not any(
                error.code in ("unexpected_message", "bad_reveal") for error in one.told(e.ErrorEvent)
            )
            assert not any(reason == "cheated" for _, reason in ends(one))
    for peer in peers:
        peer.do("leave", world.now)
        peer.do("cancel")
    world.run(2 * VERIFY_TIMEOUT + 30)
    for peer in peers:
        assert not list(peer.lobby._verifications)
        assert not peer.lobby.busy
        assert not peer.ends


# --- how often one may ask to play


def ask_and_give_up(a: Peer, b: Peer) -> None:
    a.invite(b)
    a.world.run(0.5)
    a.do("cancel")
    a.world.run(0.1)


def test_a_second_invitation_within_five_seconds_is_dropped() -> None:
    world = World()
    a, b = pair(world)
    ask_and_give_up(a, b)
    ask_and_give_up(a, b)
    assert len(b.told(e.InviteReceived)) == 1
    assert a.first(e.InviteDeclined).reason == "too_soon"
    world.run(INVITE_GAP)
    ask_and_give_up(a, b)
    assert len(b.told(e.InviteReceived)) == 2


def test_counter_offers_back_and_forth_are_never_too_soon() -> None:
    world = World()
    a, b = pair(world)
    for peer, other, rule in (
        (a, b, "freestyle"),
        (b, a, "standard"),
        (a, b, "freestyle"),
        (b, a, "standard"),
    ):
        peer.invite(other, Config(rule=rule))
        world.run(0.5)
        assert other.lobby.waiting
    a.do("accept", a.lobby.waiting[0], world.now)
    world.run(0.5)
    assert a.lobby.playing


def test_a_return_match_is_never_too_soon() -> None:
    world = World()
    a, b = pair(world)
    a.meet(b)
    for _ in range(3):
        b.do("resign", world.now)
        world.run(0.2)
        a.do("rematch", world.now)
        world.run(0.2)
        b.do("accept", b.lobby.waiting[0], world.now)
        world.run(0.5)
        assert a.lobby.playing


def test_after_three_declines_it_is_quiet_for_a_minute() -> None:
    world = World()
    a, b = pair(world)
    for _ in range(3):
        a.invite(b)
        world.run(0.5)
        b.do("decline", b.lobby.waiting[0], world.now)
        world.run(INVITE_GAP + 1)
    told = len(b.events)
    a.invite(b)
    world.run(1)
    assert len(b.events) == told
    assert a.told(e.InviteDeclined)[-1].reason == "declined"
    world.run(QUIET_TIME)
    a.invite(b)
    world.run(1)
    assert b.lobby.waiting


def test_our_own_busyness_does_not_count_as_a_decline() -> None:
    world = World()
    a, b = pair(world)
    c = world.add("Cho")
    for _ in range(4):
        for guest in (a, c):
            guest.invite(b)
        world.run(0.5)
        b.do("accept", next(i.invite for i in b.told(e.InviteReceived)[::-1] if i.peer == c.id), world.now)
        world.run(0.5)
        b.do("leave", world.now)
        c.do("leave", world.now)
        world.run(INVITE_GAP + 1)
    a.invite(b)
    world.run(0.5)
    assert b.lobby.waiting


def test_the_muted_are_declined_without_a_word() -> None:
    world = World()
    a, b = pair(world)
    b.lobby.trust_store = TrustStore([KnownPeer(peer=a.id, name="Ann", muted=True)])
    a.invite(b)
    world.run(0.5)
    verify(a, b)
    world.run(0.5)
    assert not b.events
    assert a.first(e.InviteDeclined).reason == "declined"
    assert ends(a) == [(False, "rejected")]
    b.invite(a)
    world.run(0.5)
    a.do("accept", a.lobby.waiting[0], world.now)
    world.run(0.5)
    assert b.lobby.playing, "we may still ask them"


@pytest.mark.parametrize("seed", range(6))
def test_the_muted_may_cross_our_own_invitation(seed: int) -> None:
    world = World(seed, delay=0.01, jitter=0.03)
    a, b = pair(world)
    b.lobby.trust_store = TrustStore([KnownPeer(peer=a.id, name="Ann", muted=True)])
    a.invite(b)
    b.invite(a)
    world.run(5)
    assert a.lobby.playing == b.lobby.playing == "gomoku"


def test_blocking_ends_everything_at_once() -> None:
    world = World()
    a, b = pair(world)
    a.meet(b)
    verify(b, a)
    world.run(0.5)
    assert b.lobby.match is not None
    a.lobby.trust_store = TrustStore([KnownPeer(peer=b.id, name="Ben", blocked=True)])
    a.do("block", b.id, world.now)
    world.run(0.5)
    assert not a.ends
    assert not a.lobby.busy
    assert not b.lobby.busy
    assert ends(a) == ends(b) == [(False, "vanished")]
    assert a.first(e.MatchEnded).outcome.winners == (b.lobby.match.me,)
    for act in (lambda: a.invite(b), lambda: verify(a, b), lambda: a.lobby.rematch(world.now)):
        with pytest.raises(LocalProtocolError, match="blocked"):
            act()


def test_blocking_takes_invitations_along() -> None:
    world = World()
    a, b = pair(world)
    c = world.add("Cho")
    b.invite(a)
    a.invite(c)
    world.run(0.5)
    for other in (b, c):
        a.do("block", other.id, world.now)
    world.run(0.5)
    assert not a.lobby.waiting
    assert not c.lobby.waiting
    assert b.first(e.InviteDeclined).reason == "unreachable"
    a.invite(c)


# --- rules that fail


class BangError(Exception):
    """Nothing that the platform knows."""


@pytest.mark.parametrize(
    "error", [BangError("bang\n\0"), RecursionError(), LocalProtocolError("x"), KeyError(1)]
)
@pytest.mark.parametrize(
    "method",
    ["initial", "outcome", "to_move", "validate", "advance", "describe", "decode_input", "decode_config"],
)
def test_rules_that_fail_end_their_match_and_nothing_else(
    method: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    a, b = pair(world)

    def fail(*_: Any) -> Outcome:
        raise error

    begins = method in ("validate", "advance", "describe", "decode_input")
    if begins:
        a.meet(b)
    with monkeypatch.context() as patch:
        patch.setattr(type(GOMOKU.game), method, fail)
        if begins:
            assert a.lobby.match is not None
            (a if a.lobby.match.me == 0 else b).do("submit", Move(112), world.now)
            world.run(1)
        elif method == "decode_config":
            a.invite(b)
            world.run(1)
            assert a.first(e.InviteDeclined).reason == "incompatible"
        else:
            a.meet(b)
            a.lobby.view(world.now)
            world.run(10)
        if method != "decode_config":
            codes = {event.code for peer in (a, b) for event in peer.told(e.ErrorEvent)}
            assert "game_failed" in codes
            assert codes <= {"game_failed", "rules_failed"}, "nobody broke a rule"
            for peer in (a, b):
                for event in peer.told(e.ErrorEvent):
                    assert "\n" not in str(event.params)
                    ours = event.code == "game_failed"
                    assert ("place" in event.params) == ours, "files of another computer are not told"
        assert not a.lobby.busy
        assert not b.lobby.busy
        for peer in (a, b):
            view = peer.lobby.view(world.now)
            assert view is None or view.outcome is not None
    for peer in (a, b):
        peer.do("leave", world.now)
    world.run(INVITE_GAP)
    a.meet(b)
    assert a.lobby.playing == b.lobby.playing == "gomoku"


def test_a_failing_view_ends_the_match(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    a, b = pair(world)
    a.meet(b)
    with monkeypatch.context() as patch:

        def fail(*_: Any) -> tuple[int, ...]:
            raise BangError

        assert a.lobby.match is not None
        a.lobby.match._view = None
        patch.setattr(type(GOMOKU.game), "to_move", fail)
        view = a.lobby.view(world.now)
    assert view is not None
    assert view.outcome is not None
    world.pump(a)
    assert a.first(e.ErrorEvent).code == "game_failed"
    world.run(1)
    assert b.first(e.ErrorEvent).code == "rules_failed"
    assert not b.lobby.busy


def test_a_window_that_cannot_show_the_match_breaks_it_off_and_accuses_nobody() -> None:
    world = World()
    a, b = pair(world)
    a.meet(b)
    a.do("execute", BreakOff("tron", "KeyError: 1", "tron/view.py:3"), world.now)
    assert a.lobby.playing == "gomoku", "of another game: it came late"
    a.do("execute", BreakOff("gomoku", "KeyError: 1\0" * 99, "gomoku/view.py:3"), world.now)
    world.run(1)
    (ours,), (theirs,) = a.told(e.ErrorEvent), b.told(e.ErrorEvent)
    assert (ours.code, ours.params["place"]) == ("game_failed", "gomoku/view.py:3")
    assert len(str(ours.params["error"])) <= 120
    assert (theirs.code, theirs.params) == ("rules_failed", {"name": "Ann"})
    assert sentence(theirs.code, theirs.params) == (
        "the copy of the game on the other side has an error of its own"
    )
    assert not a.lobby.busy
    assert not b.lobby.busy
    a.do("execute", BreakOff("gomoku", "KeyError: 1", "gomoku/view.py:3"), world.now)
    assert len(a.told(e.ErrorEvent)) == 1


def test_nobody_can_say_that_our_game_failed() -> None:
    world = World()
    a, b = pair(world)
    a.meet(b)
    link = b.lobby.session
    assert link is not None
    facts = {"game": "gomoku", "error": "send money", "place": "gomoku/view.py:1"}
    b.lobby._connections.close(link, "game_failed", facts)
    world.pump(b)
    world.run(1)
    assert [event.code for event in a.told(e.ErrorEvent)] == ["unknown"]
