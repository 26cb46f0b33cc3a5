"""The command `witness-vault`: one file per command group."""
