"""Invitations, election of the host, and opening of the session."""
