"""The language changes while the window is open: everything that is shown changes with it, in every scene."""

from collections.abc import Callable, Iterator
from typing import Any

import pygame
import pytest

from p2pgame.i18n import catalogue
from p2pgame.i18n.catalogue import install, set_language
from p2pgame.session.room_view import ListedRoom, RoomSeat
from p2pgame.ui.text import Fonts
from tests.ui.desk import Desk
from tests.ui.fake_client import member, person, room_of
from tests.ui.test_translation import entries, marked, pseudo_of, untranslated


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Before and after."""
    install("en")
    yield
    install("en")


def empty_lobby(desk: Desk) -> None:
    desk.go(0.2)


def lobby(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.listed = [ListedRoom(room="aa", leader=ben, name="Ben", game="tron", seats=4, taken=1)]
    desk.client.know(ben, verified=True, met_at=1_790_000_000.0)
    desk.go(0.6)


def leaving(desk: Desk) -> None:
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "Confirm"


def invited(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.peer_invites(ben, game="tron")
    desk.go(0.7)
    assert desk.shows == "InviteDialog"


def inviting(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben")
    desk.go()
    desk.press("Invite")
    assert desk.shows == "InviteSentDialog"


def naming(desk: Desk) -> None:
    desk.key(pygame.K_F2)
    assert desk.shows == "NameScene"


def people(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.know(ben, met_at=1_790_000_000.0, verified=True, muted=True)
    desk.go(0.3)
    desk.key(pygame.K_F4)
    desk.key(pygame.K_RETURN)
    assert desk.shows == "Person"


def history(desk: Desk) -> None:
    desk.client.entries = entries()
    desk.key(pygame.K_F5)
    desk.go(0.2)
    assert desk.shows == "HistoryScene"


def match(desk: Desk) -> None:
    begin_in_english(desk)
    desk.key(pygame.K_F3)


def resigning(desk: Desk) -> None:
    begin_in_english(desk)
    desk.press("Resign")
    assert desk.shows == "Confirm"


def paused(desk: Desk) -> None:
    begin_in_english(desk)
    desk.client.pause("closed", claim_in=5.0)
    desk.go(3)


def over(desk: Desk) -> None:
    begin_in_english(desk)
    desk.press("Resign")
    desk.go(0.2)
    desk.press("Resign")
    desk.go(1)
    assert desk.shows == "Result"


def room(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben")
    members = [member("Anna", local=2), member("Ben", 1, rtt_ms=3.0)]
    seats = [person("Anna"), person("Ben", 1), RoomSeat(kind="open"), RoomSeat(kind="bot", level="easy")]
    desk.client.room_view = room_of(members, seats)
    desk.go(0.3)
    assert desk.shows == "RoomScene"


def room_dialog(desk: Desk) -> None:
    room(desk)
    desk.press("Leave the room")
    desk.go(0.1)


def comparing(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.peer_wants_codes(ben)
    desk.go(0.7)
    desk.press("Compare")
    desk.go(0.7)
    desk.client.code_is_there(ben, pictures=range(4))
    desk.go(0.7)
    assert desk.shows == "VerifyDialog"


def chat(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben")
    desk.key(pygame.K_t)
    assert desk.shows == "ChatScene"


def how_to(desk: Desk) -> None:
    desk.key(pygame.K_F1)
    assert desk.shows == "HowToScene"


def settings(desk: Desk) -> None:
    desk.key(pygame.K_F10)
    assert desk.shows == "SettingsScene"


def menu(desk: Desk) -> None:
    begin_in_english(desk)
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "MatchMenu"


def begin_in_english(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.peer_invites(ben, game="gomoku")
    desk.go(0.7)
    desk.press("Accept")
    desk.go(0.2)
    assert desk.shows == "MatchScene"


SCENES = (
    empty_lobby, lobby, leaving, invited, inviting, naming, people, history, match, resigning, paused, over, room,
    room_dialog, comparing, chat, how_to, settings, menu,
)  # fmt: skip


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_what_is_shown_changes_with_the_language(
    scene: Callable[[Desk], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(size=(1280, 720))
    desk.client.announce()
    scene(desk)
    desk.app.toasts.clear()  # what was said stays as it was said
    lines: set[str] = set()
    render = Fonts.render

    def noting(self: Fonts, text: str, *args: Any, **kwargs: Any) -> pygame.Surface:
        lines.add(str(catalogue.current(text)))
        return render(self, text, *args, **kwargs)

    monkeypatch.setattr(Fonts, "render", noting)
    monkeypatch.setattr(catalogue, "_platform", lambda: pseudo_of(""))
    monkeypatch.setattr(catalogue, "_of_game", pseudo_of)
    monkeypatch.setattr(catalogue._Choice, "generation", catalogue.generation() + 1)
    desk.go(0.1)
    assert any(marked(letter) in line for line in lines for letter in "aeio")
    assert untranslated(lines) == set()


def test_a_label_that_was_made_in_english_is_drawn_in_chinese() -> None:
    desk = Desk()
    button = next(widget for widget in desk.scene.form.widgets if getattr(widget, "label", "") == "Practice")
    set_language("zh_CN")
    desk.go(0.1)
    assert catalogue.current(button.label) == "练习"
    set_language("en")
    assert catalogue.current(button.label) == "Practice"


def test_a_language_that_no_font_can_draw_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fonts, "_fallback_fonts", lambda self, *, bold: [])
    install("zh_CN", {})
    desk = Desk()
    if not desk.app.canvas.fonts.lacks_han:
        pytest.skip("the first font has Chinese")
    lines: list[str] = []
    render = Fonts.render
    monkeypatch.setattr(
        Fonts, "render", lambda self, text, *a, **k: lines.append(text) or render(self, text, *a, **k)
    )
    desk.client.announce()
    desk.go(0.2)
    assert catalogue.gettext("Practice") == "Practice"
    assert any("noto-cjk-sans-otc" in line for line in lines), "the lobby says what to install"
    set_language("zh_CN")
    desk.go(0.1)
    assert catalogue.gettext("Practice") == "Practice"


@pytest.mark.parametrize("size", [(640, 480), (1280, 720)], ids=str)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_no_chinese_text_is_cut(
    scene: Callable[[Desk], None], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(size=size)
    desk.client.announce()
    scene(desk)
    if not desk.app.canvas.fonts.can_draw("张"):
        pytest.skip("no Chinese font here")
    cut: list[str] = []
    fit = Fonts.fit

    def noting(self: Fonts, text: str, *args: Any, **kwargs: Any) -> str:
        shown = fit(self, text, *args, **kwargs)
        if isinstance(text, catalogue.Text) and shown != catalogue.current(text):
            cut.append(shown)
        return shown

    monkeypatch.setattr(Fonts, "fit", noting)
    set_language("zh_CN")
    desk.go(0.1)
    assert cut == []
