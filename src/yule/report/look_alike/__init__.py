"""The report of a look-alike case: only positives are known, so nothing that needs a known "no" is in it."""
