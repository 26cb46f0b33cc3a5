"""Recovery by k of n trustees: the files that travel, and what is done offline with the shares.

Nothing here opens a database. What the vault does with the files stands in `cases.recovering`.
"""
