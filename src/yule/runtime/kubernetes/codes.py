"""The exit codes by which a pod tells the driver, through the Job's failure policy, what is to be done."""

CRASHED = 1
"""A bug, or its process was killed: the Job starts it again, twice."""

REFUSED = 65
"""A person must act; the termination message says what to do. Not started again."""

MISSED = 66
"""What a task reads was gone or damaged; by now it may be there again. Not started again by the Job."""

TRANSIENT = 75
"""A service did not answer for as long as a pod waits for it: the Job starts it again, twice."""

MOVE = 85
"""Preempted too often: to be moved to nodes that stay."""

OUT_OF_MEMORY = 86
"""The memory ran out, by the cgroup's own count: to be started again with more."""

KILLED = 137
"""SIGKILL: out of memory if the pod's status says so."""

TERMINATED = 143
"""Ended by SIGTERM."""
