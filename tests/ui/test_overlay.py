"""The F3 overlay: figures, the network simulator and the input delay, by mouse and by keys."""

import pygame
import pytest

from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.overlay import Overlay
from tests.ui.desk import Desk


@pytest.fixture
def pong(desk: Desk) -> Desk:
    desk.start_match(game="pong")
    desk.client.calls.clear()
    desk.key(pygame.K_F3)
    return desk


def overlay(desk: Desk) -> Overlay:
    found = desk.top(MatchScene).network
    assert found is not None
    return found


def rows(desk: Desk) -> dict[str, str]:
    return dict(overlay(desk)._rows)


def test_f3_opens_and_closes(pong: Desk) -> None:
    scene = pong.top(MatchScene)
    opened = pong.picture()
    count = len(scene.form.widgets)
    pong.key(pygame.K_F3)
    assert scene.network is None
    assert len(scene.form.widgets) == count - 5
    assert pong.picture() != opened


def test_it_shows_what_the_netcode_says(pong: Desk) -> None:
    live = pong.client.live
    assert live is not None
    live.measure(rollback_depth=3, max_rollback=5, rollbacks=17, stalls=2, frame_advantage=-0.4)
    pong.go(1.3)
    shown = rows(pong)
    assert shown["Ping, jitter"] == "42 ms, 6 ms"
    assert shown["Loss"] == "2.0 % over UDP"
    assert shown["Rollback depth"] == "3 now, 5 at most"
    assert shown["Rollbacks, stalls"] == "17, 2"
    assert shown["Frame advantage"] == "-0.4"
    assert shown["Drawn"] in ("59 fps", "60 fps", "61 fps")
    frame, _, confirmed = shown["Frame"].partition(", confirmed ")
    assert int(frame) - int(confirmed) == 2
    assert live.view.frame - int(frame) <= 15
    assert len(shown["State hash"]) == 12


def test_numbers_stand_still_long_enough_to_be_read(pong: Desk) -> None:
    seen = set()
    for _ in range(60):
        pong.go(1 / 60)
        seen.add(rows(pong)["Frame"])
    assert 4 <= len(seen) <= 9


def test_sliders_by_mouse(pong: Desk) -> None:
    panel = overlay(pong)
    track = panel.latency.track
    pong.drag(track.midleft, track.center)
    assert pong.client.calls[-1] == ("set_impairment", 150, 0, 0.0)
    pong.click((panel.loss.track.right + 30, panel.loss.rect.centery))
    assert pong.client.calls[-1] == ("set_impairment", 150, 0, 0.3)
    pong.click((panel.jitter.track.left, panel.jitter.rect.centery))
    assert [c for c in pong.client.calls if c[0] == "submit"] == []
    assert pong.scene.form.focused is pong.top(MatchScene).board, "the mouse leaves the keys to the game"


def test_sliders_by_keys(pong: Desk) -> None:
    panel = overlay(pong)
    pong.tab_to(panel.jitter)
    pong.key(pygame.K_RIGHT, pygame.K_RIGHT)
    assert pong.client.calls[-1] == ("set_impairment", 0, 10, 0.0)
    pong.key(pygame.K_DOWN, pygame.K_END)
    assert pong.client.calls[-1] == ("set_impairment", 0, 10, 0.3)
    pong.key(pygame.K_HOME)
    pong.key(pygame.K_LEFT)
    assert pong.client.calls[-1] == ("set_impairment", 0, 10, 0.0)
    assert [c for c in pong.client.calls if c[0] == "submit"] == [], "the arrows were the panel's"


def test_the_arrows_are_the_games_unless_the_panel_has_the_focus(pong: Desk) -> None:
    pong.key(pygame.K_UP, pygame.K_RIGHT)
    assert [c for c in pong.client.calls if c[0] != "submit"] == []
    pong.tab_to(overlay(pong).latency)
    pong.client.calls.clear()
    pong.key(pygame.K_UP)
    assert pong.client.calls == []


def test_input_delay(pong: Desk) -> None:
    panel = overlay(pong)
    pong.click(panel.more.rect.center)
    pong.click(panel.more.rect.center)
    assert pong.client.calls == [("set_input_delay", 2), ("set_input_delay", 3)]
    live = pong.client.live
    assert live is not None
    live.measure(input_delay=3)
    pong.go(0.1)
    pong.tab_to(panel.less)
    pong.key(*[pygame.K_RETURN] * 5)
    assert [c[1] for c in pong.client.calls[2:] if c[0] == "set_input_delay"] == [2, 1, 0]


def test_what_was_set_is_still_set_in_the_next_match(pong: Desk) -> None:
    pong.tab_to(overlay(pong).latency)
    pong.key(pygame.K_RIGHT)
    pong.key(pygame.K_F3, pygame.K_F3)
    assert overlay(pong).latency.value == 10


def test_a_turn_based_match_shows_less_and_simulates_nothing(desk: Desk) -> None:
    desk.start_match()
    before = desk.picture()
    desk.key(pygame.K_F3)
    assert list(rows(desk)) == ["Ping", "Host", "State hash", "Drawn", "Frame"]
    assert overlay(desk).widgets == ()
    assert desk.picture() != before
    desk.go(1)
    frames = desk.app.frames
    desk.go(2)
    assert desk.app.frames - frames <= 3, "nothing moves"
    desk.click(desk.point(112))
    desk.go(0.5)
    assert rows(desk)["Frame"] == "1"
