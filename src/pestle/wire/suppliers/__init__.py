"""Files that go to suppliers and come back from them; see README.md."""
