"""The workspace: where every task's output lies, whole or not at all.

Belongs here: stores (a folder today), the record that commits an output, the gokart target and base task on them,
claims between processes.
Does not belong here: what is inside an output (each room writes and reads its own files).
"""
