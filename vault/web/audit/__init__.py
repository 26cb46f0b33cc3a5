"""The audit interface."""
