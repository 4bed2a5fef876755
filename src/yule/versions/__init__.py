"""Which code a run uses: a commit, and the image or the environment that holds it.

Belongs here: git, registries, what builds images, worktrees with their Python.
Does not belong here: which commit a case asks for (``config``), where its tasks run (``runtime``).
"""
