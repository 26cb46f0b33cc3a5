"""What an auditor is shown of the whole log: sums, days and flags of proven entries.

`read` takes an entry apart, `sums` counts, `rules` and `watch` raise flags; these are pure.
`proven` holds entries against signed checkpoints, `keeper` goes on from where it stood, `complete`
says whether a filter finds all. Decision 0041.
"""
