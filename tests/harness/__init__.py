"""The harness: starts the real gateway as its users do, and the clients that talk to it."""
