"""The history: what a row says, watching, deleting, resuming from it, many rows, no rows, small windows."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pygame
import pytest

from p2pgame.core.errors import P2PGameError, Param
from p2pgame.games.gomoku.rules import Move
from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.replay.reader import Replay
from p2pgame.session import events as ev
from p2pgame.ui.background import worker
from p2pgame.ui.scenes.history import HistoryScene
from p2pgame.ui.scenes.person import Person
from p2pgame.ui.scenes.result import Result
from p2pgame.ui.scenes.viewer import Viewer
from tests.ui.desk import Desk
from tests.ui.fake_client import FakeClient, peer_id
from tests.ui.recorded import record

RESULTS = ("won", "lost", "draw", "unfinished", "open")


def entry(number: int, name: str = "Ben", **fields: object) -> HistoryEntry:
    values: dict[str, object] = {
        "match": f"m{number}",
        "game": "gomoku",
        "peer": peer_id(number % 4),
        "name": name,
        "me": 0,
        "started": 1_790_000_000.0 - 600 * number,
        "duration": 75.0,
        "frames": 24,
        "result": RESULTS[number % 5],
        "reason": "resigned",
    }
    return HistoryEntry(**(values | fields))  # type: ignore[arg-type]


def fill(client: FakeClient, number: int = 5) -> None:
    client.entries = [entry(i, name=("Ben", "小明的电脑", "Clara" * 4, "Dan")[i % 4]) for i in range(number)]
    client.scores[peer_id(0)] = Score(3, 1, 0)
    plugin = client.registry.get("gomoku")
    assert plugin is not None
    client.replays["m0"] = record(plugin, lambda state, player, frame: Move(2 * frame), 6)


@pytest.fixture
def history(desk: Desk) -> Desk:
    """In the history, with five matches."""
    fill(desk.client)
    desk.press("History")
    assert desk.shows == "HistoryScene"
    return desk


def listed(desk: Desk) -> list[str]:
    return list(desk.top(HistoryScene).list.keys())


def test_an_empty_one_says_what_comes_here(desk: Desk) -> None:
    desk.key(pygame.K_F5)
    assert desk.shows == "HistoryScene"
    assert not desk.button("Watch").enabled
    assert not desk.button("Delete…").enabled
    desk.key(pygame.K_RETURN)
    assert desk.shows == "LobbyScene", "there is nothing to do here but to go back"


def test_a_row_says_game_length_and_reason_and_the_score_is_that_of_the_selected(history: Desk) -> None:
    scene = history.top(HistoryScene)
    told = scene.list._facts(scene.list.entries[0])
    assert (told[0], *told[2:]) == ("Gomoku", "1 min 15 s", "24 moves", "resigned")
    assert scene._score == "Against Ben: 3 won, 1 lost"
    history.key(pygame.K_DOWN)
    assert scene._score == "Against 小明的电脑: no result yet"


class SlowClient(FakeClient):
    """The disk answers after 0.3 s, or when `answer` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = threading.Event()
        self.threads: set[str] = set()
        """Names of the threads that read the history."""

    def _wait(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.answer.wait(0.3)

    def history(self) -> Sequence[HistoryEntry]:
        self._wait()
        return super().history()

    def score(self, peer: str) -> Score:
        self._wait()
        return super().score(peer)

    def replay(self, match: str) -> Replay:
        self._wait()
        return super().replay(match)


@pytest.fixture
def slow() -> Iterator[Desk]:
    """The lobby with five matches in the history, on a slow disk."""
    background = worker()
    desk = Desk(client=SlowClient(), background=background)
    fill(desk.client)
    try:
        yield desk
    finally:
        background.shutdown(wait=True, cancel_futures=True)


def steps(desk: Desk, until: Callable[[], bool]) -> list[float]:
    """Turns of the app until something is so: the seconds that this thread worked in each."""
    taken: list[float] = []
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        began = time.thread_time()
        desk.go(0.016)
        taken.append(time.thread_time() - began)
        time.sleep(0.002)  # lets the worker run
    return taken


def test_a_slow_disk_stops_no_frame(slow: Desk) -> None:
    assert isinstance(slow.client, SlowClient)
    slow.key(pygame.K_F5)
    assert slow.top(HistoryScene).loading
    slow.key(pygame.K_ESCAPE, pygame.K_F5)
    scene = slow.top(HistoryScene)
    taken = steps(slow, lambda: len(listed(slow)) == 5 and bool(scene._score))
    assert len(taken) > 10, "it was drawn while the disk was read"
    slow.key(pygame.K_RETURN)
    taken += steps(slow, lambda: slow.shows == "Viewer")
    assert statistics.median(taken) < 0.016
    assert {name.partition("_")[0] for name in slow.client.threads} == {"p2pgame-archive"}


def test_while_it_is_read_it_says_so(slow: Desk) -> None:
    assert isinstance(slow.client, SlowClient)
    slow.key(pygame.K_F5)
    scene = slow.top(HistoryScene)
    assert scene.notice_text == "Loading…"
    slow.client.answer.set()
    steps(slow, lambda: len(listed(slow)) == 5)
    assert not scene.loading


def test_going_back_while_it_is_read_drops_it(slow: Desk) -> None:
    assert isinstance(slow.client, SlowClient)
    slow.key(pygame.K_F5, pygame.K_ESCAPE)
    slow.client.answer.set()
    slow.go(0.5)
    assert slow.shows == "LobbyScene"


def test_people_are_called_as_we_call_them(desk: Desk) -> None:
    fill(desk.client)
    desk.client.know(peer_id(0), own_name="Ben", name="Benny")
    desk.key(pygame.K_F5)
    scene = desk.top(HistoryScene)
    assert scene.list.name(scene.list.entries[0]) == "Benny"
    assert scene.list.name(scene.list.entries[2]) == "Clara" * 4


def test_watching_by_keys_and_back(history: Desk) -> None:
    history.key(pygame.K_RETURN)
    history.top(Viewer)
    history.key(pygame.K_ESCAPE)
    assert history.shows == "HistoryScene"


def test_watching_by_a_double_click(history: Desk) -> None:
    at = history.top(HistoryScene).list.row_at(0).center
    history.click(at)
    history.click(at)
    history.top(Viewer)


def test_a_recording_that_is_gone_is_a_notice(history: Desk) -> None:
    history.key(pygame.K_DOWN, pygame.K_RETURN)
    assert history.shows == "HistoryScene"
    assert history.toast == "There is no replay of this match any more"


def test_deleting_asks_and_the_selection_goes_to_the_next(history: Desk) -> None:
    history.key(pygame.K_DOWN, pygame.K_DELETE)
    assert history.shows == "Confirm"
    history.press("Keep")
    assert history.client.calls == []
    history.press("Delete…")
    history.press("Delete")
    assert history.client.calls == [("delete_replay", "m1")]
    assert listed(history) == ["m0", "m2", "m3", "m4"]
    assert history.top(HistoryScene).list.selected == "m2"


def test_a_match_that_cannot_be_deleted_stays(history: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    params: dict[str, Param] = {"reason": "replay_not_deleted", "detail": "busy"}

    def refused(match: str) -> None:
        history.client.tell(ev.ErrorEvent(code="not_deleted", params=params))

    monkeypatch.setattr(history.client, "delete_replay", refused)
    history.press("Delete…")
    history.press("Delete")
    history.go(0.1)
    assert listed(history) == ["m0", "m1", "m2", "m3", "m4"]
    assert history.toast == "The replay cannot be deleted: busy"


def test_an_interrupted_match_is_resumed_from_here(history: Desk) -> None:
    resumable = ev.MatchResumable(
        match="m4", game="gomoku", peer=peer_id(0), name="Ben", frames=24, started=0.0
    )
    history.client.tell(resumable)
    history.go(1)
    history.press("Later")
    history.key(pygame.K_ESCAPE, pygame.K_F5)
    assert not history.button("Resume…").enabled
    history.key(pygame.K_END)
    assert history.button("Resume…").enabled
    assert not history.button("Delete…").enabled, "it is given up first"
    history.press("Resume…")
    history.go(0.6)
    history.press("Resume")
    assert history.client.calls == [("resume", "m4")]


def test_many_rows_scroll_by_keys_and_by_wheel(desk: Desk) -> None:
    fill(desk.client, 2000)
    desk.key(pygame.K_F5)
    scene = desk.top(HistoryScene)
    desk.key(pygame.K_END)
    assert scene.list.selected == "m1999"
    assert scene.list.rect.contains(scene.list.row_at(1999))
    desk.key(pygame.K_HOME)
    assert scene.list.rect.contains(scene.list.row_at(0))
    desk.client.entries = desk.client.entries[:3]
    scene._read()
    desk.go()
    assert scene.list.rect.contains(scene.list.row_at(2))


def test_a_history_that_cannot_be_read_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[HistoryEntry]:
        raise P2PGameError("the history cannot be read")

    monkeypatch.setattr(desk.client, "history", broken)
    desk.key(pygame.K_F5)
    assert desk.top(HistoryScene)._trouble == "The history cannot be read"


@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (480, 900), (200, 150)])
def test_it_fits_every_size(size: tuple[int, int]) -> None:
    desk = Desk(size=size)
    fill(desk.client, 40)
    for result, row in zip(RESULTS, desk.client.entries, strict=False):
        assert row.result == result
    desk.resize(size)
    desk.key(pygame.K_F5)
    scene = desk.top(HistoryScene)
    desk.go(0.2)
    canvas = pygame.Rect((0, 0), desk.app.window.size)
    assert all(canvas.contains(widget.rect) for widget in scene.form.widgets)
    boxes = [widget.rect for widget in scene.form.widgets]
    assert all(not a.colliderect(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_the_score_is_on_the_page_of_a_person(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.scores[ben] = Score(2, 0, 1)
    desk.go()
    desk.press("Details")
    assert desk.top(Person)._score == "2 won, 0 lost, 1 drawn"


def test_the_match_just_played_is_watched_from_its_result(desk: Desk) -> None:
    desk.start_match()
    desk.win()
    match = desk.top(Result).match.match
    desk.press("Watch replay")
    assert (desk.shows, desk.toast) == ("Result", "There is no replay of this match any more")
    plugin = desk.client.registry.get("gomoku")
    assert plugin is not None
    desk.client.replays[match] = record(plugin, lambda state, player, frame: Move(2 * frame), 6)
    desk.press("Watch replay")
    desk.top(Viewer)
    desk.press("Back")
    assert desk.shows == "Result"
    assert desk.button("Rematch").enabled
