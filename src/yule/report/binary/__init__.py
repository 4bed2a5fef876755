"""The report of a case that asks for a yes or no: chances of a population, and how such chances came true."""
