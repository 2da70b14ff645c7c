"""What can be wrong with a file of another program: the codes of `p2pgame.core.records` and of the games' records."""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    # the file as a whole
    "no_records": "{game} reads and writes no files of other programs",
    "foreign_board_size": "its board of {size} points a side is not played on here",
    "foreign_cut": "it was cut, or is damaged, at byte {byte}",
    "foreign_format": "files that end with .{form} are not known",
    "foreign_more_games": "it has more games; only the first is shown",
    "foreign_not_psq": "this is not a file of Piskvork",
    "foreign_not_renlib": "this is not a library of RenLib",
    "foreign_not_sgf": "this is not a file in the Smart Game Format",
    "foreign_opening": "it begins with an opening that is not known: {opening}",
    "foreign_other_game": "it is of another game",
    "foreign_setup": "its first position is not possible",
    "foreign_too_large": "only the first {most} bytes are read",
    "foreign_too_many_moves": "only the first {most} moves are shown",
    # parts of it
    "foreign_after_end": "move {number} comes after the end and is left out",
    "foreign_illegal_move": "move {number}, {move}, is not legal; it is left out, and what follows it",
    "foreign_out_of_turn": "move {number} is of the wrong colour; it is left out, and what follows it",
    "foreign_setup_inside": "stones that appear in the middle of the game are left out, and what follows them",
    # writing
    "file_exists": "{file} is there already: name another with --to",
    "not_written": "{file} cannot be written: {reason}",
    "foreign_real_time": "{game} has no moves by turns that another program could show",
    # what a format cannot say
    "foreign_no_pass": "a file of Piskvork cannot say that somebody passed",
    "foreign_no_setup": "a file of Piskvork cannot begin with stones on the board",
}
