"""What the player cannot do now, and why an invitation came to nothing."""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    # events that give the reason of another error
    "illegal_move": "{reason}",
    "not_now": "{reason}",
    # commands that cannot be carried out
    "comparison_running": "codes are being compared with {name} already",
    "impostor": "this is not the {name} you verified: another key under the same name, or a name that looks like it",
    "invitation_gone": "that invitation is no longer there",
    "invitation_open": "another invitation is still open",
    "link_not_open": "the message {message} cannot be sent on a connection that is {state}",
    "match_running": "a match is running",
    "no_code": "there is no code to compare",
    "no_match": "there is no match",
    "no_match_played": "no match was played yet",
    "no_such_game": "the game {game} is not installed",
    "no_such_match": "there is no such match",
    "other_rules_of": "{name} has other rules of {game}, or does not have it",
    "peer_gone": "that player is no longer there",
    "rules_failed_locally": "the rules of {game} failed: {reason}",
    "rules_missing": "the rules of this match are no longer installed",
    "unknown_command": "this program does not know the command {command}",
    "too_early_to_claim": "{name} may still come back",
    "wrong_number_of_players": "{players} players cannot play {game}: it is for at least {least} and at most {most}",
    # inputs that cannot be given, whatever the game
    "desync_repair": "the two games differ, and the difference is being repaired",
    "input_missing": "an input is missing",
    "match_not_running": "the match is not running",
    "match_over": "the match is over",
    "match_paused": "the match is paused",
    "not_your_turn": "it is not your turn",
    "wrong_number_of_inputs": "there are inputs of {count} players",
    # why an invitation came to nothing
    "busy": "the player is busy",
    "cancelled": "the invitation was taken back",
    "declined": "the player declined",
    "expired": "there was no answer in time",
    "first_invitation_open": "the first invitation is still open",
    "incompatible": "the other program has other rules of the game, or does not know these options",
    "stale": "that match is over",
    "too_soon": "wait a few seconds before you ask again",
    "unreachable": "the player cannot be reached: a firewall may block TCP between the two computers",
    "vanished": "the player is gone",
    # why a peer of the list cannot be played with
    "no_common_game": "no game in common",
    "other_protocol": "uses protocol {theirs}, this program uses {ours}: update p2pgame",
    "other_rules": "other rules of {games}",
    # why a comparison of codes ended
    "cheated": "the other program changed its secret number after it had committed to it",
    "confirmed": "both sides confirmed the code",
    "rejected": "the code was rejected",
}
