"""The lobby's chat among many programs on a virtual clock: everybody gets every line, once and in order."""

from collections import Counter

import pytest

from p2pgame.chat.log import Said
from p2pgame.discovery.transmit import BroadcastMethod
from p2pgame.wire.chat import Kind
from tests.sim.chat_world import ChattyLan, Talker

_CROWD = 20


def _of(talker: Talker, name: str) -> list[str]:
    return [text for author, text in talker.texts if author == name]


@pytest.mark.parametrize("seed", range(2))
def test_a_third_of_broadcasts_lost_and_everybody_gets_every_line_within_3_s(seed: int) -> None:
    lan = ChattyLan(seed, loss=0.3)
    talkers = lan.crowd(_CROWD)
    said: dict[str, float] = {}
    for turn in range(8):
        for talker in talkers[turn % 4 :: 4]:  # five at a time
            text = f"{talker.core.name} {turn}"
            assert talker.say(text) == ""
            said[text] = lan.lan.now
        lan.run(1.6)
    lan.run(4.0)
    for talker in talkers:
        at = {line.text: when for when, line in talker.core.heard}
        assert sorted(text for _, text in talker.texts) == sorted(said), "every line, once"
        late = max(at[text] - when for text, when in said.items())
        assert late <= 3.0, f"{talker.core.name} got a line after {late:.2f} s"
        for author in talkers:
            numbers = [int(text.split()[1]) for text in _of(talker, author.core.name)]
            assert numbers == sorted(numbers), "in its author's order"


def test_all_talk_at_once_and_beacons_take_turns_in_telling_it() -> None:
    lan = ChattyLan(5, loss=0.3)
    talkers = lan.crowd(_CROWD)
    for talker in talkers:
        talker.say(f"hello from {talker.core.name}")
    lan.run(3.0)
    for talker in talkers:
        assert len(talker.texts) == _CROWD


def test_without_loss_a_line_costs_each_peer_two_datagrams() -> None:
    lan = ChattyLan(1)
    talkers = lan.crowd(_CROWD)
    before = len(lan.lan.sent)
    for turn in range(10):
        talkers[turn].say(f"line {turn}")
        lan.run(1.0)
    assert set(lan.chat_datagrams()) == {"lines"}, "nobody had to ask"
    got: Counter[tuple[bytes, str]] = Counter()
    for _, sender, out in lan.lan.sent[before:]:
        if out.data[5] == 16:
            to = (
                [out.to[0]]
                if out.to is not None
                else [t.node.address for t in talkers if t.node is not sender]
            )
            copies = (
                1 if out.to is not None else sum(bool(out.methods & method) for method in BroadcastMethod)
            )
            got.update({(out.data, address): copies for address in to})
    assert len(got) == 10 * (_CROWD - 1)
    assert max(got.values()) <= 2
    assert all(len(talker.texts) == 10 for talker in talkers)


def test_two_of_whom_one_loses_much() -> None:
    lan = ChattyLan(3, loss=0.3)
    ann, ben = lan.add("Ann"), lan.add("Ben")
    lan.run(5.0)
    for number in range(20):
        ann.say(f"n{number}")
        lan.run(1.6)
    lan.run(5.0)
    assert _of(ben, "Ann") == [f"n{number}" for number in range(20)]


@pytest.mark.parametrize("seed", [2, 3, 7])
def test_unicast_is_lossy_as_well(seed: int) -> None:
    lan = ChattyLan(seed, loss=0.3, unicast_loss=0.3)
    talkers = lan.crowd(8)
    for number in range(5):
        for talker in talkers:
            talker.say(f"{talker.core.name} {number}")
        lan.run(2.0)
    lan.run(6.0)
    for talker in talkers:
        for author in talkers:
            assert len(_of(talker, author.core.name)) == 5


def test_who_comes_late_sees_what_was_said_in_the_order_in_which_it_was() -> None:
    lan = ChattyLan(2)
    ann, ben = lan.add("Ann"), lan.add("Ben")
    lan.run(3.0)
    for number in range(30):
        (ann, ben)[number % 2].say(f"{number}")
        lan.run(1.6)
    lan.lan.delay = 0.0  # else the datagrams of one answer overtake each other
    late = lan.add("Late")
    lan.run(8.0)
    assert [int(text) for _, text in late.texts] == list(range(30))


def test_what_was_said_outlives_its_author() -> None:
    lan = ChattyLan(2)
    ann, _ben = lan.add("Ann"), lan.add("Ben")
    lan.run(3.0)
    ann.say("I must go")
    lan.run(0.5)
    ann.node.stop()
    lan.run(1.0)
    ann.node.dead = True
    late = lan.add("Late")
    lan.run(5.0)
    assert late.texts == [("Ann", "I must go")]


def test_a_program_started_anew_is_heard_and_reads_what_it_said_before() -> None:
    lan = ChattyLan(4)
    ann, ben = lan.add("Ann"), lan.add("Ben")
    lan.run(3.0)
    ann.say("before")
    lan.run(0.5)
    ann.node.stop()
    lan.run(0.5)
    ann.node.dead = True
    again = lan.add("Ann", number=1, instance=77)
    lan.run(4.0)
    again.say("after")
    lan.run(2.0)
    assert ben.texts == [("Ann", "before"), ("Ann", "after")]
    assert again.texts == [("Ann", "before"), ("Ann", "after")]


def test_old_lines_are_dropped_after_half_an_hour() -> None:
    lan = ChattyLan(2)
    ann, ben = lan.add("Ann"), lan.add("Ben")
    lan.run(3.0)
    ann.say("old")
    lan.run(1000.0)
    ben.say("young")
    lan.run(900.0)
    late = lan.add("Late")
    lan.run(5.0)
    assert late.texts == [("Ben", "young")]


def test_clocks_that_are_wrong_by_years_stop_nobody_who_is_there() -> None:
    lan = ChattyLan(2)
    ann, ben = lan.add("Ann", clock=-1.7e9), lan.add("Ben")
    lan.run(3.0)
    ann.say("what year is it")
    lan.run(1.0)
    assert ben.texts == [("Ann", "what year is it")]


def test_who_says_too_much_is_told_so() -> None:
    lan = ChattyLan(2)
    ann, ben = lan.add("Ann"), lan.add("Ben")
    lan.run(3.0)
    assert [ann.say(f"{n}") for n in range(7)] == [""] * 5 + ["chat_too_fast"] * 2
    lan.run(1.51)
    assert [ann.say("x"), ann.say("y")] == ["", "chat_too_fast"]
    lan.run(10.0)
    assert [ann.say("again"), ann.say("again")] == ["", "chat_repeated"]
    assert [ann.say("\u202e\u200b \n"), ann.say("x" * 201)] == ["chat_empty", "chat_too_long"]
    lan.run(1.0)
    assert len(ben.texts) == 7


def test_phrases_travel_as_codes() -> None:
    lan = ChattyLan(2)
    ann, ben = lan.add("Ann"), lan.add("Ben")
    lan.run(3.0)
    ann.say("good_game", Kind.PHRASE)
    lan.run(1.0)
    [(_, line)] = ben.core.heard
    assert line == Said(ann.core.peer, "Ann", Kind.PHRASE, "good_game", b"", 1)
