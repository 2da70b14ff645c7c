"""A game by turns for tests, as a plug-in: with a clock, and takebacks."""
