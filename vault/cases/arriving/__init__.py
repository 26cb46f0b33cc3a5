"""What witnesses sent, at each slot: checked, taken in, carried out, each with its entry."""
