"""What we know. Values in, values out: no Django, no sockets, no clock, no randomness."""
