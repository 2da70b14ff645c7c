"""docs/vectors.json and docs/trace.jsonl are what the program computes, and what docs/protocol.md says in words."""

import hashlib
import hmac
import json
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from p2pgame.core.ids import peer_id_of
from p2pgame.net.tls import _peer_of
from p2pgame.ui.pictures import COUNT, words
from p2pgame.wire import messages as m
from p2pgame.wire.framing import FrameBuffer
from p2pgame.wire.packet import decode_packet, encode_packet
from p2pgame.wire.sealed import Opener
from tests.unit.wire.samples import SAMPLES
from tests.vectors import second_reading as page
from tests.vectors.files import DOCS, all_vectors, expected
from tests.vectors.games import PICTURES

STORED: dict[str, Any] = json.loads((DOCS / "vectors.json").read_text("utf-8"))
VECTORS: dict[str, dict[str, Any]] = STORED["vectors"]


def given(name: str) -> dict[str, Any]:
    found: dict[str, Any] = VECTORS[name]["in"]
    return found


def out(name: str) -> Any:
    return VECTORS[name]["out"]


def raw(name: str) -> bytes:
    return bytes.fromhex(out(name))


# --- the program


def test_the_files_are_up_to_date() -> None:
    for name, text in expected().items():
        stored = (DOCS / name).read_text("utf-8")
        assert stored == text, f"{name}: run python -m tests.vectors"


@pytest.mark.parametrize("name", all_vectors())
def test_the_program_computes_the_vector(name: str) -> None:
    vector = all_vectors()[name]
    assert VECTORS[name] == json.loads(json.dumps({"in": vector.inputs, "out": vector.output}))


def test_the_certificate_is_accepted_as_that_of_the_key() -> None:
    assert _peer_of(raw("certificate")) == out("peer-id")


def test_every_message_is_understood_and_there_is_one_of_each_type() -> None:
    decoded = [m.decode_message(bytes.fromhex(line)) for line in out("messages")]
    assert decoded == SAMPLES
    assert {type(one) for one in decoded} == set(m.Message.__subclasses__())


@pytest.mark.parametrize("name", ["invite", "input"])
def test_a_shown_message_is_understood(name: str) -> None:
    assert m.encode_message(m.decode_message(raw(name))) == raw(name)


def test_the_frames_on_the_wire_are_understood() -> None:
    buffer = FrameBuffer()
    buffer.feed(raw("frames"))
    kinds = [type(m.decode_message(payload)) for payload in buffer.frames()]
    assert kinds == [m.Heartbeat, m.HeartbeatAck, m.Close]


def test_the_datagram_opens_and_has_the_packet() -> None:
    opener = Opener(bytes.fromhex(out("keys")[0]))
    opener.newest = 65530
    assert opener.open(raw("sealed")) == (65539, raw("packet"))


@pytest.mark.parametrize("name", ["packet", "packet-others"])
def test_a_packet_is_understood(name: str) -> None:
    assert encode_packet(decode_packet(raw(name), 65540, 65540)) == raw(name)


def test_the_pictures_have_their_order() -> None:
    assert [words(picture) for picture in range(COUNT)] == out("pictures") == PICTURES


# --- the page, read by somebody who does not have the program


def test_the_hash_of_the_page() -> None:
    assert page.digest("label", b"", b"ab").hex() == out("digest")
    assert page.digest("state", raw("gomoku-state"))[:16].hex() == out("hash-empty")
    rules = _normal(given("rules-digest")["source"])
    assert page.digest("rules", rules)[:8].hex() == out("rules-digest")
    modules = given("rules-digest-modules")["modules"]
    parts = [part for name in sorted(modules) for part in (name.encode(), _normal(modules[name]))]
    assert page.digest("rules", rules, *parts)[:8].hex() == out("rules-digest-modules")


def _normal(source: str) -> bytes:
    return source.replace("\r\n", "\n").removesuffix("\n").encode()


def test_the_rolled_hash_and_the_chains_of_the_page() -> None:
    hashes = [bytes.fromhex(one) for one in given("rolled")["hashes"]]
    assert [one.hex() for one in page.rolled(hashes)] == out("rolled")
    for name, last in (("chain", out("chain")), ("chain-other-encoding", [out("chain-other-encoding")])):
        states = [bytes.fromhex(one) for one in given(name)["hashes"]]
        inputs = [
            [None if one is None else bytes.fromhex(one) for one in frame] for frame in given(name)["inputs"]
        ]
        assert [one.hex() for one in page.chain(states, inputs)][-len(last) :] == last
    link = page.digest("decisions", given("decisions")["match"].encode())[:16]
    assert link.hex() == out("decisions")[0]
    for entry in out("decision-log"):
        link = page.digest("decision", link, bytes.fromhex(entry))[:16]
    assert link.hex() == out("decisions")[1]


