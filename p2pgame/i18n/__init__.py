"""Words for people: the one place where codes and parameters become sentences, for the window and the command line."""
