"""What can be recorded, done for real by each way in that there is."""