def test_the_commitment_of_the_page() -> None:
    facts = given("seal")
    opening = bytes.fromhex("d873" + facts["salt"] + facts["input"])
    parts = (facts["match"].encode(), facts["frame"].to_bytes(4, "big"), bytes([facts["player"]]), opening)
    assert [opening.hex(), page.digest("seal", *parts).hex()] == out("seal")
    assert isinstance(msgspec.msgpack.decode(opening[:18]), msgspec.msgpack.Ext)


def test_both_encodings_of_an_input_mean_the_same() -> None:
    inputs = [bytes.fromhex(given(name)["inputs"][0][0]) for name in ("chain", "chain-other-encoding")]
    assert inputs[0] != inputs[1]
    assert msgspec.msgpack.decode(inputs[0]) == msgspec.msgpack.decode(inputs[1]) == {"point": 112}


def test_the_statement_has_the_elements_of_the_page() -> None:
    facts = given("statement")
    values = [
        *(facts[name] for name in ("match", "game", "digest", "seed")),
        bytes.fromhex(facts["config"]),
        *(facts[name] for name in ("frame_limit", "players", "teams", "bots", "host", "frame")),
        *(bytes.fromhex(facts[name]) for name in ("hash", "chain", "decisions")),
        facts["outcome"],
    ]
    assert b"p2pgame match 2\n" + msgspec.msgpack.encode(values) == raw("statement")


def test_the_signatures_are_those_of_the_players() -> None:
    players = given("statement")["players"]
    for number, signature in enumerate(out("signature")):
        seed = bytes.fromhex(given("signature")["private_keys"][number])
        assert seed == bytes([number + 1]) * 32
        key = Ed25519PublicKey.from_public_bytes(_public(seed))
        key.verify(bytes.fromhex(signature), raw("statement"))
        assert peer_id_of(_public(seed)) == players[number]


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


@pytest.mark.parametrize("name", ["keys", "keys-later"])
def test_the_keys_by_rfc_5869(name: str) -> None:
    facts = given(name)
    salts = bytes.fromhex(facts["host_salt"] + facts["guest_salt"])
    info = f"p2pgame.match.{facts['match']}.{facts['session']}.{facts['guest']}".encode()
    pseudorandom = hmac.new(salts, salts, hashlib.sha256).digest()
    material = hmac.new(pseudorandom, info + b"\1", hashlib.sha256).digest()
    assert [material[:16].hex(), material[16:].hex()] == out(name)


def test_the_datagram_by_rfc_3610() -> None:
    facts = given("sealed")
    head = b"\x80" + (facts["sequence"] & 0xFFFF).to_bytes(2, "big")
    aead = AESCCM(bytes.fromhex(facts["key"]), tag_length=8)
    sealed = aead.encrypt(facts["sequence"].to_bytes(13, "big"), raw("packet"), head)
    assert head + sealed == raw("sealed")


def test_random_numbers_of_the_page() -> None:
    for name, seed, draws in (
        ("rng", 1234567, [page.draw] * 5),
        ("rng-below", 7, [lambda rng, b=b: page.below(rng, b) for b in given("rng-below")["bounds"]]),
    ):
        rng = [seed]
        found = [str(one(rng)) for one in draws]
        assert [*found, msgspec.msgpack.encode(rng).hex()] == out(name)


@pytest.mark.parametrize(
    "name",
    [
        *("gomoku-match", "gomoku-foul", "gomoku-pass", "gomoku-swap2", "gomoku-taraguchi"),
        *("pong-match", "pong-doubles", "tron-match", "tron-wrap", "tron-teams"),
    ],
)
def test_a_match_by_the_rules_of_the_page(name: str) -> None:
    """Every state of it comes out of the page's own words, and so does the end."""
    facts = given(name)
    first, frame, ended = page.GAMES[facts["game"]]
    config = msgspec.msgpack.decode(bytes.fromhex(facts["config"]))
    state = first(config, facts["players"], facts["seed"], facts["teams"])
    assert msgspec.msgpack.encode(state).hex() == facts["first_state"]
    hashes = {0: page.hash_of(state).hex()}
    for count, inputs in facts["inputs"]:
        for _ in range(count):
            if ended(state) is None:
                state = frame(state, inputs)
                hashes[len(hashes)] = page.hash_of(state).hex()
    *shown, outcome = out(name)
    assert [f"{number} {hashes[number]}" for number in (int(line.split()[0]) for line in shown)] == shown
    assert (ended(state) or "-") == outcome
    assert msgspec.msgpack.encode(state).hex() == facts["last_state"]


def test_the_default_of_a_configuration_may_be_left_out() -> None:
    assert msgspec.msgpack.encode(page.pong_first({}, 2, 7, ())).hex() == out("pong-first")


# --- the trace


def test_the_trace_has_no_secret_and_both_directions() -> None:
    lines = [json.loads(line) for line in (DOCS / "trace.jsonl").read_text("utf-8").splitlines()]
    assert [line["token"] for line in lines if line.get("type") == "join"] == ["masked"]
    assert {line["way"] for line in lines if line["trace"] == "message"} == {"sent", "received"}
    assert [line["what"]["kind"] for line in lines if line["trace"] == "decision"] == ["resigned", "ended"]
