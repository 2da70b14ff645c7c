"""The sentences of what can be wrong with the file of a match: the codes of `p2pgame.replay`, in English.

``{cause}`` stands for the sentence of another code, ``{name}`` and ``{number}`` for a player.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from p2pgame.core.errors import Param
from p2pgame.core.registry import installed
from p2pgame.i18n.catalogue import gettext

__all__ = ["SENTENCES", "replay_text"]

SENTENCES: Final[Mapping[str, str]] = {
    # the file
    "unreadable": "it cannot be read: {reason}",
    "not_a_replay": "this is not a replay of p2pgame",
    "file_too_large": "the file is too large: {size} bytes, and at most {limit} are read",
    "other_format": "{cause}",
    "newer_format": "a newer p2pgame wrote this file: update this one to read it",
    "older_format": "an older p2pgame wrote this file, in format {format}; this one reads format {supported}",
    "no_header": "the file has no readable header: {cause}",
    "header_names": "the header has not one name for each player",
    "header_players": "the header names somebody who does not play",
    "record_cut": "it was cut in the middle of a record",
    "record_too_large": "a record claims to have {size} bytes",
    "wrong_checksum": "a record is damaged: its checksum is wrong",
    "malformed_record": "a record is malformed: {reason}",
    # records that do not fit each other
    "second_header": "a second header",
    "record_after_end": "a record of play after the end",
    "frame_not_played": "a record of frame {frame}, and only {frames} were played",
    "wrong_first_frame": "inputs from frame {frame} on, and {frames} is next",
    "too_many_frames": "more than {frames} frames, or {runs} runs of equal ones",
    "bad_inputs": "inputs that are not of {players} players",
    "wrong_hashes": "hashes that are not of {frames} frames",
    "snapshot_order": "a snapshot of frame {frame} after one of a later frame",
    "wrong_winners": "an end that is won by somebody who does not play",
    "long_reason": "an end with a reason that is too long",
    "early_signature": "a signature before the end",
    "unexpected_signature": "a signature of nobody who plays, or a second one",
    "bad_decision": "a decision that does not fit: {cause}",
    "decision_too_long": "it is too long",
    "decision_malformed": "it is malformed",
    "decision_too_many": "there are too many",
    "decision_out_of_order": "it is not the next one",
    "decision_old_epoch": "it is of an earlier epoch than the one before it",
    "decision_of_nobody": "it is of somebody who does not play",
    # what the rules of the game do not accept
    "game_not_installed": "it is a match of {game}, which is not installed here",
    "other_game": "this is a match of {game}, not of {expected}",
    "wrong_player_count": "{game} is not for {players} players",
    "bad_config": "the configuration is none of {game}: {reason}",
    "bad_input": "frame {frame} has an input that is none of {game}: {reason}",
    "not_a_state": "what stands as the state of frame {frame} is no state of {game}: {reason}",
    "input_not_given": "frame {frame}: the input of player {number} is missing",
    "input_not_asked": "frame {frame}: the input of player {number} was not asked for",
    "input_illegal": "frame {frame}: the input of player {number} is illegal: {reason}",
    "rules_failed_at": "the rules of {game} fail at frame {frame}: {reason}",
    "not_msgpack": "frame {frame} holds what is no msgpack: {reason}",
    "not_comparable": "what is to be compared is a state of no game",
    # what does not verify
    "damaged": "from byte {byte} on it cannot be read: {cause}",
    "no_end": "it has no end: it was cut, or the match is not over",
    "other_rules_played": "it was played by other rules ({recorded}) than those installed here ({installed})",
    "other_tick_rate": "{game} is not played at {rate} frames a second",
    "played_after_end": "the match was over at frame {frame}, and the file goes on",
    "chain_differs": "frame {frame}: the hash chain does not come out: other inputs or another state than recorded",
    "snapshot_differs": "frame {frame}: the recorded snapshot is not the state",
    "repaired_state_differs": "frame {frame}: the match was repaired with a state that the rules do not give",
    "repaired_chain_differs": "frame {frame}: the hash chain does not come out where the match was repaired",
    "last_state_differs": "frame {frame}: the last state is not the one that the end names",
    "end_chain_differs": "frame {frame}: the hash chain is not the one that the end names",
    "other_outcome": "frame {frame}: by the rules it ended otherwise: {reason}",
    "not_ended_by_rules": "the end says that the rules ended the match, and they did not",
    "decisions_chain_differs": "the decisions are not those that the end names",
    "played_after_decision": "a decision ended the match at frame {frame}, and the file goes on",
    "not_decided": "no decision in the file ends the match in this way",
    "not_justified": "the decision that ended the match does not follow from those before it",
    "contradicted": "another decision contradicts how the match ended",
    "wrong_signature": "the signature for {name} is not genuine",
    "not_signed": "{name} has not signed it",
    "nobody_signed": "nobody has signed it",
    # what somebody asked for
    "no_such_frame": "it has no frame {frame}: {frames} were played",
    "cut_before_repair": "its file was cut where the match was about to go on from another state",
}
"""Code to message id."""

_OF_MOVE: Final = "move_"
"""Begins the names of the parameters that the game gave with an illegal move."""


def replay_text(code: str, params: Mapping[str, Param], names: Sequence[str] = ()) -> str:
    """One line about a `ReplayError` or `Problem`; the code itself if it is unknown. `names`: of the players."""
    facts = dict(params)
    if "cause" in params:
        facts["cause"] = replay_text(str(params["cause"]), {**params, "cause": ""}, names)
    if "game" in params:
        facts["game"] = _title(str(params["game"]))
    if "player" in params:
        player = int(params["player"])
        facts["number"] = player + 1
        facts["name"] = (
            names[player] if player < len(names) else gettext("player {number}", number=player + 1)
        )
    if code == "input_illegal":
        move = {
            name.removeprefix(_OF_MOVE): value for name, value in params.items() if name.startswith(_OF_MOVE)
        }
        facts["reason"] = gettext(str(params["reason"]), **move)
    return gettext(SENTENCES.get(code, code), **facts)


def _title(game: str) -> str:
    plugin = installed().get(game)
    return game if plugin is None else plugin.game.title
