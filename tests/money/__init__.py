"""What is promised of money, kept in bad times: faults of the stores, kills, concurrency."""
