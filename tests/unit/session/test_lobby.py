"""The lobby around a stand-in for the matches: commands, links and deadlines go where they belong, and no further."""

from typing import Any

import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session import lobby as module
from p2pgame.session.effects import CloseLink, Send
from p2pgame.session.lobby import Lobby
from p2pgame.session.people.known_peer import KnownPeer
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INVITE_TIMEOUT, LINK_IDLE_TIMEOUT
from tests.unit.session.sides import ANN, BEN, GOMOKU, FakeMatches, Games


@pytest.fixture
def lobby(monkeypatch: pytest.MonkeyPatch) -> Lobby:
    monkeypatch.setattr(module, "Matches", FakeMatches)
    games: Any = Games(GOMOKU)
    return Lobby(ANN, "Ann", games, lambda size: b"x" * size)


def matches_of(lobby: Lobby) -> FakeMatches:
    matches: Any = lobby.matches
    assert isinstance(matches, FakeMatches)
    return matches


def invited(lobby: Lobby, now: float = 0.0) -> m.Invite:
    """Ben is linked to us, and we invite him."""
    lobby.link_opened(1, BEN, "Ben", None, now)
    lobby.invite(BEN, "Ben", GOMOKU, GOMOKU.game.config_type(), now)
    (sent,) = [effect for effect in lobby.effects() if isinstance(effect, Send)]
    assert isinstance(sent.message, m.Invite)
    lobby.events()
    return sent.message


def invite_us(lobby: Lobby, now: float = 0.0) -> str:
    """Ben invites us."""
    lobby.link_opened(1, BEN, "Ben", None, now)
    lobby.link_message(
        1,
        m.Invite(
            invite=b"i" * 16,
            game="gomoku",
            digest=GOMOKU.digest,
            config=b"\x80",
            frames=0,
            rematch_of=None,
            commitment=b"c" * 32,
            candidate=m.Candidate(),
        ),
        now,
    )
    (event,) = lobby.events()
    assert isinstance(event, e.InviteReceived)
    return event.invite


# --- commands


def test_each_command_has_one_handler_and_an_unknown_one_is_refused(lobby: Lobby) -> None:
    with pytest.raises(LocalProtocolError) as error:
        lobby.execute(c.SetName("Anna"), 0.0)  # the node's
    assert (error.value.code, error.value.params) == ("unknown_command", {"command": "SetName"})


def test_the_commands_of_the_room_are_carried_out_by_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[tuple[Any, float]] = []

    class Playing(FakeMatches):
        def __init__(self, *about: Any, **callbacks: Any) -> None:
            super().__init__(*about, **callbacks)
            self.commands = {c.Submit: lambda command, now: submitted.append((command.move, now))}

    monkeypatch.setattr(module, "Matches", Playing)
    games: Any = Games(GOMOKU)
    Lobby(ANN, "Ann", games, lambda size: b"x" * size).execute(c.Submit("a move"), 2.5)
    assert submitted == [("a move", 2.5)]


def test_commands_on_invitations(lobby: Lobby) -> None:
    lobby.execute(c.Decline(invite_us(lobby)), 1.0)
    (sent,) = [effect for effect in lobby.effects() if isinstance(effect, Send)]
    assert sent.message == m.Decline(invite=b"i" * 16, reason="declined")
    lobby.execute(c.CancelInvite(), 1.0)
    lobby.execute(c.Leave(), 1.0)
    assert ("leave", 1.0) in matches_of(lobby).calls
    for command in (c.Accept("00" * 16), c.Rematch(), c.ConfirmCode(BEN)):
        with pytest.raises(LocalProtocolError):
            lobby.execute(command, 1.0)


def test_no_match_is_begun_or_resumed_beside_another(lobby: Lobby) -> None:
    matches_of(lobby).busy = True
    for command in (c.Resume("00" * 8), c.Abandon("00" * 8)):
        with pytest.raises(LocalProtocolError) as error:
            lobby.execute(command, 0.0)
        assert error.value.code == "match_on"
    with pytest.raises(LocalProtocolError, match="match_on"):
        lobby.invite(BEN, "Ben", GOMOKU, GOMOKU.game.config_type(), 0.0)


def test_nobody_who_is_blocked_is_asked_for_anything(lobby: Lobby) -> None:
    lobby.trust_store = TrustStore([KnownPeer(peer=BEN, name="Ben", blocked=True)])
    with pytest.raises(LocalProtocolError) as error:
        lobby.invite(BEN, "Ben", GOMOKU, GOMOKU.game.config_type(), 0.0)
    assert (error.value.code, error.value.params) == ("blocked", {"name": "Ben"})
    with pytest.raises(LocalProtocolError, match="blocked"):
        lobby.verify(BEN, "Ben", 0.0)


# --- links


def test_a_message_that_nobody_expects_ends_its_link_with_a_code(lobby: Lobby) -> None:
    lobby.link_opened(1, BEN, "Ben", None, 0.0)
    matches_of(lobby).link = 1
    lobby.link_message(
        1, m.Hello(protocol=2, version="1", instance="0" * 16, name="x", tcp_port=1, games={}), 1.0
    )
    params = {"message": "hello", "scope": "link", "phase": "open"}
    assert lobby.effects() == [CloseLink(1, "unexpected_message", params)]
    assert matches_of(lobby).calls == [
        ("link_closed", 1, "unexpected_message", {**params, "name": "Ben"}, 1.0)
    ]


