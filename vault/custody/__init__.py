"""Custody of the vault: its key, the roster it publishes, recovery, erasure, doctor."""
