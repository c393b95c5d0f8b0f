"""Egress: the one door to models. Nothing else opens a connection to one."""
