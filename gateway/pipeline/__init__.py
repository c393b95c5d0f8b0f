"""The pipeline: the way of one request. `way.py` is the picture; each step's detail is one file."""
