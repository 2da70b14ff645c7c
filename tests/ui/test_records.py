"""Files of other programs in the window: dropped on it, shown with comments and variations, refused in one line."""

import os
from pathlib import Path

import pygame
import pytest

from p2pgame.games.gomoku.rules import parse_point
from p2pgame.ui.scenes.viewer import Viewer
from tests.golden.make import DIRECTORY
from tests.ui.desk import Desk

SGF = """(;GM[4]SZ[15]PB[Ann]PW[Ben]DT[2020-01-02]RE[W+R]C[about the whole]
;B[hh]C[the centre];W[hi](;B[gg]C[first];W[aa])(;B[ii]C[second];W[oo];B[oa])(;B[hh]))"""


def drop(desk: Desk, path: Path) -> None:
    pygame.event.post(pygame.event.Event(pygame.DROPFILE, file=str(path)))
    desk.go(0.3)


def opened(desk: Desk, tmp_path: Path, text: str = SGF) -> Viewer:
    path = tmp_path / "game.sgf"
    path.write_text(text)
    drop(desk, path)
    viewer = desk.top(Viewer)
    desk.key(pygame.K_SPACE, pygame.K_HOME)
    return viewer


def at(viewer: Viewer, name: str) -> int:
    """What is on a point: 0 nothing, 1 Black, 2 White."""
    stone: int = viewer.match_board.match.state.board[parse_point(name)]
    return stone


@pytest.mark.parametrize("size", [(640, 480), (1280, 720)])
def test_a_dropped_file_opens_with_its_players_and_comments(tmp_path: Path, size: tuple[int, int]) -> None:
    desk = Desk(size=size)
    viewer = opened(desk, tmp_path)
    assert viewer.match_board.match.names == ("Ann", "Ben")
    assert viewer.player.frames == 4
    before = desk.picture()
    desk.key(pygame.K_RIGHT)
    assert at(viewer, "H8") == 1
    assert desk.picture() != before


def test_variations_are_chosen_by_keys_and_mouse(tmp_path: Path) -> None:
    desk = Desk()
    viewer = opened(desk, tmp_path)
    assert viewer.variation not in viewer.form.widgets
    desk.key(*[pygame.K_RIGHT] * 3)
    assert (viewer.player.frame, at(viewer, "G9")) == (3, 1)
    assert viewer.variation.options == ("1", "2"), "the third is illegal"
    desk.tab_to(viewer.variation)
    desk.key(pygame.K_RIGHT)
    assert (viewer.player.frame, at(viewer, "G9"), at(viewer, "I7")) == (3, 0, 1)
    assert (viewer.player.frames, viewer.scrub.most) == (5, 5)
    desk.tab_to(viewer.scrub)
    desk.key(pygame.K_END)
    assert at(viewer, "O15") == 1
    assert viewer.variation not in viewer.form.widgets
    desk.key(pygame.K_LEFT, pygame.K_LEFT)
    rect = viewer.variation.rect
    desk.click((rect.left + rect.width // 4, rect.centery))
    assert (at(viewer, "G9"), at(viewer, "I7"), viewer.player.frames) == (1, 0, 4)


def test_what_is_left_out_is_said_in_the_picture(tmp_path: Path) -> None:
    desk = Desk()
    opened(desk, tmp_path, "(;GM[4];B[hh];W[hh])")
    wrong = desk.picture()
    desk = Desk()
    opened(desk, tmp_path, "(;GM[4];B[hh])")
    assert desk.picture() != wrong


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("go.sgf", b"(;GM[1];B[aa])", "another game"),
        ("no.sgf", b"hello", "Smart Game Format"),
        ("no.lib", b"hello", "RenLib"),
        ("no.psq", b"hello", "Piskvork"),
        ("no.txt", b"hello", "not a replay"),
    ],
)
def test_a_file_that_cannot_be_shown_is_refused_in_one_line(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    desk = Desk()
    path = tmp_path / name
    path.write_bytes(data)
    drop(desk, path)
    assert desk.shows == "LobbyScene"
    assert words in desk.toast


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files there")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    desk = Desk()
    os.mkfifo(tmp_path / "a.sgf")
    drop(desk, tmp_path / "a.sgf")
    assert "not a replay" in desk.toast


def test_a_file_that_is_gone_and_one_in_a_match(tmp_path: Path) -> None:
    desk = Desk()
    drop(desk, tmp_path / "gone.sgf")
    assert desk.toast
    desk.start_match()
    drop(desk, tmp_path / "gone.sgf")
    assert desk.shows == "MatchScene"
    assert "no match" in desk.toast


def test_a_recording_of_ours_opens_as_well() -> None:
    desk = Desk()
    drop(desk, DIRECTORY / "gomoku-standard.p2preplay")
    viewer = desk.top(Viewer)
    assert viewer.variations is None
    assert viewer.player.frames > 9


def test_a_position_is_copied_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr("p2pgame.ui.app.copy", copied.append)
    desk = Desk()
    viewer = opened(desk, tmp_path)
    desk.key(pygame.K_RIGHT)
    desk.key(pygame.K_c, mod=pygame.KMOD_CTRL)
    assert copied == [viewer.match_board.view.game.render(viewer.match_board.match.state)]
    assert "(X)" in copied[0]
    assert "copied" in desk.toast
    desk.key(pygame.K_ESCAPE)
    desk.key(pygame.K_c, mod=pygame.KMOD_CTRL)
    assert copied[1:] == [""], "the lobby has nothing to copy"
