"""docs/protocol.md names everything that the program has: messages, phases, codes, decisions, ends, games and bounds.

Each test fails when one is added and not documented. The vectors are checked by `test_vectors`.
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

import msgspec
import pytest

import p2pgame
from p2pgame.core.game import EndedBy, Outcome, Setup
from p2pgame.core.registry import Registry
from p2pgame.core.rng import Rng
from p2pgame.core.snapshot import encode
from p2pgame.core.terms import ClockTerms
from p2pgame.games.pong import rules as pong
from p2pgame.games.tron import rules as tron
from p2pgame.netcode.decisions import DECISIONS_MAX, justified
from p2pgame.session.link import Link
from p2pgame.session.lobby import Lobby
from p2pgame.session.match import Match
from p2pgame.session.message_table import Rule, Scope
from p2pgame.wire import bounds, decisions
from p2pgame.wire import messages as m
from p2pgame.wire.codes import CloseCode, Trait
from tests.unit.session.sides import ANN
from tests.unit.wire.samples import SAMPLES
from tests.vectors.files import outputs
from tests.vectors.session import GAMES
from tests.vectors.vector import blocks

DOCS = Path(__file__).parents[2] / "docs"
PACKAGE = Path(p2pgame.__file__).parent
PAGES = ("protocol.md", "conformance.md", "threats.md", "replays.md")

NEVER_SENT = {
    "bad_certificate",
    "bad_datagram",
    "bad_prologue",
    "handshake_failed",
    "not_p2pgame",
    "too_many",
    "wrong_peer",
}
"""Faults of datagrams, and of a connection before its first message."""


@cache
def page() -> str:
    return (DOCS / "protocol.md").read_text("utf-8")


def section(title: str) -> str:
    """The text under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", page(), re.DOTALL | re.MULTILINE)
    assert found, f"no section {title}"
    return found[1]


