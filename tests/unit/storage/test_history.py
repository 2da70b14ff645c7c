"""The list of matches: bounded, shared, and told per person."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.storage import history as module
from p2pgame.storage.history import History
from tests.unit.storage.matches import ME, THEM


def entry(match: str, result: str = "won", started: float = 0.0, **fields: Any) -> HistoryEntry:
    values: dict[str, Any] = {"game": "pong", "peer": THEM, "name": "Ben", "me": 0}
    return HistoryEntry(match=match, result=result, started=started, **values | fields)


def test_what_was_put_is_there_after_a_restart_newest_first(tmp_path: Path) -> None:
    history = History(tmp_path, ME)
    assert history.new
    full = entry("b", started=2.5, duration=9.25, frames=77, reason="five in a row", file="x.p2preplay", me=1)
    history.put(full, ME)
    history.put(entry("a", "open", 3.0), ME)
    history.put(entry("c", started=1.0), ME)
    history.close()
    history = History(tmp_path, ME)
    assert not history.new
    assert [e.match for e in history.all()] == ["a", "b", "c"]
    assert [e.match for e in history.all(2)] == ["a", "b"]
    assert history.get("b") == full
    assert history.get("d") is None
    assert [e.match for e in history.open_matches()] == ["a"]
    history.delete("a")
    assert history.get("a") is None
    history.close()


def test_the_score_counts_what_was_decided_against_that_person(tmp_path: Path) -> None:
    history = History(tmp_path, ME)
    results = ["won", "lost", "won", "draw", "unfinished", "open", "lost", "won"]
    for number, result in enumerate(results):
        history.put(entry(str(number), result), ME)
    history.put(entry("other", "won", peer="c" * 26), ME)
    assert history.score(THEM) == Score(won=3, lost=2, drawn=1)
    assert history.score("d" * 26) == Score()
    history.close()


def test_a_match_of_two_of_our_windows_shows_as_ours_and_one_of_another_identity_shows_too(
    tmp_path: Path,
) -> None:
    mine, theirs = History(tmp_path, ME), History(tmp_path, THEM)
    mine.put(entry("a", "won"), ME)
    theirs.put(entry("a", "lost", peer=ME, me=1), THEM)
    theirs.put(entry("b", "open", peer="c" * 26), THEM)
    assert {(e.match, e.result) for e in mine.all()} == {("a", "won"), ("b", "open")}
    assert {(e.match, e.result) for e in theirs.all()} == {("a", "lost"), ("b", "open")}
    assert mine.open_matches() == []
    assert mine.open_files() == {""}
    mine.close_foreign_matches(before=0.0)
    assert [e.match for e in theirs.open_matches()] == ["b"]
    mine.close_foreign_matches(before=1.0)
    assert theirs.open_matches() == []
    for history in (mine, theirs):
        history.close()


def test_the_oldest_lines_go_but_not_the_open_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HISTORY_MAX", 4)
    history = History(tmp_path, ME)
    history.put(entry("open", "open", started=0.0), ME)
    for number in range(9):
        history.put(entry(str(number), started=1.0 + number), ME)
    assert [e.match for e in history.all()] == ["8", "7", "6", "open"]
    history.close()


def test_nonsense_in_a_line_leaves_out_that_line(tmp_path: Path) -> None:
    history = History(tmp_path, ME)
    history.put(entry("a"), ME)
    history.put(entry("b"), ME)
    db = sqlite3.connect(tmp_path / "history.db")
    with db:
        db.execute("UPDATE history SET frames = 'many' WHERE match = 'a'")
    db.close()
    assert [e.match for e in history.all()] == ["b"]
    history.close()


def test_pages_give_every_match_once_newest_first(tmp_path: Path) -> None:
    history = History(tmp_path, ME)
    for number in range(23):  # three at a time began in the same second
        history.put(entry(f"{number:02}", started=float(number // 3)), ME if number % 4 else THEM)
    history.put(entry("05", "lost", started=1.0), THEM)
    pages, after = [], None
    while page := history.page(5, after):
        pages.append(page)
        after = page[-1]
    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
    assert [e for page in pages for e in page] == history.all()
    assert history.count() == 23
    assert {e.result for e in history.all()} == {"won"}
    history.put(entry("new", started=99.0), ME)
    assert history.page(5, pages[0][-1]) == pages[1]
    history.close()


def test_a_page_is_read_by_an_index_not_by_sorting_everything(tmp_path: Path) -> None:
    history = History(tmp_path, ME)
    asked: list[str] = []
    history._rows._db.set_trace_callback(asked.append)
    history.page(5)
    history.page(5, entry("x", started=1.0))
    history._rows._db.set_trace_callback(None)
    for statement in asked:
        plan = history._rows.query(f"EXPLAIN QUERY PLAN {statement}")
        assert any("history_newest" in row[3] for row in plan), plan
        assert not any("TEMP B-TREE" in row[3] for row in plan), plan
    assert len(asked) == 2
    history.close()
