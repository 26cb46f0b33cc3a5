"""Consent items and the gate over a given history. Pure."""
