"""The report of a case that asks for one of several classes: chances of each, and a list for each."""
