"""What the two interfaces for members share: who is signed in, CSRF, signing in, their pages.

Only `web.staff` and `web.audit` import this; it reaches the vault side, so intake never may.
"""
