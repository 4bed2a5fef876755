"""Variables that a process needs, and how a pod gets them."""

import os
from collections.abc import Mapping


def explain_variables(environment: Mapping[str, str] = os.environ) -> str:
    """Say how a pod gets the variables that a message names; nothing where there is no pod.

    >>> explain_variables({"YULE_POD": "yule-1-download-0"})
    ' A pod gets them from a Secret of the cluster: name it in `secrets` of `kubernetes:` in project.yaml.'
    """
    if not environment.get("YULE_POD"):
        return ""
    return " A pod gets them from a Secret of the cluster: name it in `secrets` of `kubernetes:` in project.yaml."
