"""How do others say it? Bytes to pharmacy values and back. Decides nothing, connects to nothing."""
