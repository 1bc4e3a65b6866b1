"""Tables, and the functions that load a record as a value and save a change."""
