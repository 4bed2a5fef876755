"""How the clouds tell spot nodes: the labels to ask for and the taints to put up with."""

from collections.abc import Mapping

from yule.runtime.kubernetes.settings import Preset, Toleration

SPOT_LABELS: Mapping[Preset, Mapping[str, str]] = {
    "gke": {"cloud.google.com/gke-spot": "true"},
    "eks": {"eks.amazonaws.com/capacityType": "SPOT"},
    "karpenter": {"karpenter.sh/capacity-type": "spot"},
    "aks": {"kubernetes.azure.com/scalesetpriority": "spot"},
    "none": {},
}

SPOT_TOLERATIONS: Mapping[Preset, tuple[Toleration, ...]] = {
    # Autopilot and auto-provisioning taint their spot nodes, node pools made by hand need not.
    "gke": (Toleration(key="cloud.google.com/gke-spot", operator="Equal", value="true", effect="NoSchedule"),),
    "eks": (),
    "karpenter": (),
    "aks": (
        Toleration(key="kubernetes.azure.com/scalesetpriority", operator="Equal", value="spot", effect="NoSchedule"),
    ),
    "none": (),
}
