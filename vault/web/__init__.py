"""The three interfaces: intake, staff, audit."""
