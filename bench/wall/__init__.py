"""The fault wall: what breaks at a model's server, and what each client sees of it, in every dialect."""
