"""The report of a case that asks for one of several classes: how many of each, how well they are told apart."""
