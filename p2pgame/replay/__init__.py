"""What is left of a match: the records of its file, and what can be done with them without the network.

Pure: bytes and records come in, records and states go out. Files are the business of `p2pgame.storage`.
"""
