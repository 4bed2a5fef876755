"""A stand-in for a Kubernetes cluster: API server, Job controller, scheduler, and kubelets that run real processes.

It behaves as a real 1.36 cluster was seen to, in what Yule relies on. Delays are short; faults are told to it.
"""

from standin.cluster import StandIn, start_cluster
from standin.nodes import Node

__all__ = ["Node", "StandIn", "start_cluster"]
