"""Seeds, grants and epochs: who can open which compartment. Pure."""
