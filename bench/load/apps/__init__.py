"""Bare gateways: what the language and its libraries cost by themselves."""
