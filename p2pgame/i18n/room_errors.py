"""English sentences for the codes of rooms: what a leader refuses, and what cannot be done now."""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    # what the user cannot do now
    "in_room": "you are in a room",
    "no_leader": "the room is looking for its leader",
    "no_room": "you are in no room",
    "no_such_room": "there is no such room",
    "not_leader": "only the leader of the room may do that",
    "room_declined": "{name} does not come into your room",
    # what the leader refuses
    "full": "the room is full",
    "no_watchers": "that room lets only some people watch",
    "vote_game_missing": "that game is not installed where the room is led",
    "game_without_bot": "this game has no bot",
    "game_without_teams": "this game knows no teams",
    "gathering": "a round is just beginning",
    "no_member": "that player is not in the room",
    "no_such_level": "bots have no such strength",
    "no_such_seat": "there is no such seat",
    "no_such_series": "there is no such series",
    "no_such_team": "there is no such team",
    "no_such_vote": "there can be no vote on that",
    "no_table": "no round is over",
    "no_vote": "no vote is on",
    "not_seated": "only who has a seat may vote",
    "round_on": "a round is on",
    "vote_on": "another vote is on",
    "vote_too_soon": "you proposed something less than a minute ago",
    "not_so_many": "so many players cannot play this game",
}
