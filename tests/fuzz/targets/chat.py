"""The lobby's chat: datagrams in any order, from anybody, at any time, into one program that knows two peers."""

import random
from functools import cache

from p2pgame.chat.author import Author
from p2pgame.chat.lobby import KEPT_LINES, LobbyChat, Peers
from p2pgame.core.ids import peer_id_of
from p2pgame.discovery.transmit import Contact, Listed
from p2pgame.wire.beacon import DATAGRAM_MAX
from p2pgame.wire.chat import (
    CHAT_LENGTHS,
    LOBBY,
    NO_TOKEN,
    TEXT_CHARACTERS,
    Ask,
    Kind,
    PassedLine,
    author_tag,
    encode_ask,
    encode_lines,
    encode_token,
)
from tests.fuzz.mutate import bent, in_steps, script, steps
from tests.signers import Signer

mutate = in_steps((bent,))
_UNIX = 1_800_000_000.0


@cache
def _lines() -> dict[int, tuple[bytes, ...]]:
    """Eight lines of each of two listed peers and of a stranger, as datagrams."""
    found = {}
    for number in (1, 2, 3):
        author = Author(Signer(number), number.to_bytes(8, "big"))
        signed = [
            author.line(LOBBY, Kind.TEXT, f"line {n}", f"P{number}", 2.0 * n, _UNIX + n) for n in range(8)
        ]
        found[number] = tuple(encode_lines([PassedLine(one.data, n)])[0] for n, one in enumerate(signed))
    return found


def _tag(number: int) -> bytes:
    return author_tag(Signer(number).public_key, number.to_bytes(8, "big"))


def samples() -> list[bytes]:
    """Steps: 0 and 1 datagrams from two addresses, 2 a beacon's marks, 3 time."""
    ann, ben, eve = (_lines()[number] for number in (1, 2, 3))
    question = encode_ask(Ask(NO_TOKEN, ((_tag(1), 0), (_tag(2), 3))))
    mark = _tag(1) + b"\x08"
    return [
        script((0, ann[0]), (0, ann[2]), (1, ben[0]), (0, ann[1]), (0, ann[1])),
        script((0, ann[4]), (2, mark), (3, b"\x40"), (0, encode_token(b"t" * 16)), (0, ann[0]), (3, b"\xff")),
        script((0, eve[0]), (2, _tag(3) + b"\x02"), (3, b"\x10"), (0, eve[0]), (0, eve[1])),
        script((0, question), (1, question), (0, ann[3]), (0, question)),
    ]


def fuzz_one(data: bytes) -> None:
    listed = {}
    for number in (1, 2):
        key = Signer(number).public_key
        contact = Contact((f"10.0.0.{number}", 41421))
        listed[key] = Listed(peer_id_of(key), number.to_bytes(8, "big"), contact, False, True)
    by_id = {one.peer: one for one in listed.values()}
    now = 0.0
    chat = LobbyChat(
        Author(Signer(9), bytes(8)),
        Peers(listed.get, by_id.get, lambda: list(listed.values())),
        random.Random(1),
        lambda: _UNIX + now,
    )
    shown: dict[tuple[str, int], int] = {}
    for what, body in steps(data)[:64]:
        match what & 3:
            case 0 | 1:
                receive = chat.receivers.get(body[:6])
                if receive is not None and len(body) in CHAT_LENGTHS[body[:6]]:
                    receive(body, (f"10.0.0.{1 + (what & 1)}", 41421), now, False)
            case 2 if len(body) > 8:
                peer = list(by_id)[body[8] & 1]
                chat.heard_marks(peer, [(body[:8], body[8])], now)
            case _:
                now += (body[0] if body else 1) / 64
                chat.handle_timeout(now)
        for out in chat.datagrams_to_send():
            assert len(out.data) <= DATAGRAM_MAX
            assert out.to is not None, "nobody here says anything"
        for said in chat.events():
            key = (said.peer, said.counter)
            assert key not in shown, "shown twice"
            shown[key] = 1
            assert 0 < len(said.text) <= TEXT_CHARACTERS
            assert said.text.isprintable()
            assert said.text.startswith("line "), "what nobody signed"
        assert len(chat._log) <= KEPT_LINES
        assert len(chat.marks(now)) <= 8
        deadline = chat.next_deadline(now)
        assert deadline is None or deadline >= now
