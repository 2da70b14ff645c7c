"""docs/protocol.md says what the program does: its vectors, messages, codes and bounds are read out of the page."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

import p2pgame
from p2pgame.core.game import Setup
from p2pgame.core.ids import peer_id_of
from p2pgame.core.snapshot import state_hash
from p2pgame.games.gomoku.rules import GAME, Config, Move
from p2pgame.replay.chain import first_link, link
from p2pgame.session.invite.election import commit, crossing_rank, elect
from p2pgame.session.match_session import REFUSALS
from p2pgame.session.people.verification import commitment, short_code
from p2pgame.wire import bounds
from p2pgame.wire import messages as m
from p2pgame.wire.framing import FrameBuffer, frame
from p2pgame.wire.packet import Packet, decode_packet, encode_packet
from p2pgame.wire.prologue import TEXT_ANSWER, prologue
from p2pgame.wire.sealed import Opener, Sealer, derive_keys
from tests.unit.wire.samples import SAMPLES

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
PACKAGE = Path(p2pgame.__file__).parent

INVITE = bytes(range(16))
A, B = peer_id_of(bytes(32)), peer_id_of(b"\1" * 32)
FACTS = {A: m.Candidate(), B: m.Candidate(wired=True, priority=-5)}
NONCES = {A: b"\xaa" * 32, B: b"\xbb" * 32}


@cache
def page() -> str:
    return PAGE.read_text("utf-8")


def section(title: str) -> str:
    found = re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", page(), re.DOTALL | re.MULTILINE)
    assert found, f"no section {title}"
    return found[1]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every row of the tables in `text`, heads left out."""
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith(
            ("| type | field", "| name | value", "| code | why")
        ):
            yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def frames() -> str:
    said = (m.Heartbeat(nonce=1), m.HeartbeatAck(nonce=1), m.Close(code="bye"))
    return "".join(frame(m.encode_message(message)).hex() for message in said)


def election() -> str:
    result = elect(INVITE, FACTS, NONCES)
    return "\n".join(
        (result.host, result.players[0], result.match, f"{result.seed:016x}", result.token.hex())
    )


def board(*moves: int) -> str:
    state = GAME.initial(Setup(players=2, seed=1, config=Config()))
    for point in moves:
        state = GAME.advance(state, (Move(point), None))
    return state_hash(state).hex()


def invite() -> str:
    message = m.Invite(
        invite=INVITE,
        game="gomoku",
        digest="fedcba9876543210",
        config=b"\x80",
        frames=0,
        rematch_of=None,
        commitment=b"\xcc" * 32,
        candidate=m.Candidate(),
    )
    return m.encode_message(message).hex()


def move() -> str:
    data = msgspec.msgpack.encode({"point": 112})
    return m.encode_message(m.Input(match="0123456789abcdef", frame=3, data=data)).hex()


def packet() -> bytes:
    return encode_packet(
        Packet(
            first=65537,
            inputs=(b"\0",) * 3 + (b"\3",),
            ack=65535,
            advantage=-1,
            echo=(42, 7),
            hash=(65534, bytes.fromhex("812e081679ce")),
        )
    )


def keys() -> tuple[bytes, bytes]:
    return derive_keys("0123456789abcdef", b"\xaa" * 32, b"\xbb" * 32)


def sealed() -> str:
    sealer = Sealer(keys()[0])
    sealer.sequence = 65538
    return sealer.seal(packet()).hex()


def code() -> str:
    shown = short_code(A, B, NONCES[A], NONCES[B])
    return " ".join((shown.digits, *map(str, shown.pictures)))


def chain() -> str:
    first = first_link(bytes.fromhex(board()))
    move = msgspec.msgpack.encode({"point": 112})
    return first.hex() + link(first, (move, None), bytes.fromhex(board(112))).hex()


