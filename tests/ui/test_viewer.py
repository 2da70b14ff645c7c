"""The viewer of recorded matches: keys, mouse, speeds, marks, sounds, small windows, and files made to break it."""

import time

import msgspec
import pygame
import pytest

from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.games.gomoku.rules import Move
from p2pgame.games.tron.rules import Config
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay
from p2pgame.replay.records import Repaired
from p2pgame.ui.scenes.viewer import ReplayLoader, Viewer
from tests.ui.desk import Desk
from tests.ui.recorded import record, scar


def plugin(desk: Desk, game: str) -> Plugin:
    found = desk.client.registry.get(game)
    assert found is not None
    return found


def recorded(desk: Desk, game: str, frames: int) -> Replay:
    """A match of `game`: Gomoku by rows that nobody wins, the others by bots."""
    known = plugin(desk, game)
    if game == "gomoku":
        return record(known, lambda state, player, frame: Move(3 * frame), frames, winners=(1,))
    bots = [known.bot(1), known.bot(2)]
    return record(known, lambda state, player, frame: bots[player].choose(state, player), frames)


def load(desk: Desk) -> Viewer | None:
    """The viewer of the match ``m``."""
    loader = ReplayLoader(desk.app.context)
    loader.start("m")
    return loader.poll()


def show(desk: Desk, replay: Replay) -> Viewer:
    desk.client.replays["m"] = replay
    viewer = load(desk)
    assert viewer is not None
    desk.app.router.push(viewer)
    desk.go(0.02)
    return viewer


def heard(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sounds: list[str] = []
    monkeypatch.setattr(desk.app.canvas.sounds, "play", lambda name, pan=0.0: sounds.append(name))
    return sounds


def test_it_plays_by_itself_to_the_end(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "gomoku", 8))
    assert viewer.player.playing
    desk.go(2.5)
    assert viewer.player.frame == 3
    assert viewer.match_board.match.state == viewer.player.playback.state(3)
    desk.go(10)
    assert (viewer.player.frame, viewer.player.playing) == (8, False)
    assert viewer.match_board.match.outcome is not None
    assert viewer.play.icon == "play"


def test_all_by_keys(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "gomoku", 30))
    desk.key(pygame.K_SPACE)
    assert not viewer.player.playing
    for key, frame in (
        (pygame.K_END, 30),
        (pygame.K_LEFT, 29),
        (pygame.K_DOWN, 19),
        (pygame.K_UP, 29),
        (pygame.K_RIGHT, 30),
        (pygame.K_RIGHT, 30),
        (pygame.K_HOME, 0),
        (pygame.K_LEFT, 0),
        (pygame.K_RIGHT, 1),
    ):
        desk.key(key)
        assert viewer.player.frame == frame
    assert not viewer.player.playing
    desk.tab_to(viewer.speed)
    desk.key(pygame.K_RIGHT, pygame.K_RIGHT)
    assert viewer.player.speed == 4
    desk.tab_to(viewer.play)
    desk.key(pygame.K_RETURN)
    desk.go(3)
    assert viewer.player.frame > 10
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "LobbyScene"


def test_all_by_mouse_and_the_keys_stay_with_the_bar(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "gomoku", 30))
    desk.click(viewer.play.rect.center)
    assert not viewer.player.playing
    bar = viewer.scrub.rect
    desk.drag((bar.left + 2, bar.centery), (bar.centerx, bar.centery + 40))
    assert viewer.player.frame == 15
    back, step_back, _, step, jump = viewer._transport
    for button, frame in ((step, 16), (step_back, 15), (jump, 25), (back, 15)):
        desk.click(button.rect.center)
        assert viewer.player.frame == frame
    desk.click(viewer.speed._segment(4).center)
    assert viewer.player.speed == 8
    assert viewer.form.focused is viewer.scrub
    desk.press("Back")
    assert desk.shows == "LobbyScene"


