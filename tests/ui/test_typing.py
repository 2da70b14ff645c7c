"""Text in a field: an input method loses neither its text nor the keyboard, whatever takes the focus away."""

import pygame
import pytest

from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.name import NameScene
from p2pgame.ui.textfield import TextField
from tests.ui.desk import Desk
from tests.ui.fake_client import peer_id
from tests.ui.test_devices import Gamepad


def compose(desk: Desk, text: str) -> None:
    """The input method shows `text`, which it did not finish."""
    pygame.event.post(pygame.event.Event(pygame.TEXTEDITING, text=text, start=0, length=len(text)))
    desk.go(0.05)


@pytest.fixture
def address(desk: Desk) -> TextField:
    """The field for an address in the lobby, with the focus and pinyin begun in it."""
    lobby = desk.top(LobbyScene)
    desk.tab_to(lobby.direct.address)
    compose(desk, "zhang")
    assert lobby.direct.address.composing == "zhang"
    return lobby.direct.address


def test_an_invitation_during_composition_leaves_the_keys_alive(desk: Desk, address: TextField) -> None:
    desk.client.add_peer(1, "Ben")
    desk.client.peer_invites(peer_id(1))
    desk.go(0.7)
    assert (address.text, address.composing) == ("zhang", "")
    desk.key(pygame.K_RETURN)
    assert desk.shows == "MatchScene"
    desk.key(pygame.K_RIGHT, pygame.K_RETURN)
    assert desk.client.calls[-1][0] == "submit", "and in the match"


def test_pressing_another_widget_ends_the_composition_with_its_text(desk: Desk, address: TextField) -> None:
    desk.press("Connect")
    assert desk.client.calls == [("add_seed", "zhang")]
    desk.key(pygame.K_F2)
    assert desk.shows == "NameScene"


def test_a_name_is_saved_with_what_was_composed(desk: Desk) -> None:
    desk.press("Rename")
    compose(desk, "zhang")
    desk.press("Save")
    assert desk.client.name == "Annazhang"


def test_a_dialog_with_a_field_of_its_own_takes_over_no_composition(desk: Desk, address: TextField) -> None:
    desk.press("Rename")
    assert (address.text, desk.top(NameScene).field.composing) == ("zhang", "")
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "LobbyScene"


def test_another_window_ends_the_composition_too(desk: Desk, address: TextField) -> None:
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSLOST))
    desk.go(0.05)
    assert (address.text, address.composing) == ("zhang", "")
    desk.key(pygame.K_RETURN)
    assert desk.client.calls == [("add_seed", "zhang")]


def test_the_input_method_is_told_that_the_composition_ended(
    desk: Desk, address: TextField, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    monkeypatch.setattr(pygame.key, "stop_text_input", lambda: told.append("stop"))
    monkeypatch.setattr(pygame.key, "start_text_input", lambda: told.append("start"))
    desk.press("Rename")  # from one field to another
    assert told == ["stop", "start"]


def test_keys_belong_to_the_input_method_while_it_composes(desk: Desk, address: TextField) -> None:
    desk.key(pygame.K_RETURN, pygame.K_ESCAPE, pygame.K_TAB, pygame.K_BACKSPACE)
    assert (desk.shows, desk.client.calls, address.composing) == ("LobbyScene", [], "zhang")
    desk.type("张")
    desk.key(pygame.K_RETURN)
    assert desk.client.calls == [("add_seed", "张")]


def paste(desk: Desk) -> str:
    """Press Ctrl+V in the field for an address; what is in it then."""
    field = desk.top(LobbyScene).direct.address
    desk.tab_to(field)
    desk.key(pygame.K_v, mod=pygame.KMOD_LCTRL)
    return field.text


class Scrap:
    """`pygame.scrap` of pygame, with what the clipboard offers by type."""

    def __init__(self, offered: dict[str, bytes]) -> None:
        self._offered = offered
        self.init = self.get_init = lambda: True

    def get(self, kind: str) -> bytes | None:
        return self._offered.get(kind)


class ScrapOfCe:
    """`pygame.scrap` of pygame-ce."""

    def __init__(self, held: bytes) -> None:
        self._held = held

    def get_text(self) -> str:
        return self._held.decode()


@pytest.mark.parametrize(
    ("scrap", "pasted"),
    [
        (Scrap({"text/plain;charset=utf-8": "grüße\nzwei".encode()}), "grüße"),
        (Scrap({"text/plain": b"10.0.0.7\0"}), "10.0.0.7"),
        (Scrap({"text/plain;charset=utf-8": b"gr\xfc\xdfe"}), "gr\ufffd\ufffde"),
        (Scrap({}), ""),
        (ScrapOfCe("grüße\nzwei".encode()), "grüße"),
        (ScrapOfCe(b"gr\xfc\xdfe"), "gr\ufffd\ufffde"),
        (ScrapOfCe(b""), ""),
        (ScrapOfCe(b"a" * 10_000_000), "a" * 80),
    ],
)
def test_pasting_on_both_forks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, scrap: object, pasted: str
) -> None:
    monkeypatch.setattr(pygame, "scrap", scrap)
    assert paste(desk) == pasted


# --- by gamepad alone


def by_pad(desk: Desk, *labels: str) -> None:
    """Walk to each key on the screen and press it."""
    for label in labels:
        (key,) = [w for w in desk.scene.form.widgets if getattr(w, "label", "") == label]
        Gamepad().walk(desk, key)
        Gamepad.button(desk, 0)


def test_a_name_is_typed_with_a_gamepad(desk: Desk) -> None:
    desk.press("Rename")
    desk.key(pygame.K_END, *[pygame.K_BACKSPACE] * 4)
    Gamepad.button(desk, 0)
    assert desk.shows == "KeyboardScene"
    by_pad(desk, "Shift", "B", "o", "x", "Space", "7")
    Gamepad.button(desk, 2)
    Gamepad.button(desk, 2)
    Gamepad.button(desk, 4)
    by_pad(desk, "-", "Done")
    assert (desk.shows, desk.client.name) == ("LobbyScene", "Bo-x")


def test_what_a_gamepad_typed_stays_when_the_keys_are_closed(desk: Desk) -> None:
    desk.press("Rename")
    Gamepad.button(desk, 0)
    by_pad(desk, "e")
    Gamepad.button(desk, 1)
    assert desk.shows == "NameScene"
    assert desk.top(NameScene).field.text == "Annae"


def test_a_keyboard_needs_no_keys_on_the_screen(desk: Desk) -> None:
    desk.press("Rename")
    desk.key(pygame.K_RETURN)
    assert desk.shows == "LobbyScene"
