"""What somebody on the LAN can do to the lobby's chat: forged, repeated, endless, huge, in floods, at a victim."""

import random

import msgspec
import pytest

from p2pgame.chat.lobby import KEYS_MAX, WANTS_MAX
from p2pgame.chat.log import HELD_MAX
from p2pgame.discovery.transmit import Transmit
from p2pgame.wire.beacon import DATAGRAM_MAX, ChatMark
from p2pgame.wire.chat import (
    COUNTER_MAX,
    LOBBY,
    NO_TOKEN,
    Ask,
    Kind,
    Line,
    PassedLine,
    SignedLine,
    author_tag,
    encode_ask,
    encode_lines,
    sign_line,
)
from tests.signers import Signer
from tests.sim.chat_world import UNIX, ChattyLan, Talker

ANN, BEN, EVE = 1, 2, 3


@pytest.fixture
def lan() -> ChattyLan:
    """Ann and Ben, who know each other, and Eve, who is listed and sends what she wants."""
    made = ChattyLan(11)
    for name in ("Ann", "Ben", "Eve"):
        made.add(name)
    made.run(6.0)
    return made


def line(
    number: int, counter: int, text: str = "hi", *, instance: int = 0, time: float = 0.0, where: bytes = LOBBY
) -> SignedLine:
    """A line that identity `number` signed. `time`: seconds from the virtual Unix time."""
    signer = Signer(number)
    body = Line(
        public_key=signer.public_key,
        instance=(instance or number).to_bytes(8, "big"),
        where=where,
        counter=counter,
        kind=Kind.TEXT,
        text=text,
        time=int((UNIX + 1000 + time) * 1000),
        name=f"P{number}",
    )
    return sign_line(body, signer)


def send(lan: ChattyLan, to: Talker, data: bytes, source: tuple[str, int] | None = None) -> list[Transmit]:
    """`data` from Eve's address, or any other; returns what `to` sends because of it."""
    eve = lan.talkers[EVE - 1].node
    before = len(lan.lan.sent)
    lan.lan.deliver(to.node, data, source or (eve.address, 41421), shared=True)
    lan.run(0.01)
    return [out for _, sender, out in lan.lan.sent[before:] if sender is to.node and out.data[5] >= 16]


def lines_of(*signed: SignedLine, age: int = 0) -> bytes:
    return encode_lines([PassedLine(one.data, age) for one in signed])[0]


def test_forged_lines_are_not_shown(lan: ChattyLan) -> None:
    ben = lan.talkers[1]
    good = line(ANN, 1, "I am Ann")
    for at in (40, -70, -1):  # the key's fields, the text, the signature
        data = bytearray(good.data)
        data[at] ^= 1
        send(lan, ben, lines_of(SignedLine(good.line, bytes(data))))
    send(lan, ben, lines_of(line(ANN, 1, "of a room", where=b"12345678")))
    assert ben.texts == []
    send(lan, ben, lines_of(good))
    assert ben.texts == [("P1", "I am Ann")], "and they keep nothing true away"


def test_what_was_heard_is_not_shown_again_and_what_was_said_yesterday_not_at_all(lan: ChattyLan) -> None:
    ann, ben = lan.talkers[:2]
    ann.say("once")
    lan.run(0.1)
    sent = next(out.data for _, _, out in lan.lan.sent if out.data[5] == 16)
    for _ in range(5):
        send(lan, ben, sent)
    assert ben.texts == [("Ann", "once")]
    yesterday = line(ANN, 1, "I quit", instance=99, time=-86_400)
    send(lan, ben, lines_of(yesterday))
    assert ben.texts == [("Ann", "once")]
    # In an answer to a question as well:
    mark: list[ChatMark] = [(author_tag(Signer(ANN).public_key, (99).to_bytes(8, "big")), 1)]
    ben.core.chat.heard_marks(lan.talkers[2].core.peer, mark, lan.lan.now)
    ben.node.pump()
    lan.run(0.2)
    send(lan, ben, lines_of(yesterday))
    assert ben.texts == [("Ann", "once")]


def test_lines_of_keys_that_nobody_knows_are_not_read(lan: ChattyLan) -> None:
    ben = lan.talkers[1]
    for number in range(100, 160):
        send(lan, ben, lines_of(line(number, 1, "buy this")))
    assert ben.texts == []


