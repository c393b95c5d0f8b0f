"""Accounting: prices, journal, ledger, savings. Money is Decimal; unknown is None, never 0."""
