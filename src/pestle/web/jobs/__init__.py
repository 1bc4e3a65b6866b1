"""What runs long: put into the queue in the same transaction as the row that it works on, run by `pestle
worker`."""
