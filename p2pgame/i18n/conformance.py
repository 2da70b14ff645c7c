"""The problems of a game (`p2pgame.testing.checks`) in words."""

from typing import Final

from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.errors import sentence
from p2pgame.testing.checks import ConformanceProblem

__all__ = ["IMPURITY_SENTENCES", "PROBLEM_SENTENCES", "problem_sentence"]

PROBLEM_SENTENCES: Final[dict[str, str]] = {
    "bad_attribute": "{name} is {value}, not a {type}",
    "bad_default": "{path} is {value} by default, but may be one of: {choices}",
    "bad_name": "name {name} is not 1-24 characters of a-z, 0-9 and '-'",
    "bad_neutral": "neutral {value} is not a {type}",
    "bad_player_bounds": "min_players {least} and max_players {most} are not in order within 1-8",
    "bad_prediction": "predict gives what is no input",
    "bad_reason": "the reason {reason} is not 1-64 characters",
    "bad_tick_rate": "tick_rate {tick_rate} is not an integer from 0 to {most}",
    "bad_title": "title {title} is not 1-40 characters",
    "bad_winners": "the winners {winners} are not players, each once",
    "changed_by_encoding": "{value} is another once encoded and decoded",
    "config_too_large": "takes {size} bytes, more than {most}",
    "default_not_of_type": "the default does not survive its own types",
    "impure_type": "{role}_type: {path}: {why}",
    "impure_value": "{where}: {path}: {why}",
    "input_too_large": "an input takes {size} bytes, more than {most}",
    "moves_out_of_turn": "validate lets player {player} move when {asked} are to move",
    "neutral_refused": "{value}, which a silent player is taken to give, is refused: {reason}",
    "no_default": "field {field} has no default",
    "no_text": "{method} does not give a string",
    "nobody_to_move": "nobody is to move and the match is not over",
    "not_a_struct": "{role}_type is not a msgspec.Struct",
    "not_an_input": "{value} is taken for an input",
    "not_an_outcome": "outcome gives {value}, not an Outcome",
    "outcome_changes": "a frame after the end changes the outcome, from {before} to {after}: prediction runs past the "
    "end, so let advance return the state as it is once outcome gives something",
    "over_at_the_start": "with {players} players and {config} a match is over before it begins",
    "part_of_a_team_wins": "the winners {winners} are a part of a team ({teams})",
    "raised": "{error} ({place})",
    "refused_in_real_time": "validate refuses {value} ({reason}): in real time an input meets a state that its player "
    "has not seen, so it counts as neutral there; let advance decide, and put bounds into input_type",
    "state_grows": "a state grows with the match, from {first} to {last} bytes in {frames} frames: in a long one it "
    "takes over {most}; keep only what the next frame needs",
    "state_too_large": "with {players} players a state takes over {most} bytes ({size})",
    "to_move_differs": "to_move gives two different answers for one state",
    "to_move_in_real_time": "to_move names players, but in real time every player moves in every frame: return None",
    "to_move_names_nobody": "to_move gives {value}, but there are {players} players",
    "to_move_not_in_order": "to_move gives {value}, not a tuple of players in order, each once",
    "too_few_for_teams": "teams need a match of at least {least} players, and max_players is {most}",
    "wrong_type": "{method} gives a {type}, not a {expected}",
}
IMPURITY_SENTENCES: Final[dict[str, str]] = {
    "any_type": "Any takes whatever comes from the wire: name the type",
    "clock": "clocks differ: count frames",
    "dataclass": "{subject} is a dataclass: use a frozen msgspec.Struct",
    "decimal": "its context is global: use integers",
    "float": "floats round differently from machine to machine: use integers",
    "mutable": "can be changed in place: use a tuple, bytes or a frozen struct",
    "not_frozen": "{subject} is not frozen",
    "set_order": "the order of a set differs from process to process: use a sorted tuple",
    "unknown_type": "is unknown to the encoding",
}


def problem_sentence(problem: ConformanceProblem) -> str:
    """What does not hold."""
    params = dict(problem.params)
    if problem.code in ("impure_type", "impure_value"):
        subject, why = str(params.pop("subject")), str(params["why"])
        words = gettext(IMPURITY_SENTENCES[why], subject=subject)
        shown = bool(subject) and "{subject}" not in IMPURITY_SENTENCES[why]
        params["why"] = f"{subject}: {words}" if shown else words
    english = PROBLEM_SENTENCES.get(problem.code)
    return sentence(problem.code, params) if english is None else gettext(english, **params)
