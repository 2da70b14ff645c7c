"""From an invitation to an agreement, an elected host and an open session."""
