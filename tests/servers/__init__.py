"""Real servers for tests, one a file; each offers pytest fixtures."""
