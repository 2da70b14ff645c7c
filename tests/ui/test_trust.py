"""Who is who: badges, impostors, comparing codes and the people we know; with the mouse alone, with keys alone."""

import pygame
import pytest

from p2pgame.core.ids import long_tag_of, tag_of
from p2pgame.session.people.known_peer import Trust
from p2pgame.ui.scenes.dialogs import Confirm, InviteDialog
from p2pgame.ui.scenes.known import KnownPeersScene
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.person import Person
from p2pgame.ui.scenes.verify import BrokenOffDialog, CodesDifferDialog, VerifyDialog, VerifyRequestDialog
from p2pgame.ui.theme import EDGE, contrast
from tests.ui.desk import Desk
from tests.ui.fake_client import peer_id
from tests.ui.test_lobby import HOSTILE, row
from tests.ui.test_window import SIZES, inside

FALSE = "This is not the Ben you verified: another key under the same name, or one that looks like it"
BEN, EVE = peer_id(0), peer_id(1)


def calls(desk: Desk) -> list[tuple[object, ...]]:
    taken, desk.client.calls = desk.client.calls, []
    return list(taken)


def with_impostor(desk: Desk) -> None:
    desk.client.add_peer(0, "Ben")
    desk.client.know(BEN, verified=True, met_at=1.7e9)
    desk.client.add_peer(1, "Ben")
    desk.client.impostors[EVE] = "Ben"
    desk.go(0.3)


def with_ben(desk: Desk) -> None:
    desk.client.add_peer(0, "Ben")
    desk.go(0.3)


def details(desk: Desk) -> Person:
    """Ben's page, by mouse."""
    desk.click(row(desk, 0))
    desk.press("Details")
    return desk.top(Person)


# --- badges and impostors


def test_each_trust_looks_different(desk: Desk) -> None:
    with_ben(desk)
    pictures = [desk.picture()]
    for change in ({"met_at": 1.0}, {"verified": True}, {"blocked": True}):
        desk.client.know(BEN, **change)
        desk.go(0.5)
        pictures.append(desk.picture())
    desk.client.forget(BEN)
    desk.client.impostors[BEN] = "Ben"
    desk.go(0.5)
    pictures.append(desk.picture())
    assert len(set(pictures)) == len(pictures)


def test_an_impostor_is_not_chosen_for_the_player(desk: Desk) -> None:
    desk.client.impostors[BEN] = "Ben"
    desk.client.add_peer(0, "Ben")
    desk.client.add_peer(1, "Clara")
    desk.go(0.3)
    assert desk.top(LobbyScene).peers.selected == EVE


def test_two_tags_that_would_be_equal_are_longer(desk: Desk) -> None:
    """Somebody made a key until its tag was that of Ben; Eve is not concerned."""
    forged = BEN[:4] + "b" * 22
    for number, (peer, name) in enumerate(((BEN, "Ben"), (forged, "Ben"), (EVE, "Eve"))):
        desk.client.add_peer(number, name, peer=peer)
    desk.go(0.3)
    tags = {shown.peer.peer: shown.tag for shown in desk.top(LobbyScene).peers.rows}
    assert tags == {BEN: long_tag_of(BEN), forged: long_tag_of(forged), EVE: tag_of(EVE)}


def test_nor_is_the_tag_of_a_friend_who_is_away_taken(desk: Desk) -> None:
    forged = BEN[:4] + "b" * 22
    desk.client.know(BEN, verified=True)
    desk.client.add_peer(1, "Bert", peer=forged)
    desk.go(0.3)
    assert [shown.tag for shown in desk.top(LobbyScene).peers.rows] == [long_tag_of(forged)]


