"""Small processes that hold keys in memory, asked over a Unix socket with a peer check."""
