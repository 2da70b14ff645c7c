"""Who plays with late inputs, by choice or by line, is seen to: by both sides, and in the file."""

import pytest

from p2pgame.testing.recorded import replay_of
from tests.sim.reconnect_world import Play, match_of


@pytest.mark.parametrize("game", ["pong", "tron"])
def test_inputs_that_are_held_back_are_seen_by_both_sides_and_in_both_files(game: str) -> None:
    world = Play(game, frames=600, delay=0.005)
    world.start()
    ann, ben = world.both
    held = {}

    def send(data: bytes, to: tuple[str, int]) -> None:
        world.at(world.now + 0.1, lambda: held["send"](ben, data, to))

    held["send"] = world._send_datagram
    vars(world)["_send_datagram"] = lambda peer, data, to: (
        send(data, to) if peer is ben else held["send"](peer, data, to)
    )
    world.run(5.0)
    for peer, held_back in ((ann, True), (ben, False)):
        view = peer.lobby.view(peer.now)
        assert view is not None
        assert view.figures is not None
        late, there = view.figures.late_ms, view.figures.late_there_ms
        assert late > there + 20 if held_back else there > late + 20, (
            "the way there and back is shared, this is not"
        )
    world.run(4.5)
    vars(world).pop("_send_datagram")
    world.play_to_the_end()
    player = match_of(ben).me
    for peer in world.both:
        end = replay_of(peer.files[world.match_id]).end
        assert end is not None
        assert end.late_ms[player] > end.late_ms[1 - player] + 10
