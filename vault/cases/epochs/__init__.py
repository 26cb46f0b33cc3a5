"""Epochs and grants: the keys of a case, renewed and resealed so that they follow its holders."""
