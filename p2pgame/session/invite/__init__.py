"""From the first word to an agreement, an elected host and an open session."""