def test_dragging_holds_the_play_and_goes_where_the_mouse_is_once_a_frame(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "pong", 1200))
    bar = viewer.scrub.rect
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=bar.center, button=1))
    desk.go(0.5)
    assert viewer.player.frame == pytest.approx(600, abs=2)
    jumps = viewer.player.jumps
    for x in range(50):
        at = (bar.centerx + x, bar.centery)
        pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=at, rel=(1, 0), buttons=(1, 0, 0)))
    desk.go(0.02)
    assert viewer.player.jumps == jumps + 1
    frame = viewer.player.frame
    desk.go(0.5)
    assert viewer.player.frame == frame
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=bar.center, button=1))
    desk.go(0.5)
    assert viewer.player.frame > frame + 20


def test_real_time_is_drawn_sixty_times_a_second_and_comes_to_rest(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "pong", 1200))
    desk.go(0.5)
    frames, at = desk.app.frames, viewer.player.frame
    desk.go(2)
    assert 118 <= desk.app.frames - frames <= 122
    assert 118 <= viewer.player.frame - at <= 122
    desk.key(pygame.K_SPACE)
    desk.go(2)
    frames = desk.app.frames
    desk.go(1)
    assert desk.app.frames == frames


def test_drawing_what_moves_gives_the_picture_of_drawing_all(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "pong", 1200))
    desk.go(2)
    canvas = pygame.display.get_surface()
    assert canvas is not None
    assert viewer.draw_live(canvas) is not None
    part = desk.picture()
    viewer.draw(canvas)
    assert desk.picture() == part


def test_the_same_frame_is_the_same_picture_however_it_was_come_to(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "tron", 900))
    desk.key(pygame.K_SPACE)
    pictures = []
    for way in ((0, 400), (900, 400), (399, 400)):
        for frame in way:
            viewer._want(frame)
            desk.go(0.1)
        desk.go(2)
        pictures.append(desk.picture())
    assert pictures[0] == pictures[1] == pictures[2]


def test_sounds_at_normal_speed_none_on_jumps_and_none_when_fast(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = show(desk, recorded(desk, "pong", 2400))
    sounds = heard(desk, monkeypatch)
    desk.go(6)
    assert "paddle" in sounds
    sounds.clear()
    desk.key(pygame.K_SPACE)
    for key in (pygame.K_UP, pygame.K_UP, pygame.K_DOWN, pygame.K_END, pygame.K_HOME):
        desk.key(key)
        desk.go(0.3)
    assert sounds == []
    viewer.player.speed = 8.0
    desk.key(pygame.K_SPACE)
    desk.go(3)
    assert viewer.player.frame > 1000
    assert sounds == []


def test_stones_fall_with_a_sound_one_by_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    show(desk, recorded(desk, "gomoku", 30))
    sounds = heard(desk, monkeypatch)
    desk.go(2.9)
    assert sounds == ["stone"] * 2, "the first fell before we listened"
    desk.key(pygame.K_SPACE, pygame.K_UP)
    assert sounds == ["stone"] * 2


def test_pauses_and_differences_are_marked(desk: Desk) -> None:
    replay = recorded(desk, "pong", 600)
    before = show(desk, replay)
    desk.key(pygame.K_SPACE)
    desk.key(pygame.K_END)
    desk.go(2)
    plain = desk.picture()
    desk.press("Back")
    state = before.player.playback.state(400)
    scar(replay, paused=200, mended=400, state=state)
    viewer = show(desk, replay)
    assert viewer.scrub.marks == ((200, "paused"), (400, "differed"))
    desk.key(pygame.K_SPACE)
    desk.key(pygame.K_END)
    desk.go(2)
    assert desk.picture() != plain


def test_it_waits_under_a_dialog(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "gomoku", 30))
    desk.client.peer_invites(desk.client.add_peer(1, "Ben").peer)
    desk.go(0.1)
    frame = viewer.player.frame
    desk.go(5)
    assert viewer.player.frame == frame
    desk.press("Decline")
    desk.go(2)
    assert viewer.player.frame > frame


def refused(desk: Desk, replay: Replay) -> str:
    desk.client.replays["m"] = replay
    assert load(desk) is None
    desk.go(0.1)
    return desk.toast


