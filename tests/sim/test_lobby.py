"""Two and three lobbies on a virtual network: invitation, election, match, and everything that can end them."""

import random

import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.games.gomoku.bot import Bot, Options
from p2pgame.games.gomoku.rules import Config, Move, parse_point
from p2pgame.session import events as e
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import CLAIM_AFTER, LINK_IDLE_TIMEOUT
from tests.sim.world import GOMOKU, Peer, World


def play_with_bots(*peers: Peer) -> None:
    """Let each peer answer every state with a bot's move."""
    for number, peer in enumerate(peers):
        bot = Bot(number, Options(1))

        def react(event: e.Event, peer: Peer = peer, bot: Bot = bot) -> None:
            match = peer.lobby.match
            if isinstance(event, (e.MatchStarted, e.Move)) and match is not None:
                view = match.view()
                if view.me in view.to_move:
                    peer.world.at(
                        peer.world.now + 0.001,
                        lambda: peer.do("submit", bot.choose(view.state, view.me), peer.world.now),
                    )

        peer.on_event = react


def pair(world: World) -> tuple[Peer, Peer]:
    return world.add("Ann"), world.add("Ben")


def agree(a: Peer, b: Peer) -> None:
    """Ann invites, Ben accepts, the match starts."""
    a.invite(b)
    a.world.run(0.5)
    b.do("accept", b.told(e.InviteReceived)[-1].invite, a.world.now)
    a.world.run(0.5)


def colours(a: Peer, b: Peer) -> tuple[Peer, Peer]:
    """Black, White."""
    assert a.lobby.match is not None
    return (a, b) if a.lobby.match.me == 0 else (b, a)


def test_two_peers_agree_on_everything_and_play_to_the_end() -> None:
    world = World()
    a, b = pair(world)
    play_with_bots(a, b)
    agree(a, b)
    world.run(60)
    assert a.first(e.HostElected) == b.first(e.HostElected)
    started = a.first(e.MatchStarted), b.first(e.MatchStarted)
    assert {s.me for s in started} == {0, 1}
    assert started[0].names == started[1].names
    over = a.first(e.MatchEnded), b.first(e.MatchEnded)
    assert over[0].outcome == over[1].outcome
    assert over[0].hash == over[1].hash != ""
    assert over[0].frames >= 9
    hashes = [{h.frame: h.hash for h in peer.told(e.Hash)} for peer in (a, b)]
    assert hashes[0] == hashes[1]
    assert sorted(hashes[0]) == list(range(over[0].frames + 1))
    assert not a.told(e.ErrorEvent)
    assert not b.told(e.ErrorEvent)


@pytest.mark.parametrize("seed", range(40))
def test_host_colours_and_seed_are_alike_on_both_sides_and_vary(seed: int) -> None:
    world = World(seed, delay=0.02, jitter=0.05)
    a, b = pair(world)
    agree(a, b)
    world.run(2)
    assert a.first(e.HostElected) == b.first(e.HostElected)
    assert a.lobby.match is not None
    assert b.lobby.match is not None
    assert a.lobby.match.core.election == b.lobby.match.core.election


def test_the_host_is_not_always_the_same_one() -> None:
    hosts = set()
    for seed in range(20):
        world = World(seed)
        a, b = pair(world)
        agree(a, b)
        hosts.add(a.name if a.first(e.HostElected).host == a.id else b.name)
    assert hosts == {"Ann", "Ben"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (m.Candidate(reachable=False), m.Candidate()),
        (m.Candidate(), m.Candidate(wired=True)),
        (m.Candidate(reachable=False, wired=True), m.Candidate()),
    ],
)
def test_facts_decide_the_election_before_chance(one: m.Candidate, other: m.Candidate) -> None:
    for seed in range(8):
        world = World(seed)
        a, b = world.add("Ann", one), world.add("Ben", other)
        agree(a, b)
        assert a.first(e.HostElected).host == b.id