def test_who_invents_authors_that_are_gone_shows_no_more_than_who_speaks(lan: ChattyLan) -> None:
    """Eve's beacons tell of lines of throwaway keys, and she gives them to whoever asks."""
    ben, eve = lan.talkers[1:]
    lan.run(1.0)
    send(lan, ben, lines_of(line(EVE, 1, "hello")))
    lan.run(121.0)  # in the first two minutes two hundred lines of before may come at once
    for turn in range(15):
        invented = range(1000 + 8 * turn, 1008 + 8 * turn)
        tags = [author_tag(Signer(n).public_key, n.to_bytes(8, "big")) for n in invented]
        ben.core.chat.heard_marks(eve.core.peer, [(tag, 4) for tag in tags], lan.lan.now)
        ben.node.pump()
        lan.run(0.1)
        for number in invented:
            lines = [line(number, counter, f"buy {number} {counter}") for counter in range(1, 5)]
            send(lan, ben, lines_of(*lines))
        lan.run(0.3)
    assert 1 <= sum(text.startswith("buy") for _, text in ben.texts) <= 20 + 15 * 0.5 / 1.5 + 1
    lan.talkers[0].say("can anybody read this?")
    lan.run(1.0)
    assert ben.texts[-1] == ("Ann", "can anybody read this?")


def test_a_lie_about_how_much_somebody_said_keeps_nothing_of_it_away(lan: ChattyLan) -> None:
    """Eve says that Ann said more than she did. What is lost of Ann's lines is fetched all the same."""
    ann, ben, eve = lan.talkers
    ann.say("one")
    lan.run(1.0)
    tag = author_tag(Signer(ANN).public_key, (ANN).to_bytes(8, "big"))
    for _ in range(2):
        ben.core.chat.heard_marks(eve.core.peer, [(tag, COUNTER_MAX)], lan.lan.now)
        ben.node.pump()
        lan.run(30.0)
    assert ben.core.chat.next_deadline(lan.lan.now) is None, "she is not believed"
    lan.lan.loss = lan.lan.unicast_loss = 1.0
    ann.say("two")
    lan.run(0.5)
    lan.lan.loss = lan.lan.unicast_loss = 0.0
    lan.run(10.0)
    assert ben.texts == [("Ann", "one"), ("Ann", "two")]


def test_a_flood_of_one_author_is_cut_and_others_are_heard_meanwhile(lan: ChattyLan) -> None:
    ann, ben, eve = lan.talkers
    ann.say("I was here first")
    lan.run(121.0)  # in the first two minutes two hundred lines of before may come at once
    tag = author_tag(Signer(EVE).public_key, (EVE).to_bytes(8, "big"))
    for counter in range(1, 601):  # four a second
        send(lan, ben, lines_of(line(EVE, counter, f"spam {counter}")))
        if counter % 20 == 0:
            ben.core.chat.heard_marks(eve.core.peer, [(tag, counter)], lan.lan.now)
        lan.run(0.24)
    spam = sum(name == "P3" for name, _ in ben.texts)
    assert spam <= 20 + 150 / 1.5 + 1, "as often as anybody may say something, and some at once"
    ann.say("can anybody read this?")
    lan.run(1.0)
    assert ("Ann", "can anybody read this?") in ben.texts
    late = lan.add("Late")
    lan.run(8.0)
    assert [text for name, text in late.texts if name == "Ann"] == [
        "I was here first",
        "can anybody read this?",
    ]


def test_gaps_without_end_are_given_up(lan: ChattyLan) -> None:
    """Eve tells in beacons of lines that nobody said."""
    ben, eve = lan.talkers[1:3]
    tags = [
        author_tag(Signer(ANN).public_key, (ANN).to_bytes(8, "big")),
        *(bytes([n] * 8) for n in range(200)),
    ]
    before = lan.chat_datagrams()["ask"]
    for round_ in range(20):
        for start in range(0, len(tags), 8):
            marks = [(tag, 1000 + round_) for tag in tags[start : start + 8]]
            ben.core.chat.heard_marks(eve.core.peer, marks, lan.lan.now)
        assert len(ben.core.chat._wants) <= WANTS_MAX
        ben.node.pump()
        lan.run(1.0)
    assert len(ben.core.chat._refused) <= KEYS_MAX
    asked = lan.chat_datagrams()["ask"] - before
    assert asked <= 20 * 10 + 20, "however much she tells of"
    lan.run(60.0)
    assert ben.core.chat.next_deadline(lan.lan.now) is None, "and it ends"
    lan.talkers[0].say("I said one line, not a thousand")
    lan.run(1.0)
    assert ben.texts == [("Ann", "I said one line, not a thousand")]


def test_a_gap_that_nobody_can_fill_delays_what_follows_by_seconds_only(lan: ChattyLan) -> None:
    ben = lan.talkers[1]
    send(lan, ben, lines_of(line(EVE, 1, "one")))
    send(lan, ben, lines_of(line(EVE, 3, "three")))
    assert ben.texts == [("P3", "one")]
    lan.run(12.0)
    assert ben.texts == [("P3", "one"), ("P3", "three")]
    send(lan, ben, lines_of(line(EVE, 2, "two")))
    assert ben.texts == [("P3", "one"), ("P3", "three")], "nothing shown is sorted anew"


