"""Recorded matches: the records of a file, and how to read, play, verify and compare them.

Pure: works on bytes and records. `p2pgame.storage` reads and writes the files.
"""
