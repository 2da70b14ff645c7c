"""Trust in peers: known, verified and blocked peers, impostors, and verification by comparing codes."""
