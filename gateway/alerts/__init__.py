"""Alerts: who is told when a budget passes a share of what it may spend, once each."""
