"""In a language in which every text of ours is marked, the command line shows no unmarked one."""

import argparse
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from p2pgame.cli.main import COMMANDS, build_parser, main
from p2pgame.cli.output import Printer
from p2pgame.core.game import Outcome
from p2pgame.i18n.catalogue import install
from p2pgame.i18n.rooms import LEFT_SENTENCES, MEMBER_LEFT_SENTENCES, SEAT_SENTENCES, VOTE_SENTENCES
from p2pgame.session import events as e
from tests.unit.i18n.pseudo import LANGUAGE, ONE_PROCESS, install_pseudo, unmarked

pytestmark = ONE_PROCESS

GOLDEN = Path(__file__).parents[2] / "golden"
WORDS = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture(autouse=True, scope="module")
def pseudo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        install_pseudo(tmp_path_factory.mktemp("locale"), monkeypatch)
        yield
    install("en")


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[str, str]:
    with contextlib.suppress(SystemExit):
        main([*map(str, argv), "--language", LANGUAGE])
    return capsys.readouterr()


def left(text: str, *known: object) -> list[str]:
    """The words of `text` that are not marked, but for what is `known` to be no text of ours."""
    text = unmarked(text)
    for part in known:
        text = text.replace(str(part), "")
    return WORDS.findall(text)


def parsers(
    parser: argparse.ArgumentParser, path: str = "p2pgame"
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield path, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                yield from parsers(child, f"{path} {name}")


def test_the_help_is_translated() -> None:
    ours = [
        (f"{path} {' '.join(action.option_strings)}{action.dest}", action.help)
        for path, parser in parsers(build_parser())
        for action in parser._actions
        if action.help is not argparse.SUPPRESS and action.dest not in ("help", "version", "files")
        if not isinstance(action, argparse._SubParsersAction)
    ]
    assert len(ours) > 80
    assert [name for name, text in ours if not (text or "").startswith("[!! ")] == []


def test_headings_and_descriptions_are_translated() -> None:
    for path, parser in parsers(build_parser()):
        assert (parser.description or "").startswith("[!! "), path
        assert parser.epilog is None or parser.epilog.startswith("[!! "), path
        titles = {group.title for group in parser._action_groups}
        ours = titles - {"positional arguments", "options", "optional arguments"}
        assert all(str(title).startswith("[!! ") for title in ours), path


def test_help_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        out, _ = run(capsys, command, "--help")
        assert "usage:" in out


PEER: dict[str, Any] = {
    "peer": "p" * 26, "name": "Ann", "tag": "PPPP", "instance": "i", "address": "10.0.0.1", "tcp_port": 1,
    "udp_port": 1, "via": ("mdns", "broadcast", "seed"), "status": "idle", "games": ("pong",),
}  # fmt: skip
INVITE: dict[str, Any] = {"invite": "00", "peer": "p" * 26, "name": "Ann", "game": "gomoku"}
MATCH: dict[str, Any] = {"match": "00"}
ROOM: dict[str, Any] = {"room": "00"}
ENDED: dict[str, Any] = {"frames": 3, "hash": "00", "stats": e.Stats(), **MATCH}
DESYNC: dict[str, Any] = {"frame": 7, "ours": "00", "theirs": "11", "path": None, **MATCH}
EVENTS: list[e.Event] = [
    e.Announcing(peer="p" * 26, name="Ann", instance="i", tcp_port=1, udp_port=1, discovery_port=1, interfaces=("lo",)),
    e.PeerFound(**PEER, compatible=True, reason=""),
    e.PeerFound(**PEER, compatible=False, reason="no_common_game"),
    e.PeerFound(**PEER, compatible=False, reason="code_of_tomorrow"),
    e.PeerLost(peer="p" * 26, name="Ann", instance="i", reason="goodbye"),
    e.PeerLost(peer="p" * 26, name="Ann", instance="i", reason="expired"),
    e.InviteSent(**INVITE, expires=1.0),
    e.InviteReceived(**INVITE, expires=1.0, config={}, rematch=False),
    e.InviteAccepted(**INVITE),
    e.InviteExpired(**INVITE),
    *(e.InviteCancelled(**INVITE, reason=r) for r in ("cancelled", "vanished", "superseded", "what_is_this")),
    e.HostElected(**MATCH, host="p" * 26, players=(), epoch=1),
    e.MatchStarted(
        **MATCH, game="gomoku", host="p" * 26, players=(), names=("Ann", "Ann", "Ann"), me=0, tick_rate=0, input_delay=0
    ),
    e.Move(**MATCH, frame=1, player=0, move="H8"),
    *(e.MatchPaused(**MATCH, reason=r) for r in ("connection", "closed", "restarted", "desync", "other")),
    e.MatchResumed(**MATCH, reason="connection"),
    e.MatchResumable(**MATCH, game="gomoku", peer="p" * 26, name="Ann", frames=1, started=0.0),
    e.MatchDesync(**DESYNC),
    e.MatchDesync(**DESYNC, differences=("x: 1 ≠ 2",), mended=True, taken="ours"),
    e.MatchDesync(**DESYNC, mended=True, taken="theirs"),
    *(
        e.MatchEnded(**ENDED, outcome=Outcome(winners=winners, reason=reason))
        for winners, reason in (((0,), "five in a row"), ((), "board full"), ((1,), "resigned"), ((), "frame limit"))
    ),
    e.ErrorEvent(code="silent"),
    e.ErrorEvent(code="code_of_tomorrow"),
    e.ErrorEvent(code="illegal_move", params={"reason": "{point} is taken", "point": "H8"}),
    e.ErrorEvent(code="not_now", params={"reason": "no_match_played"}),
    e.RoomFound(**ROOM, name="Ann", game="tron", leader="p" * 26, seats=4, taken=1, running=True, locked=True),
    e.RoomLost(**ROOM, name="Ann"),
    e.RoomOffered(**ROOM, peer="p" * 26, name="Ann", game="tron"),
    e.RoomJoined(**ROOM, leader="p" * 26, game="tron"),
    *(e.RoomLeft(**ROOM, reason=r) for r in (*LEFT_SENTENCES, "of_tomorrow")),
    e.MemberJoined(**ROOM, peer="p" * 26, name="Ann"),
    *(e.MemberLeft(**ROOM, peer="p" * 26, name="Ann", reason=r) for r in MEMBER_LEFT_SENTENCES),
    *(e.SeatChanged(**ROOM, seat=1, kind=k, peer="", name="Ann") for k in SEAT_SENTENCES if k != "person"),
    e.LeaderChanged(**ROOM, peer="p" * 26, name="Ann"),
    e.RoundStarting(**ROOM, seconds=3.0),
    e.RoundStarting(**ROOM, seconds=0.0),
    *(
        e.VoteStarted(**ROOM, peer="p" * 26, name="Ann", kind=k, argument="tron", seconds=20.0)
        for k in VOTE_SENTENCES if k != "kick"
    ),
    e.VoteEnded(**ROOM, kind="restart", argument="", passed=True),
    e.VoteEnded(**ROOM, kind="restart", argument="", passed=False),
    e.HostChanged(**MATCH, host="p" * 26, name="Ann", epoch=1),
    e.Spectating(**MATCH, frame=9),
]  # fmt: skip


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_are_translated(capsys: pytest.CaptureFixture[str], event: e.Event) -> None:
    printer = Printer(json=False)
    printer.event(0.0, EVENTS[15])
    capsys.readouterr()
    printer.event(0.0, event)
    out = capsys.readouterr().out
    assert "[!! " in out
    assert left(out) == []


def test_the_game_speaks_too(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer(json=False)
    for event in EVENTS:
        printer.event(0.0, event)
    out = capsys.readouterr().out
    for text in ("[!! five in a row !!]", "[!! Gomoku !!]", "[!! H8 is taken !!]", "[!! resigned !!]"):
        assert text in out


def test_the_games_are_listed_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = run(capsys, "games")
    assert err == ""
    for line in out.splitlines():
        name, *_ = line.split()
        assert left(line.removeprefix(name).rpartition(",")[0]) == []


def test_a_check_is_told_in_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "frogs").mkdir()
    rules = tmp_path / "frogs" / "rules.py"
    rules.write_text("import random\nx = 1 / 2\nfor y in {1}: pass\nclass GAME: name = 'BAD'\n", "utf-8")
    out, err = run(capsys, "check", tmp_path / "frogs")
    assert err == ""
    assert out.count("[!! ") == 8
    assert left(out, tmp_path / "frogs", "rules.py", "import:") == []


@pytest.mark.parametrize(
    "argv",
    [
        ("check", "no-such-game"),
        ("bot", "--game", "chess"),
        ("replay", "verify", "x", "--at", "3"),
        ("replay", "diff", "a", "b", "c"),
        ("peers", "--data-dir", "/dev/null/x"),
    ],
    ids=" ".join,
)
def test_errors_are_told_in_words(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...]) -> None:
    out, err = run(capsys, *argv)
    assert out == ""
    assert err.startswith("p2pgame: [!! ")
    assert left(err, "p2pgame: ") == []


@pytest.mark.parametrize(
    "argv",
    [
        ("show", "gomoku-freestyle"),
        ("show", "tron-walls"),
        ("verify", "pong"),
        ("diff", "gomoku-freestyle", "gomoku-standard"),
        ("diff", "gomoku-freestyle", "gomoku-freestyle"),
    ],
    ids=" ".join,
)
def test_replays_are_shown_in_words(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...]) -> None:
    command, *names = argv
    files = [GOLDEN / f"{name}.p2preplay" for name in names]
    out, err = run(capsys, "replay", command, *files)
    assert err == ""
    lines = [line for line in out.splitlines() if not re.match(r" *[A-O] [A-O]|.*[.+XO] [.+XO]", line)]
    assert "[!! " in lines[0]
    for line in lines:
        if "≠" in line:  # a field and its two values
            continue
        assert left(line, *files, "Ann", "Ben", "seed: ", "pong", "gomoku", "tron") == [], line
