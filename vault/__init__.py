"""Witness Vault: anonymous intake and sealed custody of testimony, with a verifiable access log."""
