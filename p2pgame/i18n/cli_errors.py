"""What the command line refuses, and the errors of its own that it prints."""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    "demo_not_started": "{name} did not start",
    "demo_stalled": "nothing happened for {seconds} s: the demo gives up",
    "name_of_other_package": "{package} is also the name of another package, {file}",
    "no_output": "standard output is closed: there is nowhere to write to",
    "no_rules_file": "{path} has no rules.py",
    "no_window": "{reason}",
    "not_a_desync_report": "{path} is no desync report: name a second file to compare it with",
    "only_with_show": "--at goes with show",
    "too_many_files": "diff compares two files, or reads one desync report",
    "unknown_game": "there is no game {name}; installed are: {known}",
    "unknown_game_or_folder": "there is no game {name}; installed are: {known}. A folder with rules.py works as well",
}