@pytest.mark.parametrize("seed", range(30))
def test_crossed_invitations_accept_each_other(seed: int) -> None:
    world = World(seed, delay=0.01, jitter=0.03)
    a, b = pair(world)
    a.invite(b)
    b.invite(a)
    world.run(5)
    assert a.first(e.MatchStarted).match == b.first(e.MatchStarted).match
    assert not a.told(e.ErrorEvent)
    assert not b.told(e.ErrorEvent)
    world.run(20)
    assert len(a.ends) == len(b.ends) == 1, "only the session stays"


@pytest.mark.parametrize("seed", range(10))
def test_of_crossed_invitations_to_different_options_one_survives_and_waits_for_a_person(seed: int) -> None:
    world = World(seed, delay=0.01, jitter=0.02)
    a, b = pair(world)
    a.invite(b, Config(rule="freestyle"))
    b.invite(a, Config(rule="standard"))
    world.run(2)
    assert not a.told(e.MatchStarted)
    winner, loser = (a, b) if b.lobby.waiting else (b, a)
    assert not winner.lobby.waiting
    assert loser.first(e.InviteCancelled).reason == "superseded"
    loser.do("accept", loser.lobby.waiting[0], world.now)
    world.run(2)
    assert a.lobby.match is not None
    assert b.lobby.match is not None
    assert (
        a.lobby.match.core.config
        == b.lobby.match.core.config
        == Config(rule="freestyle" if winner is a else "standard")
    )


def test_inviting_to_something_else_is_a_counter_offer() -> None:
    world = World()
    a, b = pair(world)
    a.invite(b, Config(rule="freestyle"))
    world.run(1)
    b.invite(a, Config(rule="standard"))
    world.run(1)
    assert a.first(e.InviteDeclined).reason == "declined"
    a.do("accept", a.lobby.waiting[0], world.now)
    world.run(1)
    assert a.lobby.match is not None
    assert a.lobby.match.core.config == Config(rule="standard")


def test_inviting_who_already_invited_us_is_an_acceptance() -> None:
    world = World()
    a, b = pair(world)
    a.invite(b)
    world.run(1)
    b.invite(a)
    world.run(1)
    assert a.first(e.MatchStarted).match == b.first(e.MatchStarted).match


def test_decline() -> None:
    world = World()
    a, b = pair(world)
    a.invite(b)
    world.run(1)
    b.do("decline", b.first(e.InviteReceived).invite, world.now)
    world.run(1)
    assert a.first(e.InviteDeclined).reason == "declined"
    world.run(11)
    assert not a.ends, "an unused link idles out"
    agree(a, b)
    assert a.told(e.MatchStarted), "and they may try again"


def test_cancel_before_and_after_it_arrived() -> None:
    for wait in (0.0, 0.018, 1.0):
        world = World()
        a, b = pair(world)
        a.invite(b)
        world.run(wait)
        a.do("cancel")
        world.run(1)
        assert a.first(e.InviteCancelled).reason == "cancelled"
        assert len(b.told(e.InviteCancelled)) == len(b.told(e.InviteReceived))
        with pytest.raises(LocalProtocolError):
            b.lobby.accept("00", world.now)


def test_an_invitation_lapses_on_both_sides_after_thirty_seconds() -> None:
    world = World()
    a, b = pair(world)
    a.invite(b)
    world.run(29)
    assert not a.told(e.InviteExpired)
    world.run(2)
    assert a.told(e.InviteExpired)
    assert b.told(e.InviteExpired)
    assert not a.lobby.busy
    assert not b.lobby.busy


def test_who_is_in_a_match_is_busy() -> None:
    world = World()
    a, b = pair(world)
    c = world.add("Cho")
    agree(a, b)
    c.invite(a)
    world.run(1)
    assert c.first(e.InviteDeclined).reason == "busy"
    assert not a.told(e.InviteReceived)
    with pytest.raises(LocalProtocolError):
        a.invite(c)


