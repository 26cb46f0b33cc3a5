"""The cases: what arrives, who holds them, their keys, lists, what is written, how they end.

`reveal` is the only way to testimony.
"""
