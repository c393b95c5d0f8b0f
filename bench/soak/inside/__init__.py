"""What every process of a gateway under a soak has loaded, by way of PYTHONPATH."""
