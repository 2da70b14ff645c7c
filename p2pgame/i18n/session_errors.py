"""English sentences for the codes of links, invitations, comparisons of codes and the node: message ids by code.

A code is that of an `ErrorEvent`, else its ``params["reason"]``, or the reason of an `InviteDeclined`; the event's own
fields ``name`` and ``game`` count as parameters. A sentence has only parameters that are always there: what the other
side sends beside a code may be missing.
"""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    # events that give the reason of another error
    "illegal_move": "{reason}",
    "not_invited": "{name} is there and cannot be invited: {reason}",
    "not_now": "{reason}",
    # what the user cannot do now
    "chat_empty": "there is nothing to say in that",
    "chat_gone": "nobody is there any more to talk to",
    "chat_repeated": "you said that just now: the same again is not sent within {seconds} s",
    "chat_silenced": "the leader of the room has silenced you",
    "chat_too_fast": "not so fast: wait {seconds} s",
    "chat_too_long": "that is too long: at most {most} characters",
    "chat_not_ready": "the network is not ready yet",
    "already_comparing": "codes are being compared with {name} already",
    "blocked": "{name} is blocked",
    "impostor": "this is not the {name} you verified: another key under the same name, or one that looks like it",
    "incompatible": "{name} does not have the same rules or options of {game}",
    "invitation_open": "your invitation to {name} is still open",
    "link_not_open": "the message {message} cannot be sent: the link is {state}",
    "match_on": "a match is on",
    "no_code_to_compare": "there is no code to compare",
    "no_match_played": "no match was played",
    "no_such_game": "there is no game {game} here",
    "no_such_invitation": "that invitation is no longer there",
    "no_such_peer": "no peer called {target} was found in {seconds} s",
    "no_common_game": "no game in common",
    "other_protocol": "uses protocol {theirs}, this program uses {ours}: update p2pgame",
    "other_rules": "other rules of {games}",
    "peer_gone": "that player is no longer there",
    "unknown_command": "this program does not know the command {command}",
    "no_match": "there is no match",
    "no_such_match": "there is no such match",
    "rules_not_installed": "the rules of this match are not installed any more",
    "too_early_to_claim": "{name} may still come back",
    "wrong_teams": "{game} cannot be played in these teams",
    "wrong_number_of_players": "{players} players cannot play {game}: it is for at least {least} and at most {most}",
    # inputs that cannot be given, whatever the game
    "malformed_input": "that is no input of this game",
    "match_over": "the match is over",
    "missing_input": "an input is missing",
    "not_running": "the match is not running ({status})",
    "not_your_turn": "it is not your turn",
    "no_takebacks_left": "no moves may be taken back any more",
    "not_by_turns": "this game is not played by turns",
    "nothing_to_take_back": "there is no move to take back now",
    "takeback_not_allowed": "nobody here agreed to take moves back",
    "wrong_number_of_inputs": "there are inputs of {inputs} players",
    # why an invitation was declined
    "busy": "{name} is busy",
    "changed": "{name} drew another lot after a match that did not begin: ask again in ten minutes",
    "declined": "{name} declined",
    "no_answer": "{name} cannot be reached: {cause}",
    "stale": "that match is over",
    "too_soon": "wait a few seconds before you ask {name} again",
    "unreachable": "{name} cannot be reached",
    # why a match does not begin
    "cancelled": "the match was called off before it began",
    "connect_failed": "no connection to {name}",
    # how a link ended
    "adjourned": "{name} does not go on with the adjourned match now",
    "bye": "{name} closed the program",
    "connection_lost": "the connection to {name} is lost",
    "done": "the link to {name} is no longer needed",
    "dropped": "{name} plays on without this program",
    "hello_timeout": "{name} did not say hello in time",
    "idle": "the link to {name} was not used",
    "left": "{name} left",
    "moved": "the link to {name} was replaced",
    "not_host": "{name} does not carry the match",
    "old_epoch": "another host was chosen meanwhile",
    "resume_timeout": "{name} did not answer in time",
    "silent": "nothing was heard from {name} for some seconds",
    "superseded": "the link to {name} was replaced",
    "too_slow": "{name} receives too slowly",
    # a rule of the protocol was broken
    "bad_message": "a message that cannot be read",
    "bad_reveal": "a nonce that is not the one committed to",
    "frame_too_large": "a message that is too large",
    "no_seat": "there is no seat for this player in that match",
    "too_many": "too many connections at once",
    "too_fast": "more messages than allowed",
    "unexpected_message": "a message that may not come now",
    "wrong_version": "the two sides have different versions of the protocol: update p2pgame on both",
    # the program
    "network_failed": "the network cannot be used: {detail}",
    "trace_not_opened": "the trace cannot be written to {path}: {detail}",
}
