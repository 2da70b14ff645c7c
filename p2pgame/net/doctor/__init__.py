"""`p2pgame doctor` without its output: `gather` collects facts, `diagnose` turns them into findings."""
