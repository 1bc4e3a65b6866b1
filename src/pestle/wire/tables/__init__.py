"""Tables that people send to a practice, as spreadsheets save them; see README.md."""
