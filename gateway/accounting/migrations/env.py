"""Alembic's entry: runs the versions on the connection it was handed, inside that connection's transaction."""

from alembic import context

from gateway.accounting.tables import METADATA, REVISIONS

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=REVISIONS,  # other rooms keep tables in the same database
    transactional_ddl=True,
)
context.run_migrations()
