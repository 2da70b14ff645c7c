"""Rooms: who is in, who plays on which seat, and the rounds that they play one after another."""
