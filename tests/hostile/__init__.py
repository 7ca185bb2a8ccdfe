"""Campaigns of hostile input, each attempt with an oracle; see `__main__`."""
