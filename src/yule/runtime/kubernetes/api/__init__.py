"""The Kubernetes API behind a port of few verbs with plain dictionaries."""
