"""Chat without sockets: clean text, what one may say and how often, the log of a place, and the lobby's chat."""
