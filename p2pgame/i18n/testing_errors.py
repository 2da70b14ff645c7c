"""What a test of a game ends with (`p2pgame.testing`), besides success."""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    "no_legal_input": "{game}: player {player} is to move and no input is legal",
    "no_legal_input_found": "{game}: player {player} is to move and no legal input was found; "
    "give it `moves(state, player)`",
    # not deterministic
    "initial_differs": "frame {frame}: `initial` gives two different states for one setup",
    "outcome_differs": "frame {frame}: `outcome` gives two different answers for one state",
    "inputs_changed": "frame {frame}: `advance` changes the inputs it is given",
    "state_changed": "frame {frame}: `{method}` changes a state that others still hold",
    "state_not_encoded": "frame {frame}: the state cannot be encoded: {reason}",
    "state_not_same": "frame {frame}: the state is another once encoded and decoded",
    "state_not_of_type": "frame {frame}: the state does not fit its own type: {reason}",
    "replayed_differs": "frame {frame}: another state when played again from frame {start}",
    # processes
    "process_failed": "{runner}: {reason}",
    "process_not_started": "{python} cannot be started: {reason}",
    "process_silent": "{runner}: it failed silently",
    "process_timeout": "{runner}: no answer within {seconds} s",
    "process_wrong_output": "{runner}: wrote something else than hashes: {reason}",
    "processes_differ": "frame {frame} of seed {seed} differs between {first} and {second}",
}
