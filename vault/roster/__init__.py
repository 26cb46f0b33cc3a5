"""The signed, versioned list of members, their keys and roles. Pure."""
