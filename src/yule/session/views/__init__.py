"""What a session returns: values to look at, to compute with, and to show in a notebook."""
