"""Real clients against the real gateway: `make test-clients`.

Each client of `catalogue.py` has an environment of its own, made from its lock in requirements/clients, and a script in
`scripts/` that runs in it. The script asks for the routes of `behaviours.py`, behind which the scripted upstream
answers well, oddly or not at all, and writes down what the client made of it; `verdict.py` judges that. The snippets of
docs/clients.md run in the same environments.
"""
