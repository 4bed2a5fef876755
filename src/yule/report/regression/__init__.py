"""The report of a case that asks how much: amounts take the place of a yes."""
