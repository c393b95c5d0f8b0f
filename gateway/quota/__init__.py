"""Quota: what requests may take of limits and budgets, held before the call and settled after it."""