def test_accepting_one_of_two_declines_the_other() -> None:
    world = World()
    a, b = pair(world)
    c = world.add("Cho")
    a.invite(c)
    b.invite(c)
    world.run(1)
    received = {event.peer: event.invite for event in c.told(e.InviteReceived)}
    c.do("accept", received[b.id], world.now)
    world.run(1)
    assert a.first(e.InviteDeclined).reason == "busy"
    assert b.told(e.MatchStarted)


def test_other_rules_are_refused_with_the_reason() -> None:
    world = World()
    a, b = pair(world)
    a.invite(b)
    world.run(1)
    link = next(iter(b.ends))
    bad = m.Invite(
        invite=b"x" * 16,
        game="gomoku",
        digest="0" * 16,
        config=b"\x80",
        frames=0,
        rematch_of=None,
        commitment=b"c" * 32,
        candidate=m.Candidate(),
    )
    before = len(b.told(e.InviteReceived))
    b.lobby.link_message(link, bad, world.now)
    world.pump(b)
    assert len(b.told(e.InviteReceived)) == before


@pytest.mark.parametrize("undialable", ["Ann", "Ben"])
@pytest.mark.parametrize("host", ["Ann", "Ben"])
def test_a_peer_that_cannot_be_dialled_still_plays(undialable: str, host: str) -> None:
    """Whoever is elected, one direction is enough."""
    world = World()
    a = world.add("Ann", m.Candidate(wired=host == "Ann"))
    b = world.add("Ben", m.Candidate(wired=host == "Ben"))
    (a if undialable == "Ann" else b).dialable = False
    a.invite(b)
    world.run(4)
    b.do("accept", b.first(e.InviteReceived).invite, world.now)
    world.run(4)
    assert a.first(e.MatchStarted).match == b.first(e.MatchStarted).match
    assert a.first(e.HostElected).host == (a.id if host == "Ann" else b.id)


def test_who_cannot_be_reached_at_all_is_named_so() -> None:
    world = World()
    a, b = pair(world)
    world.cut.add(frozenset((a.id, b.id)))
    b.dialable = False
    a.invite(b)
    world.run(8)
    declined = a.first(e.InviteDeclined)
    assert declined.reason == "unreachable"
    assert declined.params == {"code": "no_answer"}
    assert not a.lobby.busy


@pytest.mark.parametrize("moment", [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.3])
@pytest.mark.parametrize("victim", [0, 1])
def test_killed_at_any_moment_leaves_the_other_free(moment: float, victim: int) -> None:
    world = World()
    peers = pair(world)
    a, b = peers
    b.on_event = lambda event: (
        b.do("accept", event.invite, world.now) if isinstance(event, e.InviteReceived) else None  # type: ignore[func-returns-value]
    )
    a.invite(b)
    world.run(moment)
    world.kill(peers[victim])
    world.run(10)
    left = peers[1 - victim]
    if left.lobby.busy:  # it plays, and may wait or claim
        assert left.first(e.MatchPaused).reason == "connection"
        with pytest.raises(LocalProtocolError, match="too_early_to_claim"):
            left.do("claim", world.now)
        world.run(CLAIM_AFTER)
        left.do("claim", world.now)
        assert left.first(e.MatchEnded).outcome.reason == "claimed"
    world.run(LINK_IDLE_TIMEOUT)
    assert not left.lobby.busy
    assert not left.ends
    told = [
        event
        for event in left.events
        if isinstance(event, (e.ErrorEvent, e.InviteDeclined, e.InviteCancelled, e.MatchEnded))
    ]
    assert told or not left.events
    c = world.add("Cho")
    left.on_event = lambda event: None
    left.invite(c)
    world.run(1)
    assert c.told(e.InviteReceived), "and it can play with somebody else"