def rows(text: str, head: str) -> Iterator[list[str]]:
    """The cells of the table whose first line begins with `head`."""
    table = text.split(f"{head}", 1)[1].split("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def name(cell: str) -> str:
    return cell.strip("`")


# --- messages


def test_every_message_and_field_is_listed() -> None:
    listed: dict[str, list[str]] = {}
    kind = ""
    for cells in rows(section("Messages"), "| type | field |"):
        kind = name(cells[0]) or kind
        listed.setdefault(kind, []).append(name(cells[1]))
    real: dict[str, list[str]] = {}
    for sample in SAMPLES:
        fields: dict[str, Any] = msgspec.msgpack.decode(m.encode_message(sample))
        kind = fields.pop("type")
        real[kind] = list(fields)
    assert {kind: sorted(fields) for kind, fields in listed.items()} == {
        kind: sorted(fields) for kind, fields in real.items()
    }
    assert len(real) == len(m.Message.__subclasses__())


def test_every_field_that_may_be_absent_says_so() -> None:
    marked: set[tuple[str, str]] = set()
    kind = ""
    for cells in rows(section("Messages"), "| type | field |"):
        kind = name(cells[0]) or kind
        if "may be absent" in cells[2]:
            marked.add((kind, name(cells[1])))
    real = {
        (str(one.__struct_config__.tag), field.encode_name)
        for one in m.Message.__subclasses__()
        for field in msgspec.structs.fields(one)
        if not field.required
    }
    assert marked == real


def registered() -> dict[str, tuple[str, set[str], set[str]]]:
    """Type to scope, phases in which it is handled, and in which it is ignored; from the tables of the program."""
    lobby = Lobby(ANN, "Ann", Registry([]), bytes)
    found = {}
    for kind, (scope, rule) in cast("dict[Any, tuple[Scope, Rule]]", lobby._table._rules).items():
        found[kind] = (scope.name, _names(rule.phases), _names(rule.ignored))
    for kind, own in Match.RULES.items():
        found[kind] = ("match", _names(own.phases), _names(own.ignored))
    for kind, of_link in Link.RULES.items():
        found[kind] = ("link", _names(of_link.states), set())
    return {str(kind.__struct_config__.tag): row for kind, row in found.items()}


def _names(phases: Any) -> set[str]:
    return {cast("Enum", phase).value for phase in phases}


def test_every_message_has_its_scope_and_phases() -> None:
    listed = {
        name(cells[0]): (cells[1], *({*cell.split(", ")} - {""} for cell in cells[3:5]))
        for cells in rows(section("When a message may come"), "| type | scope |")
    }
    assert listed == registered()
    assert len(listed) == len(m.Message.__subclasses__())


def test_every_request_is_described() -> None:
    listed = [name(cells[0]) for cells in rows(section("Requests"), "| `what` |")]
    assert sorted(listed) == sorted(kind.value for kind in m.RequestKind)


# --- ends


def codes() -> dict[str, list[str]]:
    return {
        name(cells[0]): [word for word in cells[2].split(", ") if word]
        for cells in rows(section("Ends of a link"), "| code | why |")
    }


@pytest.mark.parametrize("code", [code for code in CloseCode if code is not CloseCode.UNKNOWN])
def test_every_code_of_a_link_has_its_properties(code: CloseCode) -> None:
    real = {str(trait.name).lower() for trait in Trait if trait and trait in code.traits}
    assert set(codes()[code.text]) == real


def test_every_other_code_has_no_property() -> None:
    assert {code for code, properties in codes().items() if properties} == {
        code.text for code in CloseCode if code.traits
    }


def test_every_property_is_explained() -> None:
    listed = {name(cells[0]) for cells in rows(section("Ends of a link"), "| property |")}
    assert listed == {str(trait.name).lower() for trait in Trait if trait}


_SENT = re.compile(
    r'(?:RemoteProtocolError|(?:self|link|_connections)\.close|_broken|\b_break)\(\s*(?:[\w.\[\]]+,\s*)?"([a-z0-9_]+)"'
)


def test_every_code_that_the_program_sends_is_listed() -> None:
    sent = {code.text for code in CloseCode} - {CloseCode.UNKNOWN.text}
    for floor in ("wire", "netcode", "session", "net"):
        for path in sorted((PACKAGE / floor).rglob("*.py")):
            sent |= set(_SENT.findall(path.read_text("utf-8")))
    assert sent >= NEVER_SENT
    assert sent - NEVER_SENT == set(codes())


def test_every_reason_to_decline_is_listed() -> None:
    listed = {name(cells[0]) for cells in rows(section("Invitation"), "| reason | when |")}
    source = "".join(path.read_text("utf-8") for path in (PACKAGE / "session" / "invite").glob("*.py"))
    found = set(re.findall(r'_refuse\(link, message, "(\w+)"\)', source))
    elsewhere = {
        "declined",
        "too_soon",
        "wrong_number_of_players",
    }  # of the player, the limiter, `check_players`
    assert listed == found | elsewhere


def test_every_way_in_which_a_match_ends_is_described() -> None:
    listed = {
        name(cells[0]): cells[2].strip("`") for cells in rows(section("How a match ends"), "| `ended_by` |")
    }
    assert set(listed) == {ended_by.value for ended_by in EndedBy}
    for ended_by in EndedBy:
        if ended_by not in (EndedBy.RULES, EndedBy.FAULT):
            assert listed[ended_by.value] == Outcome.by(ended_by).reason


# --- decisions


def kinds() -> dict[str, Any]:
    return {str(kind.__struct_config__.tag): kind for kind in get_args(decisions.DecisionBody)}


def test_every_kind_of_decision_is_described_with_its_fields() -> None:
    listed = {
        name(cells[0]): set(words(cells[1])) for cells in rows(section("Decisions"), "| kind | fields |")
    }
    assert listed == {tag: set(kind.__struct_fields__) for tag, kind in kinds().items()}


def test_the_justified_ends_are_listed() -> None:
    listed = [
        word
        for cells in rows(section("Decisions"), "| `ended_by` | justified if |")
        for word in words(cells[0])
    ]
    whats = [
        decisions.Resigned(1),
        decisions.DrawAgreed(),
        decisions.Claimed(0),
        decisions.Flagged(1, 60_000),
    ]
    clock = ClockTerms(main=60_000)
    possible = {
        ended_by.value
        for ended_by in EndedBy
        for winners in ((), (0,))
        if justified(Outcome.by(ended_by, winners), 2, whats, clock)
    }
    assert set(listed) == possible


def test_the_bounds_of_the_log() -> None:
    text = section("Decisions")
    assert f"{DECISIONS_MAX:,} entries" in text
    assert f"at most {decisions.DECISION_MAX} bytes" in text


# --- games


@pytest.mark.parametrize("plugin", GAMES, ids=lambda plugin: plugin.game.name)
def test_the_fields_of_a_game_are_listed_in_the_order_of_their_encoding(plugin: Any) -> None:
    game = plugin.game
    listed: dict[str, list[str]] = {}
    part = ""
    for cells in rows(section(game.title), "| | field |"):
        part = cells[0] or part
        listed.setdefault(part, []).append(name(cells[1]))
    state = game.initial(Setup(2, 1, game.config_type()))
    assert listed["state"] == list(msgspec.msgpack.decode(encode(state)))
    assert listed["configuration"] == list(msgspec.msgpack.decode(encode(game.config_type())))
    for kind in get_args(game.input_type) or (game.input_type,):
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            assert listed["input"] == list(kind.__struct_fields__)


@pytest.mark.parametrize("plugin", GAMES, ids=lambda plugin: plugin.game.name)
def test_the_default_of_every_option_is_listed(plugin: Any) -> None:
    game = plugin.game
    listed = {
        name(cells[1]): name(cells[3])
        for cells in rows(section(game.title), "| | field |")
        if cells[3] and cells[0] in ("configuration", "")
    }
    for option, value in msgspec.to_builtins(game.config_type()).items():
        assert listed[option] == str(value)


@pytest.mark.parametrize("kind", [pong.Ball, pong.Paddle, pong.CourtEvent, tron.Rider, Rng])
def test_the_tuples_have_their_fields(kind: Any) -> None:
    assert kind.__struct_config__.array_like
    assert f"({', '.join(kind.__struct_fields__)})" in page()


@pytest.mark.parametrize("plugin", GAMES, ids=lambda plugin: plugin.game.name)
def test_every_outcome_word_of_a_game_is_listed(plugin: Any) -> None:
    source = (PACKAGE / "games" / plugin.game.name / "rules.py").read_text("utf-8")
    told = set()
    for call in re.findall(r"Outcome\(winners=.*?reason=(.*?)\)\n", source + "\n"):
        told |= set(re.findall(r'"([a-z ]+)"', call))
    told |= set(re.findall(r'reason="([a-z ]+)"', source))
    listed = {name(cells[0]) for cells in rows(section(plugin.game.title), "| reason | winners |")}
    assert listed == told
    assert told


# --- bounds and the page itself


def test_every_bound_is_listed_with_its_value() -> None:
    listed = {
        name(cells[0]): cells[1].replace(",", "") for cells in rows(section("Bounds"), "| name | value |")
    }
    real = {
        key: f"{value:g}" if isinstance(value, float) else str(value)
        for key, value in vars(bounds).items()
        if key.isupper() and isinstance(value, (int, float))
    }
    assert listed == real


def test_every_vector_of_the_page_is_computed() -> None:
    assert set(blocks(page())) <= set(outputs())
    assert set(outputs()) - set(blocks(page())) == {"messages", "pictures"}


def test_the_protocol_number_of_the_page() -> None:
    assert f"for protocol {bounds.PROTOCOL}." in page()
    assert f"u32: {bounds.PROTOCOL}" in section("Messages")


def anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("source", PAGES)
def test_every_link_leads_somewhere(source: str) -> None:
    text = (DOCS / source).read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        file, _, anchor = target.partition("#")
        path = DOCS / (file or source)
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text("utf-8")), target
