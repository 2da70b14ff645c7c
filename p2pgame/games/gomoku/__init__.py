"""Gomoku, the built-in turn-based game: five in a row on a 15 x 15 board. A plug-in like any other."""
