"""`p2pgame doctor` without its output: `gather` collects facts, `judge` turns them into findings."""
