"""Codes that travel: why a link or a match was closed, by us or by the other side (docs/protocol.md).

The other side may send the bare code, so no sentence here has parameters. Where `session_errors` has a sentence with
parameters for the same code, that one is used if they are there.
"""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    # ends without a fault
    "bye": "the other program was closed",
    "adjourned": "the match is adjourned, and does not go on now",
    "dropped": "the match goes on without this program",
    "not_host": "that member does not carry the match",
    "old_epoch": "the others chose another host meanwhile",
    "done": "the other side has nothing more to say about this invitation",
    "idle": "the connection was not used",
    "left": "the other player went back to the lobby",
    "moved": "the match continues over another connection",
    "superseded": "another connection has taken over",
    # the network
    "connect_failed": "the other side cannot be reached",
    "connection_lost": "the connection is lost",
    "handshake_failed": "no secure connection could be made",
    "hello_timeout": "the other side did not answer in time",
    "silent": "nothing is heard from the other side",
    "too_slow": "the other side does not read what is sent",
    # refusals
    "bad_certificate": "the certificate of the other side is not valid",
    "blocked": "this player is blocked",
    "not_p2pgame": "the other side does not speak p2pgame",
    "no_seat": "no place is kept in this match",
    "too_fast": "too many messages in a short time",
    "too_many": "too many connections from one address",
    "wrong_peer": "another peer answers at that address",
    "wrong_version": "the other side uses another version of the protocol: update p2pgame",
    # how a match ended while the other side was away
    "abandoned": "the match is over: it was given up after a restart",
    "claimed": "the match is over: it was claimed by the player who waited",
    "over": "the match is over",
    "resigned": "the match is over: a player resigned",
    # time limits of a match
    "end_timeout": "the other side did not confirm how the match ended",
    "resume_timeout": "the other side did not send the missing part of the match",
    # faults of a program
    "bad_datagram": "the other program sent an invalid datagram",
    "bad_decision": "the other program sent a decision that does not fit the match",
    "bad_differ": "the other program sent invalid state hashes",
    "bad_log": "the other program sent inputs that do not fit the match",
    "bad_message": "the other program sent an invalid message",
    "bad_opening": "the other program opened another move than it had committed to",
    "bad_packet": "the other program sent an invalid packet",
    "bad_prologue": "the other program opened the connection in an invalid way",
    "bad_resume": "the other program cannot resume the match from there",
    "bad_reveal": "the other program changed its secret number after it had committed to it",
    "bad_room": "the other program sent a room that cannot be",
    "bad_facts": "the other program described a match that cannot be",
    "bad_clock": "the other program counts the time of the players otherwise than it passed",
    "bad_seal": "the other program committed to a move a second time, or out of turn",
    "bad_start": "the other program started the match in an invalid way",
    "bad_state": "the other program sent an invalid game state",
    "desync": "the two games differ, and the difference cannot be repaired",
    "disputed": "the two programs do not agree on what was played",
    "frame_too_large": "the other program sent a message that is too large",
    "illegal_input": "the other program sent an input that the rules do not allow",
    "missing_hash": "the other program sent an input without the state hash before it",
    "missing_seal": "the other program showed a move before all players had committed to theirs",
    "not_opened": "the other program did not open the move that it had committed to",
    "not_your_request": "the other program asked for something that is not its to ask",
    "not_your_seat": "the other program spoke for the seat of somebody else",
    "old_session": "the other program resumed an outdated session",
    "rules_failed": "the copy of the game on the other side has an error of its own",
    "too_far_ahead": "the other program is too far ahead",
    "too_many_watchers": "as many watch this match as may",
    "unexpected_message": "the other program sent a message at the wrong time",
    "wrong_frame": "the other program sent data for the wrong frame",
    "wrong_match": "the other program sent a message of another match",
    "wrong_player": "the other program sent the input of a player whose turn it is not",
}
