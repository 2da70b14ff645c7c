"""What the command line refuses, and the errors of its own that it prints."""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    "bad_bot_option": "the bot of {game} does not take that: {problem}",
    "bot_forfeits": "the bot of {game} cannot play on and gives up: {reason}",
    "chat_not_said": "the time was over before anything was said: give it more with --seconds",
    "demo_not_started": "{name} did not start",
    "demo_stalled": "nothing happened for {seconds} s: the demo gives up",
    "display_lost": "the display is gone; a match that was on can be resumed",
    "game_needed": "say what to play: --game, or --open, --join or --watch for a room",
    "more_players_than_seats": "--local asks for {local} players, and the room has {seats} seats",
    "name_of_other_package": "{package} is also the name of another package, {file}",
    "no_output": "standard output is closed: there is nowhere to write to",
    "no_room_found": "no room of {target} was found in {seconds} s",
    "no_rules_file": "{path} has no rules.py",
    "no_window": "{reason}",
    "not_a_desync_report": "{path} is no desync report: name a second file to compare it with",
    "only_in_a_room": "--local goes with --open or --join",
    "only_with_open": "--seats, --bots and --first-to go with --open",
    "no_such_format": "there is no such format; there are {formats}",
    "one_file_to_export": "--to takes one file",
    "only_with_export": "--format and --to go with export",
    "only_with_show": "--at goes with show",
    "output_failed": "the output cannot be written: {reason}",
    "too_many_files": "diff compares two files, or reads one desync report",
    "unknown_game": "there is no game {name}; installed are: {known}",
    "wrong_number_of_seats": "a room for {game} has at least {least} and at most {most} seats",
    "unknown_game_or_folder": "there is no game {name}; installed are: {known}. A folder with rules.py works as well",
}