def test_inviting_an_impostor_needs_a_deliberate_yes(desk: Desk) -> None:
    with_impostor(desk)
    desk.click(row(desk, 1))
    desk.click(row(desk, 1))
    asked = desk.top(Confirm)
    assert asked.alarm
    assert asked.lines == [FALSE]
    desk.key(pygame.K_RETURN)
    assert desk.shows == "LobbyScene"
    assert calls(desk) == [], "the answer that is ready is no"
    desk.press("Invite")
    desk.press("Invite anyway")
    assert [(c[0], c[1], c[-1]) for c in calls(desk)] == [("invite", EVE, "anyway")]
    assert desk.shows == "InviteSentDialog"


def test_an_invitation_of_an_impostor_is_red_and_declined_by_a_slip(desk: Desk) -> None:
    with_impostor(desk)
    desk.client.peer_invites(EVE)
    desk.go(0.7)
    asked = desk.top(InviteDialog)
    assert asked.alarm
    assert FALSE in asked.lines
    desk.key(pygame.K_RETURN)
    assert [c[0] for c in calls(desk)] == ["decline"]
    desk.client.peer_invites(BEN)
    desk.go(0.7)
    assert not desk.top(InviteDialog).alarm


def test_who_is_blocked_is_not_invited(desk: Desk) -> None:
    with_ben(desk)
    desk.client.know(BEN, blocked=True)
    desk.go(0.5)
    desk.click(row(desk, 0))
    assert not desk.button("Invite").enabled
    desk.key(pygame.K_RETURN)
    assert "blocked" in desk.toast
    assert calls(desk) == []


# --- a person's page


def test_a_person_by_mouse_alone(desk: Desk) -> None:
    with_ben(desk)
    page = details(desk)
    assert page.trust is Trust.NEW
    assert not desk.button("Rename…").enabled
    assert not desk.button("Forget…").enabled
    desk.press("Mute")
    desk.press("Unmute")
    desk.press("Block")
    assert page.trust is Trust.BLOCKED
    assert not desk.button("Verify…").enabled
    desk.press("Unblock")
    desk.press("Rename…")
    desk.type("jamin")
    desk.press("Save")
    assert page.heading.startswith("Benjamin (")
    desk.press("Forget…")
    desk.press("Keep")
    desk.press("Forget…")
    desk.press("Forget")
    assert calls(desk) == [
        ("set_muted", BEN, True),
        ("set_muted", BEN, False),
        ("set_blocked", BEN, True),
        ("set_blocked", BEN, False),
        ("rename", BEN, "Benjamin"),
        ("forget", BEN),
    ]
    desk.press("Close")
    assert desk.shows == "LobbyScene"


def test_a_person_by_keys_alone(desk: Desk) -> None:
    with_ben(desk)
    desk.key(pygame.K_TAB, pygame.K_RETURN)
    assert desk.shows == "Person"
    desk.tab_to(desk.button("Mute"))
    desk.key(pygame.K_RETURN)
    desk.key(pygame.K_TAB, pygame.K_SPACE)
    desk.tab_to(desk.button("Rename…"))
    desk.key(pygame.K_RETURN)
    desk.key(*[pygame.K_BACKSPACE] * 3)
    desk.key(pygame.K_RETURN)
    desk.tab_to(desk.button("Forget…"))
    desk.key(pygame.K_RETURN, pygame.K_RETURN)
    assert calls(desk) == [("set_muted", BEN, True), ("set_blocked", BEN, True), ("rename", BEN, "")]
    desk.key(pygame.K_RETURN, pygame.K_RIGHT, pygame.K_RETURN)
    assert calls(desk) == [("forget", BEN)]
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "LobbyScene"


def test_the_name_we_gave_is_the_one_we_see(desk: Desk) -> None:
    with_ben(desk)
    desk.client.know(BEN, met_at=1.0)
    desk.client.rename(BEN, "Brother")
    desk.go(0.5)
    lobby = desk.top(LobbyScene)
    assert lobby.peers.rows[0].nickname == "Brother"
    desk.client.peer_invites(BEN)
    desk.go(0.7)
    assert desk.top(InviteDialog).heading.startswith("Brother (")
    desk.client.peer_cancels()
    desk.client.peer_wants_codes(BEN)
    desk.go(0.1)
    assert desk.top(VerifyRequestDialog).heading.startswith("Brother (")


