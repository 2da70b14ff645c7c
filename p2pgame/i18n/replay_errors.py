"""What is wrong with the file of a match. Players are numbered from 1."""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    # the file
    "file_too_large": "the file is too large: {size} bytes, and at most {most} are read",
    "newer_format": "a newer p2pgame wrote this file: update this one to read it",
    "no_header": "the file has no readable header: {reason}",
    "not_a_replay": "this is not a replay of p2pgame",
    "older_format": "an older p2pgame wrote this file in format {format}, which this one does not read",
    "record_checksum": "a record is damaged: its checksum is wrong",
    "record_cut": "it was cut in the middle of a record",
    "record_malformed": "a record is malformed: {reason}",
    "record_size": "a record claims to have {size} bytes",
    # records that do not belong together
    "after_the_end": "a record of play after the end",
    "bad_end_reason": "an end with a reason that is too long",
    "bad_end_winner": "an end that is won by somebody who does not play",
    "bad_hashes": "hashes that are not of {frames} frames",
    "bad_inputs": "inputs that do not fit: {reason}",
    "bad_signature_player": "a signature of nobody who plays, or a second one",
    "early_signature": "a signature before the end",
    "frame_not_played": "a record of frame {frame}, and only {frames} were played",
    "header_names": "the header has not one name for each player",
    "header_players": "the header names somebody who does not play",
    "inputs_not_next": "inputs from frame {first} on, and {frames} is next",
    "second_header": "a second header",
    "snapshot_order": "a snapshot of frame {frame} after one of a later frame",
    "too_many_frames": "more than {frames} frames, or {runs} runs of equal ones",
    # asked of a file
    "game_not_installed": "it is a match of {game}, which is not installed here",
    "no_such_frame": "it has no frame {frame}: {frames} were played",
    "no_msgpack": "frame {frame} holds what is no msgpack: {reason}",
    "no_states_to_compare": "what is to be compared is a state of no game",
    # played again by the rules
    "config_unknown": "the configuration is none of {game}: {reason}",
    "input_illegal": "frame {frame}: the input of player {player} is illegal: {reason}",
    "input_not_asked": "frame {frame}: the input of player {player} was not asked for",
    "input_not_given": "frame {frame}: the input of player {player} is missing",
    "input_unknown": "frame {frame} has an input that is none of {game}: {reason}",
    "other_game": "this is a match of {game}, not of {expected}",
    "played_after_the_end": "the match was over at frame {frame}, and the file continues",
    "replay_players": "{game} is not for {players} players",
    "rules_failed_at": "the rules of {game} fail at frame {frame}: {reason}",
    "state_unknown": "what is recorded as the state of frame {frame} is no state of {game}: {reason}",
    "cut_before_repair": "its file was cut where the match was about to continue from another state",
    # verdicts
    "chain_differs": "frame {frame}: the hash chain does not come out: other inputs or another state than recorded",
    "chain_differs_at_repair": "frame {frame}: the hash chain does not come out where a desync was repaired",
    "damaged_from": "from byte {byte} on it cannot be read: {reason}",
    "end_by_the_rules": "frame {frame}: by the rules it ended otherwise: {reason}",
    "end_chain": "frame {frame}: the hash chain is not the one that the end names",
    "end_state": "frame {frame}: the last state is not the one that the end names",
    "false_signature": "the signature for {name} is not genuine",
    "no_end": "it has no end: it was cut, or the match is not over",
    "no_signature": "nobody has signed it",
    "not_signed_by": "{name} has not signed it",
    "other_rules_played": "it was played by other rules ({theirs}) than those installed here ({ours})",
    "other_tick_rate": "{game} is not played at {tick_rate} frames a second",
    "repaired_state": "frame {frame}: the match continued from a state that the rules do not give",
    "snapshot_differs": "frame {frame}: the recorded snapshot is not the state",
}
