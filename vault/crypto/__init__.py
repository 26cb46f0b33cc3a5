"""The primitives, composed from `cryptography` and `argon2-cffi`. Pure: bytes in, bytes out."""
