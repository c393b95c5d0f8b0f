"""Tagger: is this run of capitalised words a private person? A linear model over hashed features, microseconds each."""