def test_a_flood_of_news_is_looked_at_once_a_turn(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    monkeypatch.setattr(desk.client, "peers", lambda: looks.append(1) or ())
    for i in range(200):
        desk.client.add_peer(i, f"Stranger {i}")
    desk.app.step()
    assert len(looks) <= 2


# --- comparing codes


def test_verifying_by_mouse_alone(desk: Desk) -> None:
    with_ben(desk)
    details(desk)
    desk.press("Verify…")
    desk.go(2)
    desk.client.code_is_there(BEN)
    desk.go(0.1)
    scene = desk.top(VerifyDialog)
    assert scene.code == "042137"
    desk.press("They are the same")
    assert calls(desk) == [("verify", BEN)], "a click meant for what was there before does not count"
    desk.go(0.5)
    desk.press("They are the same")
    assert calls(desk) == [("confirm_code", BEN)]
    assert desk.top(VerifyDialog).said
    desk.client.codes_over(BEN, "confirmed")
    desk.go(0.3)
    assert desk.shows == "LobbyScene"
    assert desk.toast == f"Ben ({long_tag_of(BEN)}) is verified"
    assert desk.top(LobbyScene).peers.rows[0].trust is Trust.VERIFIED


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_pictures_stand_out_in_both_themes(desk: Desk, mode: str) -> None:
    """Some are white."""
    with_ben(desk)
    desk.app.context.change(theme=mode)
    desk.client.peer_wants_codes(BEN)
    desk.go(0.1)
    desk.key(pygame.K_RETURN)
    desk.client.code_is_there(BEN, pictures=(3, 4, 21, 5 + 7 * 8))
    desk.go(0.7)
    dialog, surface = desk.top(VerifyDialog), pygame.display.get_surface()
    assert surface is not None
    ground = desk.app.canvas.theme.board
    area = dialog.card.inflate(-desk.app.canvas.u(80), 0)
    row = next(y for y in range(area.top, area.bottom) if tuple(surface.get_at((area.left, y)))[:3] == ground)
    row += desk.app.canvas.u(43)
    for i in range(4):
        pitch = area.width // 4
        part = range(area.left + i * pitch + 2, area.left + (i + 1) * pitch - 2)
        colours = {tuple(surface.get_at((x, row)))[:3] for x in part}
        assert ground in colours
        assert max(contrast(colour, ground) for colour in colours) >= EDGE  # type: ignore[arg-type]


def test_agreeing_to_verify_by_keys_alone_and_finding_a_difference(desk: Desk) -> None:
    with_ben(desk)
    desk.client.peer_wants_codes(BEN)
    desk.go(0.1)
    desk.key(pygame.K_RETURN)
    assert desk.top(VerifyRequestDialog)
    assert calls(desk) == [], "Enter was meant for the lobby"
    desk.go(0.6)
    desk.key(pygame.K_RETURN)
    assert calls(desk) == [("verify", BEN)]
    desk.client.code_is_there(BEN)
    desk.go(0.7)
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "VerifyDialog", "neither yes nor no"
    desk.key(pygame.K_RIGHT, pygame.K_RETURN)
    assert calls(desk) == [("reject_code", BEN)]
    desk.client.codes_over(BEN, "rejected")
    desk.go(0.7)
    warning = desk.top(CodesDifferDialog)
    assert warning.alarm
    assert warning.heading.startswith("Do not play with Ben")
    desk.key(pygame.K_RIGHT, pygame.K_RETURN)
    assert calls(desk) == [("set_blocked", BEN, True)]
    assert desk.shows == "LobbyScene"


@pytest.mark.parametrize("key", [pygame.K_ESCAPE, pygame.K_RETURN])
def test_waiting_can_be_cancelled(desk: Desk, key: int) -> None:
    with_ben(desk)
    details(desk)
    desk.press("Verify…")
    desk.go(0.6)
    desk.key(key)
    assert calls(desk) == [("verify", BEN), ("reject_code", BEN)]
    assert desk.shows == "LobbyScene"
    desk.client.codes_over(BEN, "rejected")
    desk.go(0.3)
    assert desk.shows == "LobbyScene"
    assert desk.toast == "", "we know"


def test_a_comparison_that_never_begins_does_not_wait_for_ever(desk: Desk) -> None:
    with_ben(desk)
    details(desk)
    desk.press("Verify…")
    desk.go(80)
    assert desk.shows == "LobbyScene"


@pytest.mark.parametrize(
    ("reason", "words"),
    [("rejected", "does not want"), ("expired", "too long"), ("vanished", "cannot be reached")],
)
def test_no_alarm_where_no_code_was_seen(desk: Desk, reason: str, words: str) -> None:
    with_ben(desk)
    details(desk)
    desk.press("Verify…")
    desk.client.codes_over(BEN, reason)
    desk.go(0.3)
    assert desk.shows == "LobbyScene"
    assert words in desk.toast


def test_who_cheats_is_an_alarm_even_before_the_code(desk: Desk) -> None:
    with_ben(desk)
    details(desk)
    desk.press("Verify…")
    desk.client.codes_over(BEN, "cheated")
    desk.go(0.3)
    assert desk.top(CodesDifferDialog)


@pytest.mark.parametrize("shown", [False, True], ids=["before the code", "with the code"])
def test_who_hangs_up_when_it_could_see_the_code_is_shown(desk: Desk, shown: bool) -> None:
    with_ben(desk)
    details(desk)
    desk.press("Verify…")
    if shown:
        desk.client.code_is_there(BEN)
    desk.client.codes_over(BEN, "broken_off")
    desk.go(0.7)
    warning = desk.top(BrokenOffDialog)
    assert warning.alarm
    assert warning.heading == f"Ben ({long_tag_of(BEN)}) broke off the comparison"
    desk.key(pygame.K_RETURN)
    assert desk.shows == "LobbyScene"


def test_requests_that_cross_become_one_code(desk: Desk) -> None:
    with_ben(desk)
    desk.client.peer_wants_codes(BEN)
    desk.go(0.2)
    desk.client.code_is_there(BEN)
    desk.go(0.2)
    assert desk.top(VerifyDialog).code == "042137"
    assert not any(isinstance(scene, VerifyRequestDialog) for scene in desk.app.router.stack)


def test_nobody_covers_a_match_with_requests_nor_the_window_with_many(desk: Desk) -> None:
    for i in range(6):
        desk.client.add_peer(10 + i, f"Stranger {i}")
        desk.client.peer_wants_codes(peer_id(10 + i))
    desk.go(0.3)
    assert sum(isinstance(scene, VerifyRequestDialog) for scene in desk.app.router.stack) == 3
    assert calls(desk) == [("reject_code", peer_id(10 + i)) for i in (3, 4, 5)]
    for i in range(3):
        desk.client.codes_over(peer_id(10 + i), "expired")
    desk.go(0.3)
    desk.start_match()
    calls(desk)
    desk.client.peer_wants_codes(peer_id(10))
    desk.go(0.3)
    assert desk.shows == "MatchScene"
    assert calls(desk) == [("reject_code", peer_id(10))]


# --- the people we know


def test_the_people_we_know_by_keys_alone(desk: Desk) -> None:
    desk.client.add_peer(0, "Ben")
    desk.client.know(BEN, met_at=1.7e9)
    desk.client.know(EVE, name="Eve", own_name="Eve", met_at=1.6e9, blocked=True)
    desk.go(0.3)
    desk.key(pygame.K_F4)
    assert desk.top(KnownPeersScene).list.keys() == [BEN, EVE]
    desk.key(pygame.K_DOWN, pygame.K_RETURN)
    page = desk.top(Person)
    assert page.peer == EVE
    assert not desk.button("Verify…").enabled, "she is not here"
    desk.tab_to(desk.button("Unblock"))
    desk.key(pygame.K_RETURN)
    assert calls(desk) == [("set_blocked", EVE, False)]
    desk.key(pygame.K_ESCAPE)
    desk.key(pygame.K_UP, pygame.K_RETURN)
    assert desk.top(Person).peer == BEN
    assert desk.button("Verify…").enabled
    desk.key(pygame.K_ESCAPE, pygame.K_ESCAPE)
    assert desk.shows == "LobbyScene"


def test_the_people_we_know_by_mouse_alone(desk: Desk) -> None:
    desk.press("People you know")
    assert not desk.button("Details").enabled
    desk.client.know(EVE, name="Eve", own_name="Eve", muted=True)
    desk.go(0.5)
    known = desk.top(KnownPeersScene)
    desk.click((known.list.rect.left + 30, known.list.rect.top + 20))
    desk.press("Details")
    desk.press("Unmute")
    desk.press("Forget…")
    desk.press("Forget")
    assert calls(desk) == [("set_muted", EVE, False), ("forget", EVE)]
    desk.press("Close")
    desk.go(0.5)
    assert known.list.known == ()
    desk.press("Back")
    assert desk.shows == "LobbyScene"


# --- all sizes, all names


def walk(desk: Desk) -> None:
    """Through every scene of trust; each must fit the window."""

    def look(shows: str) -> None:
        desk.go(0.7)
        assert desk.shows == shows
        assert inside(desk), shows

    desk.key(pygame.K_TAB, pygame.K_RETURN)
    look("Person")
    desk.tab_to(desk.button("Rename…"))
    desk.key(pygame.K_RETURN)
    look("NicknameDialog")
    desk.key(pygame.K_ESCAPE)
    desk.tab_to(desk.button("Forget…"))
    desk.key(pygame.K_RETURN)
    look("Confirm")
    desk.key(pygame.K_ESCAPE)
    desk.tab_to(desk.scene.form.widgets[0])
    desk.key(pygame.K_RETURN)
    look("VerifyDialog")
    desk.client.code_is_there(BEN)
    look("VerifyDialog")
    desk.key(pygame.K_RETURN)
    look("VerifyDialog")
    desk.client.codes_over(BEN, "rejected")
    look("CodesDifferDialog")
    desk.key(pygame.K_ESCAPE)
    desk.client.codes_over(BEN, "broken_off")
    look("BrokenOffDialog")
    desk.key(pygame.K_ESCAPE)
    desk.client.peer_wants_codes(BEN)
    look("VerifyRequestDialog")
    desk.key(pygame.K_ESCAPE, pygame.K_F4)
    look("KnownPeersScene")
    desk.key(pygame.K_ESCAPE)
    desk.client.forget(BEN)
    desk.client.impostors[BEN] = "Ben"
    desk.client.peer_invites(BEN)
    look("InviteDialog")
    desk.key(pygame.K_ESCAPE)
    look("LobbyScene")


@pytest.mark.parametrize("size", SIZES)
def test_every_scene_of_trust_fits_every_size(desk: Desk, size: tuple[int, int]) -> None:
    desk.client.add_peer(0, "W" * 24)
    desk.client.know(BEN, met_at=1e300, name="M" * 24)
    desk.resize(size)
    desk.go(0.5)
    walk(desk)


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:24])
def test_no_name_crashes_a_scene_of_trust(name: str, desk: Desk) -> None:
    desk.client.add_peer(0, name)
    desk.client.know(BEN, met_at=-1.0, muted=True)
    desk.go(0.5)
    walk(desk)
