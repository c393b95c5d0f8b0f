"""The semantic cache on questions of our own making, in English and German: hits, and hits that are wrong."""
