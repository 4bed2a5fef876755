"""Tables that grow by the day, kept by the day in the workspace."""
