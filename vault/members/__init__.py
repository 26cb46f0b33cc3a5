"""Members of the staff side: enrol, sign in, sessions."""
