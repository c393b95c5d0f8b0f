"""The whole gateway when things break: models' servers, stores, its own processes."""
