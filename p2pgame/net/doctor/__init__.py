"""`p2pgame doctor` without its printing: `gather` finds facts, `judge` turns them into findings for a player."""
