"""Trust: known, verified, blocked and mistaken peers, and the comparison of codes between two players."""
