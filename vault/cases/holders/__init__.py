"""Who handles a case, as what and until when: given, handed over, taken away, as the log says."""
