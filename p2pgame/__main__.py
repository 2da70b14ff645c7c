"""`python -m p2pgame`: the same as the `p2pgame` command."""

from p2pgame.cli.start import entry

if __name__ == "__main__":
    entry()
