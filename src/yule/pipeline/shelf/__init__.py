"""The shelf: models that later cases can use, found in the workspace.

Belongs here: which models of other questions there are, what they are called, whether a case may take them.
Does not belong here: how they are fitted (:mod:`yule.pipeline.questions`), the models that runs keep (``runs``).
"""
