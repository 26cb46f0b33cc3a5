"""What property tests share."""

from hypothesis import strategies as st

# Keys of canonical JSON: no character beyond U+FFFF (vault/canonical.py says why), no surrogate.
KEYS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=10)
