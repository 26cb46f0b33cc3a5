"""The public intake interface."""
