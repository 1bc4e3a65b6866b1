"""What people do. The only part that knows Django."""
