"""Knowledge from outside, as its publishers write it, turned into definitions; see README.md."""
