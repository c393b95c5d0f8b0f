"""Scripts that run in the clients' environments, and so import nothing but the client and `report.py`."""
