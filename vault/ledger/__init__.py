"""The verifiable access log as a format: entries, Merkle tree, notes, proofs. Pure."""
