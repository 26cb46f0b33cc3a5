"""What a witness sends and what a receipt opens: formats, makers, checks. Pure."""
