"""Which match is gone on with after the program was ended, and what is read of it."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from p2pgame.core.registry import Registry
from p2pgame.core.snapshot import encode
from p2pgame.replay.codec import MAGIC, encode_record
from p2pgame.replay.records import Decided, Header, Inputs, Note, Repaired
from p2pgame.storage.history import History, entry_of
from p2pgame.storage.interrupted import (
    ADJOURNED_MAX,
    RESUMABLE_FOR,
    Interrupted,
    find_adjourned,
    find_interrupted,
    newest_ends,
)
from p2pgame.wire.decisions import Adjourned, Decision, encode_decision
from tests.unit.storage.matches import ME, REGISTRY, THEM, end, header, match_id, play, raw

NOW = time.time()


def leave(
    data_dir: Path, about: Header, moves: int, *more: Any, own: str = ME, cut: int = 0, every: int = 4
) -> Path:
    """What a program that was killed after so many moves leaves behind."""
    records = [record for step in play(about, moves, every) for record in step[3]]
    data = MAGIC + b"".join(encode_record(record) for record in [*records, *more])
    path = data_dir / "replays" / f"{about.match}.p2preplay"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data[: len(data) - cut])
    history = History(data_dir, own)
    history.put(entry_of(about, path.name), own)
    history.close()
    return path


def find(
    data_dir: Path, registry: Registry = REGISTRY, me: str = ME, now: float | None = None
) -> Interrupted | None:
    return find_interrupted(data_dir, me, registry, time.time() if now is None else now)


def results(data_dir: Path) -> dict[str, str]:
    history = History(data_dir, ME)
    try:
        return {entry.match: entry.result for entry in history.all()}
    finally:
        history.close()


@pytest.mark.parametrize("moves", [0, 1, 3, 4, 9, 30])
def test_all_that_is_needed_to_go_on_is_read(tmp_path: Path, moves: int) -> None:
    about = header(started=NOW)
    steps = list(play(about, moves))
    path = leave(tmp_path, about, moves)
    found = find(tmp_path)
    assert found is not None
    saved = found.saved
    assert (saved.header, saved.state, saved.chain) == (about, steps[-1][1], steps[-1][2])
    assert saved.log == tuple(raw(step[0]) for step in steps[1:])
    assert encode(saved.config) == about.config
    assert (found.file, found.whole) == (path.name, path.stat().st_size)
    assert results(tmp_path) == {about.match: "open"}


def test_of_a_file_that_was_cut_anywhere_the_whole_moves_are_read(tmp_path: Path) -> None:
    about = header(started=NOW)
    steps = list(play(about, 9))
    path = leave(tmp_path, about, 9)
    data = path.read_bytes()
    seen = set()
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        found = find(tmp_path)
        if found is None:
            assert cut < len(MAGIC) + len(encode_record(about))
            leave(tmp_path, about, 0)  # it was given up, and is open again for the next cut
            continue
        moves = len(found.saved.log)
        seen.add(moves)
        assert (found.saved.state, found.saved.chain) == (steps[moves][1], steps[moves][2])
        assert found.whole <= cut
    assert seen == set(range(10))


def test_the_newest_is_found_and_the_others_are_given_up(tmp_path: Path) -> None:
    for number in range(3):
        leave(tmp_path, header(match=number, started=NOW - 100 + number), 4)
    found = find(tmp_path)
    assert found is not None
    assert found.saved.header.match == match_id(2)
    assert results(tmp_path) == {match_id(0): "unfinished", match_id(1): "unfinished", match_id(2): "open"}


def test_what_is_known_of_a_match_that_was_given_up_is_in_the_history(tmp_path: Path) -> None:
    path = leave(tmp_path, header(started=NOW - 500), 7)
    os.utime(path, (NOW - 440,) * 2)
    assert find(tmp_path, Registry([])) is None
    history = History(tmp_path, ME)
    (entry,) = history.all()
    assert (entry.result, entry.ended_by, entry.frames) == ("unfinished", "interrupted", 7)
    assert entry.duration == pytest.approx(60, abs=1)
    assert entry.file == path.name, "it can still be watched"
    history.close()
    assert newest_ends(tmp_path, ME) == [], "nobody has ended it"


def test_where_the_newest_cannot_be_read_the_one_before_is_found(tmp_path: Path) -> None:
    leave(tmp_path, header(match=1, started=NOW - 50), 4)
    leave(tmp_path, header(match=2, started=NOW), 4).write_bytes(b"garbage")
    found = find(tmp_path)
    assert found is not None
    assert found.saved.header.match == match_id(1)
    assert results(tmp_path)[match_id(2)] == "unfinished"


def test_what_cannot_be_gone_on_with_is_unfinished(tmp_path: Path) -> None:
    other_rules = header(match=1, started=NOW, digest="0" * 16)
    stranger = header(match=2, started=NOW, players=(THEM, "c" * 26), host=THEM)
    leave(tmp_path, other_rules, 2)
    leave(tmp_path, stranger, 2)
    leave(tmp_path, header(match=4, started=NOW), 2).unlink()
    old = leave(tmp_path, header(match=5, started=NOW), 2)
    os.utime(old, (NOW - RESUMABLE_FOR - 60,) * 2)
    another = leave(tmp_path, header(match=3, started=NOW), 2).read_bytes()
    leave(tmp_path, header(match=6, started=NOW), 2).write_bytes(another)
    bad_move = Inputs(first=2, runs=((1, (encode("nonsense"), None)),), hashes=b"1234", chain=b"c" * 16)
    leave(tmp_path, header(match=8, started=NOW), 2, bad_move, every=0)
    before = results(tmp_path)
    found = find(tmp_path)
    assert found is not None
    assert found.saved.header.match == match_id(3)
    gone = dict.fromkeys(before, "unfinished")
    assert results(tmp_path) == gone | {match_id(3): "open"}
    assert find(tmp_path, Registry([])) is None, "the game is not here any more"
    assert results(tmp_path) == gone


def test_an_end_that_did_not_reach_the_history_is_taken_over(tmp_path: Path) -> None:
    leave(tmp_path, header(started=NOW), 3, end(winners=(1,), ended=NOW + 60))
    assert find(tmp_path) is None
    assert results(tmp_path) == {match_id(1): "lost"}


def test_a_match_that_was_about_to_go_on_from_another_state(tmp_path: Path) -> None:
    about = header(started=NOW)
    steps = list(play(about, 4))
    skipped = Inputs(first=2, runs=steps[3][3][0].runs + steps[4][3][0].runs, hashes=b"", chain=steps[4][2])
    caught_up = Repaired(frame=4, state=encode(steps[4][1]), chain=steps[4][2], reason="caught_up")
    leave(tmp_path, about, 2, skipped, caught_up, every=0)
    found = find(tmp_path)
    assert found is not None
    assert (len(found.saved.log), found.saved.state, found.saved.chain) == (4, steps[4][1], steps[4][2])
    leave(tmp_path, about, 2, skipped, every=0)
    assert find(tmp_path) is None


def test_the_matches_of_another_identity_are_left_alone_for_a_day(tmp_path: Path) -> None:
    about = header(started=NOW, me=1)
    leave(tmp_path, about, 3, own=THEM)
    assert find(tmp_path, now=NOW) is None
    assert results(tmp_path) == {about.match: "open"}
    assert find(tmp_path, now=NOW + RESUMABLE_FOR + 1) is None
    assert results(tmp_path) == {about.match: "unfinished"}


def test_nothing_is_found_where_nothing_was_played(tmp_path: Path) -> None:
    assert find(tmp_path) is None


# --- adjourned

ASIDE = Decided(entry=encode_decision(Decision(epoch=1, index=1, frame=3, what=Adjourned(thought=()))))


def waiting(data_dir: Path, now: float | None = None) -> list[Interrupted]:
    return find_adjourned(data_dir, ME, REGISTRY, time.time() if now is None else now)


@pytest.mark.parametrize("days", [0, 400])
def test_adjourned_matches_wait_for_any_time_beside_one_that_was_interrupted(
    tmp_path: Path, days: int
) -> None:
    for match in (1, 2):
        leave(tmp_path, header(match=match, started=NOW + match), 3, ASIDE)
    leave(tmp_path, header(match=3, started=NOW + 3), 3)
    later = time.time() + 24 * 3600 * days
    found = find(tmp_path, now=later)
    assert (found is None) == (days > 0)
    aside = waiting(tmp_path, later)
    assert [one.saved.header.match for one in aside] == [match_id(1), match_id(2)]
    assert all(one.saved.adjourned and one.saved.adjourn_offered is None for one in aside)
    assert [results(tmp_path)[match_id(n)] for n in (1, 2)] == ["adjourned"] * 2
    assert [one.saved.header.match for one in waiting(tmp_path, later)] == [match_id(1), match_id(2)]
    assert newest_ends(tmp_path, ME) == []


def test_one_that_went_on_is_interrupted(tmp_path: Path) -> None:
    leave(tmp_path, header(started=NOW), 3, ASIDE, Note(frame=3, what="running"))
    found = find(tmp_path)
    assert found is not None
    assert not found.saved.adjourned
    assert waiting(tmp_path) == []


def test_what_the_history_did_not_hear_of_stands_in_the_file(tmp_path: Path) -> None:
    path = leave(tmp_path, header(started=NOW), 3, ASIDE)
    assert find(tmp_path) is None
    history = History(tmp_path, ME)
    assert [(one.result, one.frames) for one in history.all()] == [("adjourned", 3)]
    history.close()
    path.write_bytes(path.read_bytes() + encode_record(Note(frame=3, what="running")) + encode_record(end()))
    assert waiting(tmp_path) == []
    assert results(tmp_path) == {match_id(1): "won"}


def test_the_newest_adjourned_matches_are_read(tmp_path: Path) -> None:
    for match in range(ADJOURNED_MAX + 2):
        leave(tmp_path, header(match=match, started=NOW + match), 0, ASIDE)
    find(tmp_path)
    assert [one.saved.header.match for one in waiting(tmp_path)] == [
        match_id(n) for n in range(2, ADJOURNED_MAX + 2)
    ]