def test_lines_that_wait_for_others_are_bounded(lan: ChattyLan) -> None:
    ben = lan.talkers[1]
    for counter in range(2, 3000, 2):
        send(lan, ben, lines_of(line(EVE, counter)))
    stream = ben.core.chat._log.stream(author_tag(Signer(EVE).public_key, (EVE).to_bytes(8, "big")))
    assert stream is not None
    assert len(stream.held) <= HELD_MAX


def test_a_question_without_a_token_gets_less_back_than_it_was(lan: ChattyLan) -> None:
    ann, ben = lan.talkers[:2]
    for number in range(5):
        ann.say(f"a long line {number} " + "x" * 150)
        lan.run(1.6)
    victim = (lan.talkers[2].node.address, 9)
    tag = author_tag(Signer(ANN).public_key, (ANN).to_bytes(8, "big"))
    question = encode_ask(Ask(NO_TOKEN, ((tag, 0),)))
    answers = send(lan, ben, question, victim)
    assert [len(out.data) for out in answers] == [22]
    assert len(question) > 22
    forged = encode_ask(Ask(b"0123456789abcdef", ((tag, 0),)))
    assert [len(out.data) for out in send(lan, ben, forged, victim)] == [22]


def test_questions_are_answered_so_often_and_no_more(lan: ChattyLan) -> None:
    ann, ben = lan.talkers[:2]
    ann.say("x" * 200)
    lan.run(1.0)
    tag = author_tag(Signer(ANN).public_key, (ANN).to_bytes(8, "big"))
    answered = 0
    for number in range(500):
        source = (f"10.0.9.{number % 250}", 41421)
        answered += len(send(lan, ben, encode_ask(Ask(NO_TOKEN, ((tag, 0),))), source))
    assert answered <= 80 + 40 * 5 + 1


def test_junk_is_dropped(lan: ChattyLan) -> None:
    ben = lan.talkers[1]
    rng = random.Random(1)
    good = [lines_of(line(ANN, 1)), encode_ask(Ask(NO_TOKEN, ((bytes(8), 0),))), b"p2pg\1\x12" + bytes(16)]
    for _ in range(2000):
        data = bytearray(rng.choice(good))
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(6, len(data))] = rng.randrange(256)
        send(lan, ben, bytes(data[: rng.randint(6, len(data))]))
    huge = msgspec.msgpack.encode([[[b"\0" * 1100, 0]] * 20])
    send(lan, ben, (b"p2pg\1\x10" + huge)[:DATAGRAM_MAX])
    lan.talkers[0].say("all well")
    lan.run(0.5)
    assert ben.texts[-1] == ("Ann", "all well")


def test_texts_are_cleaned_again_where_they_are_read(lan: ChattyLan) -> None:
    ben = lan.talkers[1]
    for counter, text in enumerate(
        ("a\u202eb\0c\x1b[31m", "z" + "\u0301" * 50, "\u200b\u2066", "two\nlines"), 1
    ):
        send(lan, ben, lines_of(line(EVE, counter, text)))
    assert [text for _, text in ben.texts] == ["abc[31m", "ź\u0301\u0301\u0301", "two lines"]


def test_the_same_line_again_within_ten_seconds_is_not_shown_whoever_sends_it(lan: ChattyLan) -> None:
    ben = lan.talkers[1]
    for counter in range(1, 6):
        send(lan, ben, lines_of(line(EVE, counter, "buy", time=counter)))
    send(lan, ben, lines_of(line(EVE, 6, "buy", time=30)))
    assert [text for _, text in ben.texts] == ["buy", "buy"]


def test_forged_lines_under_the_key_of_another_do_not_silence_it(lan: ChattyLan) -> None:
    """Eve wears out the checks of Ann's signatures; what Ann says is asked for then."""
    ann, ben = lan.talkers[:2]
    for counter in range(10, 300):
        signed = line(ANN, counter)
        send(lan, ben, lines_of(SignedLine(signed.line, signed.data[:-1] + bytes([signed.data[-1] ^ 1]))))
    ann.say("it is me")
    lan.run(3.0)
    assert ben.texts == [("Ann", "it is me")]


def test_a_liar_that_answers_does_not_keep_away_what_others_have(lan: ChattyLan) -> None:
    """It says that it has nothing of an author that is new to us, or only the end of what was said."""
    ann = lan.talkers[0]
    for number in range(4):
        ann.say(f"{number}")
        lan.run(1.6)
    late = lan.add("Late", number=8)
    lan.run(5.0)
    assert [text for _, text in late.texts] == ["0", "1", "2", "3"]
    tag = author_tag(Signer(ANN).public_key, (ANN).to_bytes(8, "big"))
    floors = encode_lines([], [(tag, 1_000_000)])[0]
    send(lan, late, floors)
    ann.say("4")
    lan.run(2.0)
    assert late.texts[-1] == ("Ann", "4"), "floors mean nothing of whom we know"