def test_messages_and_ends_of_unknown_links_are_nobodys_business(lobby: Lobby) -> None:
    lobby.link_message(9, m.Reveal(invite=b"i" * 16, nonce=b"n" * 32), 0.0)
    lobby.link_closed(9, "silent", {}, 0.0, remote=True)
    lobby.link_rtt(9, 0.1)
    assert lobby.effects() == []
    assert matches_of(lobby).calls == []


def test_every_user_of_links_hears_of_an_end_and_whose_link_it_was(lobby: Lobby) -> None:
    invited(lobby)
    lobby.link_closed(1, "silent", {"seconds": 5}, 1.0, remote=True)
    assert matches_of(lobby).calls == [("link_closed", 1, "silent", {"seconds": 5, "name": "Ben"}, 1.0)]
    (event,) = lobby.events()
    assert isinstance(event, e.InviteDeclined)


def test_a_round_trip_is_kept_and_passed_on(lobby: Lobby) -> None:
    lobby.link_opened(1, BEN, "Ben", None, 0.0)
    lobby.link_rtt(1, 0.03)
    assert lobby._connections.links[1].rtt == 0.03
    assert matches_of(lobby).calls == [("set_rtt", 1, 0.03)]


def test_the_size_of_a_message_is_known_while_it_is_handled(lobby: Lobby) -> None:
    lobby.link_opened(1, BEN, "Ben", None, 0.0)
    lobby.link_message(1, m.Reveal(invite=b"i" * 16, nonce=b"n" * 32), 0.0, 77)
    assert lobby._connections.message_size == 77


def test_blocking_ends_links_invitations_and_the_match(lobby: Lobby) -> None:
    invited(lobby)
    lobby.block(BEN, 1.0)
    closed = [effect for effect in lobby.effects() if isinstance(effect, CloseLink)]
    assert closed == [CloseLink(1, "blocked", {})]
    assert [type(event) for event in lobby.events()] == [e.InviteCancelled]
    assert ("block", BEN) in matches_of(lobby).calls


# --- time


def test_a_link_that_nobody_uses_is_closed_after_a_while(lobby: Lobby) -> None:
    lobby.link_opened(1, BEN, "Ben", None, 5.0)
    assert lobby.next_deadline() == 5.0 + LINK_IDLE_TIMEOUT
    lobby.handle_timeout(5.0 + LINK_IDLE_TIMEOUT - 0.01)
    assert lobby.effects() == []
    lobby.handle_timeout(5.0 + LINK_IDLE_TIMEOUT)
    assert lobby.effects() == [CloseLink(1, "idle", {})]
    assert lobby.next_deadline() is None


def test_the_time_of_an_idle_link_begins_when_its_last_use_ends(lobby: Lobby) -> None:
    invite = invited(lobby)
    assert lobby.next_deadline() == INVITE_TIMEOUT
    lobby.link_message(1, m.Decline(invite=invite.invite, reason="declined"), 20.0)
    assert lobby.next_deadline() == 20.0 + LINK_IDLE_TIMEOUT
    lobby.handle_timeout(20.0 + LINK_IDLE_TIMEOUT)
    assert lobby.effects() == [CloseLink(1, "idle", {})]


def test_a_tick_that_frees_the_session_starts_the_time_of_its_link(lobby: Lobby) -> None:
    matches = matches_of(lobby)
    lobby.link_opened(1, BEN, "Ben", None, 0.0)
    matches.link = 1
    lobby._connections.emit(e.ErrorEvent(code="x"))
    lobby.events()
    assert lobby.next_deadline() is None
    lobby.handle_timeout(50.0)
    matches.link = None
    lobby._connections.emit(e.ErrorEvent(code="x"))
    lobby.events()
    assert lobby.next_deadline() == 50.0 + LINK_IDLE_TIMEOUT


def test_ticks_of_the_match_ask_nobody_but_the_room(lobby: Lobby, monkeypatch: pytest.MonkeyPatch) -> None:
    invited(lobby)
    matches_of(lobby).deadline = 0.1
    assert lobby.next_deadline() == 0.1
    asked: list[str] = []
    for name in ("next_deadline", "handle_timeout", "uses"):
        for user in lobby._waiting_users:
            monkeypatch.setattr(user, name, lambda *_, name=name: asked.append(name))
    for tick in range(1, 100):
        lobby.handle_timeout(tick / 60)
        matches_of(lobby).deadline = (tick + 1) / 60
        assert lobby.next_deadline() == (tick + 1) / 60
    assert asked == []
    assert len(matches_of(lobby).calls) == 99, "and the matches is asked each time"


def test_an_invitation_lapses_while_a_match_ticks(lobby: Lobby) -> None:
    invited(lobby)
    matches_of(lobby).deadline = 1000.0
    assert lobby.next_deadline() == INVITE_TIMEOUT
    lobby.handle_timeout(INVITE_TIMEOUT)
    assert [type(event) for event in lobby.events()] == [e.InviteExpired]
