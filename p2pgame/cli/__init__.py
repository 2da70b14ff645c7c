"""The command line: the composition root. Every command is a module with ``add_arguments`` and ``run``."""
