"""`python -m vault.cli`: the same as `witness-vault`."""

from vault.cli import main

main()
