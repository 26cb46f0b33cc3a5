"""The intake side's only store: packets in, boxes out, the published roster."""
