"""Custody of the vault: its key, the roster it publishes, erasure, doctor."""
