"""Sources that are databases, one file or folder each."""
