"""What moved: from which account to which, how much of which batch, when, by whom."""
