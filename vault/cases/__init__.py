"""What lawyers work on: collect, inbox, assign, reveal, messages, notes."""
