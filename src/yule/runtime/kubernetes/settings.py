"""Settings of a cluster: where pods run, what they ask for, and how many there may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from yule.core.steps import Step

Preset: TypeAlias = Literal["gke", "eks", "karpenter", "aks", "none"]
"""Who runs the cluster: decides how spot nodes are told."""


@dataclass(frozen=True, kw_only=True)
class Toleration:
    """A taint of nodes that pods put up with, in Kubernetes' own terms."""

    key: str
    operator: Literal["Exists", "Equal"] = "Exists"
    value: str = ""
    effect: str = ""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A volume that all pods mount.

    Parameters
    ----------
    name
        Its name.
    mount_path
        Where pods find it.
    claim
        Name of a PersistentVolumeClaim, or None.
    host_path
        A folder of the nodes, or None.
    secret
        Name of a Secret whose keys are its files, such as the key of a login; or None.
    read_only
        Whether pods may only read it.
    """

    name: str
    mount_path: str
    claim: str | None = None
    host_path: str | None = None
    secret: str | None = None
    read_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Price:
    """Price per hour of one virtual CPU and of one GiB of memory, in the project's currency."""

    cpu: float
    memory_gib: float


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Nodes of one kind and what a pod on them asks for.

    Parameters
    ----------
    name
        Its name.
    node_selector
        Labels of its nodes.
    tolerations
        Taints of its nodes.
    cpu
        Cores a pod asks for, and the threads of its tasks.
    memory_mib
        The sizes of memory a pod can have, in MiB, ascending; out of memory moves a task one size up.
    spot
        Whether its nodes can be taken away.
    price
        What it costs; None when that is not known.
    """

    name: str
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    cpu: float = 2.0
    memory_mib: tuple[int, ...] = (4096, 8192, 16384)
    spot: bool = False
    price: Price | None = None


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """Settings of a cluster.

    Parameters
    ----------
    context
        Context of the kubeconfig; None for the current one.
    namespace
        The namespace.
    service_account, worker_service_account
        The accounts of drivers and of the pods that do the work.
    pools
        The pools by name.
    steps
        The pool of every step.
    on_demand
        For spot pools the pool that their tasks move to when they were preempted too often, or no node came.
    driver_pool
        The pool of drivers.
    preemption_budget
        How many preemptions of a task are too many.
    spot_wait_seconds
        How long the pods of a Job may all wait for a node of a spot pool.
    max_pods, max_pods_project
        Pods at once, of one launch and of all launches of the project; None for no cap.
    tasks_per_pod
        How many tasks of a step one pod runs, one after the other; 1 for steps that are not named.
    queue
        Kueue's LocalQueue, or None.
    priority_class
        Priority class of the pods, or None.
    image_pull_secrets, secrets
        Names of Secrets: for the registry; to be given to all pods as environment.
    environment
        Variables of all pods.
    volumes
        Volumes of all pods.
    deadline_seconds
        How long one attempt of a pod may take.
    """

    context: str | None = None
    namespace: str = "yule"
    service_account: str = "yule-driver"
    worker_service_account: str = "yule-worker"
    pools: Mapping[str, Pool]
    steps: Mapping[Step, str]
    on_demand: Mapping[str, str] = field(default_factory=dict)
    driver_pool: str
    preemption_budget: int = 4
    spot_wait_seconds: int = 600
    max_pods: int = 50
    max_pods_project: int | None = None
    tasks_per_pod: Mapping[Step, int] = field(default_factory=dict)
    queue: str | None = None
    priority_class: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    deadline_seconds: int = 6 * 3600
