"""HTTP/1.1 towards clients: what uvicorn runs for each connection."""
