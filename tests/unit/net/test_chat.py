"""Chat of whole peers on the loopback of this machine: in the lobby, and over the session of a match."""

from pathlib import Path

from p2pgame.session import commands as c
from p2pgame.session import events as e
from tests.unit.net.running import run
from tests.unit.net.test_node import Player, playing, two


async def heard(player: Player, text: str) -> e.Chat:
    for number in range(1, 100):
        line = await player.wait(e.Chat, number)
        if line.text == text:
            return line
    raise AssertionError(text)


def test_what_is_said_in_the_lobby_is_read_and_of_whom_one_mutes_it_is_not(tmp_path: Path) -> None:
    async def test() -> None:
        async with two(tmp_path) as (ann, ben):
            await ann.wait(e.PeerFound)
            await ben.wait(e.PeerFound)
            ann.node.execute(c.Say(text="hello"))
            line = await heard(ben, "hello")
            me = ann.node.identity.peer_id
            assert line == e.Chat(peer=me, name="Ann", text="hello", where="lobby")
            assert await heard(ann, "hello") == line, "its author sees it as the others do"
            ben.node.execute(c.SetMuted(peer=me, muted=True))
            ann.node.execute(c.Say(text="are you there?"))
            await heard(ann, "are you there?")
            ben.node.execute(c.Say(text="no", kind="text"))
            await heard(ann, "no")
            await heard(ben, "no")
            assert [event.text for event in ben.told(e.Chat)] == ["hello", "no"]
            ann.node.execute(c.Say(text="", kind="text"))
            assert (await ann.wait(e.ErrorEvent)).params["reason"] == "chat_empty"

    run(test())


def test_two_who_play_talk_over_their_session(tmp_path: Path) -> None:
    async def play(ann: Player, ben: Player) -> None:
        match = ann.told(e.MatchStarted)[0].match
        ann.node.execute(c.Say(text="good_luck", kind="phrase", where=match))
        ben.node.execute(c.Say(text="you, too", where=match))
        for player in (ann, ben):
            phrase = await heard(player, "good_luck")
            assert (phrase.name, phrase.kind, phrase.where) == ("Ann", "phrase", match)
            assert (await heard(player, "you, too")).peer == ben.node.identity.peer_id
        assert [x.text for x in ann.told(e.Chat)] == [x.text for x in ben.told(e.Chat)]
        ann.node.execute(c.Say(text="elsewhere", where="00" * 8))
        assert (await ann.wait(e.ErrorEvent)).params["reason"] == "chat_gone"

    playing(tmp_path, play)