def test_a_silent_link_pauses_the_match_until_somebody_leaves() -> None:
    world = World()
    a, b = pair(world)
    agree(a, b)
    world.cut.add(frozenset((a.id, b.id)))
    world.run(60)
    for peer, winner in ((a, b), (b, a)):
        assert peer.first(e.MatchPaused).reason == "connection"
        view = peer.lobby.view(world.now)
        assert view is not None
        assert view.pause is not None
        assert not peer.told(e.ErrorEvent)
        peer.do("leave", world.now)
        outcome = peer.first(e.MatchEnded).outcome
        assert (outcome.reason, outcome.winners) == ("resigned", (view.players.index(winner.id),))
        assert not peer.lobby.busy
    assert not a.ends
    assert not b.ends


def test_moves_pass_and_an_illegal_one_changes_nothing() -> None:
    world = World()
    a, b = pair(world)
    agree(a, b)
    black, white = colours(a, b)
    black.do("submit", Move(parse_point("H8")), world.now)
    world.run(0.1)
    assert white.lobby.match is not None
    assert white.lobby.match.view().frame == 1
    hash_before = white.lobby.match.view().state
    with pytest.raises(Exception, match="taken"):
        white.do("submit", Move(parse_point("H8")), world.now)
    assert white.lobby.match.view().state is hash_before
    assert white.lobby.match.running


@pytest.mark.parametrize("data", [b"\x81\xa5point\x70", b"\x81\xa5point\xcd\xff\xff", b"\xc1", b""])
def test_an_illegal_input_from_the_other_side_is_named_and_never_applied(data: bytes) -> None:
    world = World()
    a, b = pair(world)
    agree(a, b)
    black, white = colours(a, b)
    black.do("submit", Move(112), world.now)
    world.run(0.1)
    assert white.lobby.match is not None
    assert white.lobby.session is not None
    state = black.lobby.match.view().state if black.lobby.match else None
    cheat = m.Input(match=white.lobby.match.id, player=white.lobby.match.me, frame=1, data=data)
    white.ends[white.lobby.session].link.send(cheat)
    world._flush(white.ends[white.lobby.session])
    world.run(0.1)
    error = black.first(e.ErrorEvent)
    assert error.code == "illegal_input"
    assert error.params["name"] == white.name
    assert black.lobby.match is not None
    assert black.lobby.match.view().state == state
    assert black.first(e.MatchEnded).outcome.winners == (black.lobby.match.me,)


def test_a_different_state_is_found_and_both_hashes_named() -> None:
    world = World()
    a, b = pair(world)
    agree(a, b)
    black, white = colours(a, b)
    assert white.lobby.match is not None
    white.lobby.match.core.timeline.tamper = lambda _, state: GOMOKU.game.advance(state, (None, Move(1)))
    black.do("submit", Move(112), world.now)
    world.run(1)
    for peer in (a, b):
        desync = peer.first(e.MatchDesync)
        assert desync.frame == 1
        assert desync.ours != desync.theirs
        assert desync.mended
        assert not peer.told(e.MatchEnded)
    assert black.first(e.MatchDesync).ours == white.first(e.MatchDesync).theirs


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("moves", [0, 1, 4])
def test_resigning_ends_the_match_alike_on_both_sides(who: int, moves: int) -> None:
    world = World()
    a, b = pair(world)
    agree(a, b)
    order = colours(a, b)
    for number in range(moves):
        order[number % 2].do("submit", Move(number), world.now)
        world.run(0.1)
    order[who].do("resign", world.now)
    world.run(1)
    ended = [peer.first(e.MatchEnded) for peer in order]
    assert ended[0].outcome == ended[1].outcome
    assert ended[0].outcome.winners == (1 - who,)
    assert ended[0].outcome.reason == "resigned"
    assert ended[0].hash == ended[1].hash
    assert ended[0].frames == moves


