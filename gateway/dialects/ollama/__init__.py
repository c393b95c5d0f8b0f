"""Ollama's own API: `/api/…`. Requests become chat, answers come as one JSON object a line.

https://docs.ollama.com/api — what a gateway cannot mean by a field is said in docs/dialects.md.
"""
