"""Files and games of this computer that cannot be used. `detail` is what the system says, in its own words."""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    # games
    "bad_game_name": "{package}: the name of a game has 1 to 24 characters of a-z, 0-9 and '-'",
    "game_failed": "{game} has an error of its own at {place}: {error}",
    "no_bot": "{game} has no bot",
    "no_rules_source": "{package}: the source of its rules, or of a module that they import, cannot be read",
    # data directory
    "data_not_exported": "your data cannot be written into {path}: {detail}",
    "data_directory_unusable": "the data directory {path} cannot be used: {detail}",
    "data_file": "{reason}",
    "database_in_memory": "{path} cannot be used now ({cause}): what changes in it is forgotten when the program ends",
    "database_replaced": "{path} could not be used ({cause}): it is kept as {kept}, and a new one has what could be "
    "read in it or found in the recordings",
    "file_unusable": "{path} cannot be used: {detail}",
    "locked_by_other": "another program has locked it",
    "newer_program": "a newer p2pgame wrote it",
    "older_program": "an older p2pgame wrote it",
    "other_program": "another program wrote it",
    "identity_damaged": "{path} is damaged: move it away to get a new identity",
    "not_an_identity": "{path} is not an identity of p2pgame: move it away to get a new one",
    "no_home": "nobody says where your home is (HOME is not set): say where to keep data with --data-dir",
    "settings_not_saved": "settings cannot be saved in {path}: {detail}",
    # matches
    "match_not_over": "the match is not over",
    "no_replay": "there is no replay of this match any more",
    "replay_not_deleted": "the replay cannot be deleted: {detail}",
    "replay_unreadable": "the replay cannot be read: {detail}",
    "unknown_match": "this match is not in the history",
    # recording, while a match is played
    "history_not_kept": "the history is not kept: {cause}",
    "match_not_recorded": "this match is not recorded: {cause}",
    "match_recorded_in_part": "this match is not recorded any further: {cause}",
    "not_deleted": "{reason}",
    "not_recorded": "{reason}",
    "not_saved": "what is known of other players could not be saved: {reason}",
    "report_not_written": "the report of the differing states could not be written: {cause}",
    "directory_read_only": "the data directory can only be read",
    "disk_full": "the disk is full",
    "disk_quota_used": "your share of the disk is used up",
    "disk_read_only": "the disk can only be read",
    "disk_too_slow": "the disk is too slow",
    "recording_too_large": "its file is too large",
    # matches to resume
    "file_of_other_match": "its file is of another match",
    "match_too_old": "it is too old",
    "rules_changed": "the rules of the game have changed since",
}
