"""Measurements of a real vault on this machine, each beside the floor of the same run."""
