"""Run tasks as pods of a Kubernetes cluster: one Job per step, one pod per fold or shard."""
