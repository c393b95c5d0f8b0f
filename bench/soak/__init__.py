"""A soak: mixed traffic for a long time while things break, and whether anything is lost, leaked, wrong or told."""