@pytest.mark.parametrize("seed", range(10))
def test_a_move_and_a_resignation_that_cross_end_alike(seed: int) -> None:
    world = World(seed)
    a, b = pair(world)
    agree(a, b)
    black, white = colours(a, b)
    black.do("submit", Move(112), world.now)
    white.do("resign", world.now)
    world.run(1)
    ended = black.first(e.MatchEnded), white.first(e.MatchEnded)
    assert (ended[0].outcome, ended[0].frames, ended[0].hash) == (
        ended[1].outcome,
        ended[1].frames,
        ended[1].hash,
    )
    assert ended[0].outcome.winners == (0,)


def test_a_return_match_swaps_the_colours() -> None:
    world = World()
    a, b = pair(world)
    agree(a, b)
    for number in range(3):
        first = a.told(e.MatchStarted)[-1]
        (a if number % 2 else b).do("resign", world.now)
        world.run(0.5)
        a.do("rematch", world.now)
        world.run(0.5)
        assert b.told(e.InviteReceived)[-1].rematch
        b.do("rematch", world.now)
        world.run(0.5)
        again = a.told(e.MatchStarted)[-1]
        assert again.match != first.match
        assert again.players == first.players[::-1]
        assert again.match == b.told(e.MatchStarted)[-1].match
    assert len(a.ends) == len(b.ends) == 1


def test_both_ask_for_a_return_match_at_once() -> None:
    world = World()
    a, b = pair(world)
    agree(a, b)
    a.do("resign", world.now)
    world.run(0.5)
    a.do("rematch", world.now)
    b.do("rematch", world.now)
    world.run(0.5)
    assert len(a.told(e.MatchStarted)) == len(b.told(e.MatchStarted)) == 2


def test_leaving_resigns_and_frees_both() -> None:
    world = World()
    a, b = pair(world)
    agree(a, b)
    a.do("leave", world.now)
    world.run(1)
    assert b.first(e.MatchEnded).outcome.reason == "resigned"
    assert a.lobby.match is None
    b.do("leave", world.now)
    world.run(1)
    assert not a.ends
    assert not b.ends
    agree(b, a)
    assert len(a.told(e.MatchStarted)) == 2


def test_a_third_peer_cannot_take_the_seat() -> None:
    world = World()
    a, b = pair(world)
    c = world.add("Cho")
    agree(a, b)
    assert a.lobby.match is not None
    election = a.lobby.match.core.election
    world._dial(c, a.id, None)
    world.run(0.1)
    thief = next(iter(c.ends.values()))
    thief.link.send(m.Join(match=election.match, session=1, token=election.token))
    world._flush(thief)
    world.run(0.5)
    assert not c.ends, "refused"
    assert a.lobby.match.running
    assert not a.told(e.ErrorEvent)


@pytest.mark.parametrize("seed", range(200))
def test_random_users_never_get_stuck(seed: int) -> None:
    """Three people press buttons at random; when they rest, everybody is free or in a match that both see."""
    world = World(seed, delay=0.01, jitter=0.1)
    peers = [world.add(name) for name in ("Ann", "Ben", "Cho")]
    rng = random.Random(seed)
    for _ in range(60):
        peer = rng.choice(peers)
        other = rng.choice([p for p in peers if p is not peer])
        try:
            match rng.randrange(8):
                case 0 | 1 | 2:
                    peer.invite(other)
                case 3 | 4 if peer.lobby.waiting:
                    peer.do("accept", peer.lobby.waiting[0], world.now)
                case 5:
                    peer.do("cancel")
                case 6:
                    peer.do("leave", world.now)
                case 7:
                    peer.do("rematch", world.now)
        except LocalProtocolError:
            pass
        world.pump(peer)
        world.run(rng.random() * 0.3)
    world.run(60)
    for peer in peers:
        if peer.lobby.busy:
            assert peer.lobby.match is not None
            assert peer.lobby.match.running
            match = peer.lobby.match.core.election.match
            partners = [
                p for p in peers if p.lobby.match is not None and p.lobby.match.core.election.match == match
            ]
            assert len(partners) == 2
        assert not peer.lobby.waiting
        assert not [event for event in peer.told(e.ErrorEvent) if event.code == "unexpected_message"]
