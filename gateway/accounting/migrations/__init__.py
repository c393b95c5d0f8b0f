"""Migrations of the ledger's tables, run by `Database.migrate`."""
