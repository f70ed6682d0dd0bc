"""Everything that has a name in the console, found by typing a part of it."""
