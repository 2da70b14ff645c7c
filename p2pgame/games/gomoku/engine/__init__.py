"""The Gomoku engine: pure Python, no window, network or thread. Time comes in as a clock.

`variant` and `patterns` say what stones make on a line, `lines` and `position` keep that of a whole board up to date,
`threats` finds wins by fours and threes, `search` is an alpha-beta search, `player` chooses a move, `opening` colours
and first stones, `levels` has the strengths; `gomocup` speaks with managers, `request` with our own program.
"""
