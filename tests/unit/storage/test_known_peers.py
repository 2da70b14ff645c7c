"""What is remembered of peers, across runs, processes and damage."""

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pgame.core.errors import P2PGameError
from p2pgame.session.people.known_peer import KnownPeer
from p2pgame.storage import known_peers as module
from p2pgame.storage.known_peers import KnownPeers


@pytest.fixture
def known(tmp_path: Path) -> Iterator[KnownPeers]:
    peers = KnownPeers(tmp_path)
    yield peers
    peers.close()


def test_what_is_decided_is_there_after_a_restart(tmp_path: Path) -> None:
    known = KnownPeers(tmp_path)
    known.met("a", "Ann", 10.0)
    known.set_verified("a", "Ann")
    known.set_blocked("b", "Ben")
    known.set_muted("c", "Cho")
    known.close()
    known = KnownPeers(tmp_path)
    assert known.all() == [
        KnownPeer(peer="a", name="Ann", own_name="Ann", verified=True, met_at=10.0),
        KnownPeer(peer="b", name="Ben", own_name="Ben", blocked=True),
        KnownPeer(peer="c", name="Cho", own_name="Cho", muted=True),
    ]
    known.set_blocked("b", "Ben", blocked=False)
    known.set_muted("c", "Cho", muted=False)
    known.set_verified("a", "Ann", verified=False)
    assert not any(peer.verified or peer.blocked or peer.muted for peer in known.all())
    known.forget("a")
    assert known.get("a") is None
    known.close()


def test_a_name_we_gave_stays_and_one_it_gave_itself_follows(known: KnownPeers) -> None:
    known.met("a", "Ann", 1.0)
    known.met("a", "Anna", 2.0)
    assert known.get("a") == KnownPeer(peer="a", name="Anna", own_name="Anna", met_at=2.0)
    known.rename("a", "Sis")
    known.met("a", "Ann", 3.0)
    assert known.get("a") == KnownPeer(peer="a", name="Sis", own_name="Ann", met_at=3.0)
    known.rename("nobody", "x")
    assert known.get("nobody") is None


def test_meeting_changes_nothing_that_was_decided(known: KnownPeers) -> None:
    for name in ("verified", "blocked", "muted"):
        getattr(known, f"set_{name}")("a", "Ann")
    known.met("a", "Ann", 9.0)
    assert known.get("a") == KnownPeer(
        peer="a", name="Ann", own_name="Ann", verified=True, blocked=True, muted=True, met_at=9.0
    )


def test_two_processes_share_the_file(tmp_path: Path) -> None:
    one, other = KnownPeers(tmp_path), KnownPeers(tmp_path)
    assert not other.changed()
    one.set_blocked("a", "Ann")
    assert other.changed()
    assert not other.changed()
    assert other.all() == one.all() != []
    other.met("b", "Ben", 1.0)
    assert not other.changed(), "what we wrote ourselves is no news"
    assert one.changed()
    one.close()
    other.close()


def test_the_oldest_of_whom_nothing_is_decided_is_forgotten_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KNOWN_MAX", 5)
    known = KnownPeers(tmp_path)
    known.met("pinned", "P", 0.0)
    known.set_verified("pinned", "P")
    known.set_blocked("blocked", "B")
    for number in range(10):
        known.met(str(number), "x", 1.0 + number)
    assert {peer.peer for peer in known.all()} == {"pinned", "blocked", "7", "8", "9"}
    for number in range(10):
        known.set_muted(f"m{9 - number}", "x")
    assert len(known.all()) == 5
    assert known.get("m0") is not None, "the newest decision is kept"
    known.close()


@pytest.mark.parametrize("damage", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_kept_aside_with_one_line(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "known.db").write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        known = KnownPeers(tmp_path)
    assert len(caplog.records) == 1
    assert (tmp_path / "known.db.kept-1").read_bytes() == damage
    known.met("a", "Ann", 1.0)
    assert len(known.all()) == 1
    known.close()


def test_a_file_damaged_inside_is_found_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    known = KnownPeers(tmp_path)
    for number in range(300):
        known.met(f"{number:026}", "x" * 24, float(number))
    known.close()
    data = bytearray((tmp_path / "known.db").read_bytes())
    data[-8192:] = b"\x55" * 8192
    (tmp_path / "known.db").write_bytes(data)
    known = KnownPeers(tmp_path)
    assert len(caplog.records) == 1
    assert 0 < len(known.all()) < 300, "what stands before the damage is taken over"
    known.close()


def test_nonsense_in_a_line_leaves_out_that_line(tmp_path: Path, known: KnownPeers) -> None:
    known.met("a", "Ann", 1.0)
    db = sqlite3.connect(tmp_path / "known.db")
    with db:
        db.execute("INSERT INTO known VALUES ('b', 'Ben', 'Ben', 'perhaps', 0, 0, 0)")
    db.close()
    assert [peer.peer for peer in known.all()] == ["a"]


def test_a_place_that_cannot_be_used_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(P2PGameError) as error:
        KnownPeers(tmp_path / "file")
    assert "known.db" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_write_that_fails_is_told_and_changes_nothing(tmp_path: Path, known: KnownPeers) -> None:
    known.met("a", "Ann", 1.0)
    other = sqlite3.connect(tmp_path / "known.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(P2PGameError, match="locked"):
        known.forget("a")
    other.execute("ROLLBACK")
    other.close()
    assert known.get("a") is not None
    known.forget("a")
    assert known.get("a") is None