VECTORS: dict[str, Callable[[], str]] = {
    "id-a": lambda: A,
    "id-b": lambda: B,
    "prologue": lambda: prologue(b"\x30\x82").hex(),
    "text-answer": lambda: TEXT_ANSWER.decode("ascii").removesuffix("\r\n"),
    "frames": frames,
    "invite": invite,
    "input": move,
    "commitment-a": lambda: commit(INVITE, A, FACTS[A], NONCES[A]).hex(),
    "commitment-b": lambda: commit(INVITE, B, FACTS[B], NONCES[B]).hex(),
    "rank": lambda: crossing_rank(A, B, INVITE).hex(),
    "election": election,
    "keys": lambda: "".join(key.hex() for key in keys()),
    "packet": lambda: packet().hex(),
    "sealed": sealed,
    "verify-commitment": lambda: commitment(A, B, NONCES[A]).hex(),
    "verify-code": code,
    "hash-empty": board,
    "hash-h8": lambda: board(112),
    "chain": chain,
}


def shown(name: str) -> list[str]:
    return re.findall(rf"```vector {name}\n(.*?)\n```", page(), re.DOTALL)


def is_hex(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f\n]+", text) is not None


@pytest.mark.parametrize("name", VECTORS)
def test_vectors(name: str) -> None:
    (text,) = shown(name)
    if is_hex(text) and name != "election":
        text = text.replace("\n", "")
    assert text == VECTORS[name]()


@pytest.mark.parametrize("name", ["invite", "input"])
def test_what_the_page_shows_is_also_understood(name: str) -> None:
    data = bytes.fromhex(shown(name)[0].replace("\n", ""))
    assert m.encode_message(m.decode_message(data)) == data


def test_the_frames_of_the_page_are_understood() -> None:
    buffer = FrameBuffer()
    buffer.feed(bytes.fromhex(shown("frames")[0].replace("\n", "")))
    assert [type(m.decode_message(payload)).__name__ for payload in buffer.frames()] == [
        "Heartbeat",
        "HeartbeatAck",
        "Close",
    ]


def test_the_datagram_of_the_page_opens_and_holds_its_packet() -> None:
    opener = Opener(keys()[0])
    opener.newest = 65530
    opened = opener.open(bytes.fromhex(shown("sealed")[0]))
    assert opened == (65539, bytes.fromhex(shown("packet")[0]))
    assert encode_packet(decode_packet(opened[1], 65540, 65540)) == packet()


def test_every_message_and_field_is_listed() -> None:
    listed: dict[str, set[str]] = {}
    kind = ""
    for cells in rows(section("Messages")):
        kind = cells[0] or kind
        listed.setdefault(kind, set()).add(cells[1])
    real: dict[str, set[str]] = {}
    for sample in SAMPLES:
        fields: dict[str, Any] = msgspec.msgpack.decode(m.encode_message(sample))
        real[fields["type"]] = set(fields) - {"type"}
    assert listed == real


def test_every_bound_is_listed_with_its_value() -> None:
    listed = {cells[0]: cells[1].replace(",", "") for cells in rows(section("Bounds"))}
    real = {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in vars(bounds).items()
        if name.isupper() and isinstance(value, (int, float))
    }
    assert listed == real


_SENT = re.compile(
    r'(?:RemoteProtocolError|[._]hang|(?:self|link)\.close|[._]end|_fail|_break)\((?:\s*[\w.]+,)?\s*"([a-z0-9_]+)"'
)


def test_every_code_that_the_program_sends_is_listed() -> None:
    listed = {cells[0] for cells in rows(section("Link")) if len(cells) == 2}
    sent: set[str] = {"desync", *REFUSALS}
    for floor in ("wire", "netcode", "session", "net"):
        for path in sorted((PACKAGE / floor).rglob("*.py")):
            sent |= set(_SENT.findall(path.read_text("utf-8")))
    not_said = {
        "not_p2pgame",
        "bad_prologue",
        "bad_certificate",
        "handshake_failed",
        "wrong_peer",
        "too_many",
    }
    discovery = {"bad_datagram"}
    assert sent - not_said - discovery <= listed
    assert listed <= sent
    assert not_said <= sent
