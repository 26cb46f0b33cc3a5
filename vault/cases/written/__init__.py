"""What members write: replies, notes, drafts, words about consent."""
