"""The report of a case of which only positives are known: nothing that needs a known "no" is in it."""
