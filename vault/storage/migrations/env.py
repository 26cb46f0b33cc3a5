"""What Alembic runs for every command: it takes the connection that `upgrade` gave."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
)
# No transaction of Alembic's own: the one of `Database.write()` holds all or nothing.
context.run_migrations()