def test_other_rules_and_games_that_are_not_here_are_notices(desk: Desk) -> None:
    replay = recorded(desk, "gomoku", 3)
    replay.header = msgspec.structs.replace(replay.header, digest="0" * 16)
    said = refused(desk, replay)
    assert said == "This match was played by other rules of Gomoku than are installed here"
    replay.header = msgspec.structs.replace(replay.header, game="chess")
    desk.go(5)
    assert refused(desk, replay) == "Chess is not installed here"


def test_a_configuration_of_another_game_is_a_notice(desk: Desk) -> None:
    replay = recorded(desk, "gomoku", 3)
    replay.header = msgspec.structs.replace(replay.header, config=encode({"rule": 5}))
    assert "configuration" in refused(desk, replay)


@pytest.mark.parametrize("raw", [b"\xc1", encode("not a move")])
def test_moves_that_make_no_sense_are_a_notice_and_it_stands_still(desk: Desk, raw: bytes) -> None:
    replay = recorded(desk, "gomoku", 20)
    replay.inputs[5] = (None, raw)
    viewer = show(desk, replay)
    desk.go(5.2)
    assert desk.scene is viewer
    assert (viewer.player.frame, viewer.player.playing) == (5, False)
    assert desk.toast.startswith("Frame 5 has an input that is none of Gomoku")
    desk.go(5)
    desk.key(pygame.K_END)
    assert viewer.player.frame == 5
    assert desk.toast.startswith("Frame 5")


def test_a_state_that_no_view_can_draw_breaks_nothing(desk: Desk) -> None:
    replay = recorded(desk, "tron", 60)
    state = Playback(replay, plugin(desk, "tron").game).state(30)
    riders = tuple(msgspec.structs.replace(rider, heading=99) for rider in state.riders)
    made_up = encode(msgspec.structs.replace(state, riders=riders))
    replay.repaired[30] = Repaired(frame=30, state=made_up, chain=bytes(16), reason="desync")
    viewer = show(desk, replay)
    desk.go(0.8)
    assert desk.scene is viewer
    assert viewer.match_board.failed is not None
    if viewer.player.playing:
        desk.key(pygame.K_SPACE)
    desk.key(pygame.K_HOME)
    assert viewer.player.frame == 0
    canvas = pygame.display.get_surface()
    assert canvas is not None
    assert canvas.get_clip() == canvas.get_rect()


@pytest.mark.parametrize("game", ["gomoku", "pong", "tron"])
@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (480, 900), (200, 150)])
def test_it_fits_every_size(game: str, size: tuple[int, int]) -> None:
    desk = Desk(size=size)
    replay = recorded(desk, game, 40)
    replay.header = msgspec.structs.replace(replay.header, names=("小明的电脑和他的朋友们都在这里", "W" * 24))
    viewer = show(desk, replay)
    desk.resize(size)
    desk.go(0.3)
    canvas = pygame.Rect((0, 0), desk.app.window.size)
    inside = viewer.analysis.widgets if viewer.analysis is not None else []
    assert all(viewer.match_board.panel.contains(widget.rect) for widget in inside)
    boxes = [widget.rect for widget in viewer.form.widgets if widget not in inside]
    assert all(canvas.contains(box) for box in [*boxes, viewer.match_board.board, viewer.match_board.panel])
    boxes += [viewer.match_board.board, viewer.match_board.panel]
    assert all(not a.colliderect(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


@pytest.mark.timing
def test_a_seek_anywhere_is_quick(desk: Desk) -> None:
    """A bound loose enough for any machine; the bench has the figure."""
    known = plugin(desk, "tron")
    bots = [known.bot(1), known.bot(2)]
    long = Config(best_of=9, edge="wrap")
    replay = record(
        known,
        lambda state, player, frame: bots[player].choose(state, player),
        36_000,
        config=long,
        snapshots=300,
    )
    assert len(replay.inputs) > 5_000
    viewer = show(desk, replay)
    desk.key(pygame.K_SPACE)
    slowest = 0.0
    for part in (0.9, 0.1, 0.77, 0.5, 0.999):
        viewer._want(round(part * viewer.player.frames))
        started = time.perf_counter()
        viewer.update(1 / 60)
        slowest = max(slowest, time.perf_counter() - started)
        assert viewer.player.frame == round(part * viewer.player.frames)
    assert slowest < 0.5
