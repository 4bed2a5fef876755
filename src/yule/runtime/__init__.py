"""Where and in what order tasks run.

Belongs here: the walker (what is ready), the messages tasks travel by, worker processes, the events of a run.
Does not belong here: what a task does; this room knows gokart tasks, and none of ours by name.
"""
