"""Training the tagger: own text generators, the rows they are mixed with, and the fit. Not needed to serve."""
