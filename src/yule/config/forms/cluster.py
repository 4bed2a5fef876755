"""The written form of ``kubernetes:`` in ``project.yaml``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal, TypeAlias, get_args

from annotated_types import Ge, Gt, MinLen
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from yule.config.forms.checks import Fault, raise_faults, suggest_choice
from yule.config.forms.fields import FORM, like
from yule.config.forms.objects import (
    OWN_VOLUMES,
    Label,
    LabelValue,
    ObjectName,
    check_host_path,
    check_place,
    find_pool_name_faults,
    find_variable_faults,
)
from yule.config.forms.values import parse_duration
from yule.core.steps import Step
from yule.runtime.kubernetes.presets import SPOT_LABELS, SPOT_TOLERATIONS
from yule.runtime.kubernetes.settings import ClusterSettings, Pool, Preset, Price, Toleration, Volume

_SIZE = re.compile(r"(?P<count>[1-9][0-9]{0,6}) ?(?P<unit>[GM]i)B?")
LEAST_MIB = 64
MOST_CORES = 1024
_MINUTES = re.compile(r"(?P<count>[1-9][0-9]{0,5}) minutes?")
_TASKS_PER_POD: Mapping[Step, int] = {"download": 1, "features": 8, "labels": 8}


def parse_size(text: object) -> int:
    """Read a size of memory, in MiB.

    >>> parse_size("8 GiB"), parse_size("512Mi")
    (8192, 512)
    """
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"a size is written like 8GiB or 512MiB, not {text!r}")
    mib = int(match["count"]) * (1024 if match["unit"] == "Gi" else 1)
    if mib < LEAST_MIB:
        raise ValueError(f"no pod of Yule even starts with {text}; write {LEAST_MIB}MiB or more")
    return mib


def parse_wait(text: object) -> timedelta:
    """Read how long something may take on a cluster.

    >>> parse_wait("10 minutes"), parse_wait("2 hours")
    (datetime.timedelta(seconds=600), datetime.timedelta(seconds=7200))
    """
    minutes = _MINUTES.fullmatch(text) if isinstance(text, str) else None
    if minutes:
        return timedelta(minutes=int(minutes["count"]))
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ValueError(f"a time is written like '10 minutes' or '2 hours', not {text!r}") from error


Size: TypeAlias = Annotated[int, BeforeValidator(parse_size), WithJsonSchema({"type": "string", "examples": ["8GiB"]})]


Wait: TypeAlias = Annotated[
    timedelta, BeforeValidator(parse_wait), WithJsonSchema({"type": "string", "examples": ["10 minutes"]})
]


def _as_list(written: object) -> object:
    return written if isinstance(written, list) else [written]


def _ascending(sizes: list[int]) -> list[int]:
    if sizes != sorted(set(sizes)):
        raise ValueError("the sizes must ascend: out of memory moves a task to the next")
    return sizes


def _check_cores(cores: float) -> float:
    if not 0.001 <= cores <= MOST_CORES:
        raise ValueError(f"no pod can ask for {cores:g} cores; write a number from 0.001 to {MOST_CORES}")
    return cores


class TolerationForm(BaseModel):
    """A taint of nodes that pods put up with."""

    model_config = FORM

    key: str = Field(description="Key of the taint.")
    operator: Literal["Exists", "Equal"] = Field("Exists", description="How the value is compared.")
    value: str = Field("", description="Value of the taint.")
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = Field("", description="Empty for all.")


class VolumeForm(BaseModel):
    """A volume that all pods mount."""

    model_config = FORM

    name: Label = like(Volume, "name", example="workspace")
    mount_path: Annotated[str, AfterValidator(check_place)] = like(Volume, "mount_path", example="/workspace")
    claim: ObjectName | None = like(Volume, "claim")
    host_path: Annotated[str, AfterValidator(check_host_path)] | None = like(Volume, "host_path")
    secret: ObjectName | None = like(Volume, "secret", example="warehouse-key")
    read_only: bool = like(Volume, "read_only")


class PriceForm(BaseModel):
    """What a pool costs per hour."""

    model_config = FORM

    cpu: Annotated[float, Ge(0)] = Field(description="Price of one virtual CPU and hour.")
    memory: Annotated[float, Ge(0)] = Field(description="Price of one GiB of memory and hour.")


class PoolForm(BaseModel):
    """Nodes of one kind and what a pod on them asks for."""

    model_config = FORM

    cpu: Annotated[float, Gt(0), AfterValidator(_check_cores)] = like(Pool, "cpu")
    memory: Annotated[
        list[Size],
        AfterValidator(_ascending),
        MinLen(1),
        BeforeValidator(_as_list),
        WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}, "examples": ["8GiB"]}),
    ] = Field(
        list(Pool(name="").memory_mib), description="Memory of a pod, or its sizes, ascending.", examples=["8GiB"]
    )
    spot: bool = like(Pool, "spot")
    node_selector: Mapping[str, LabelValue] = Field({}, description="Labels of its nodes.")
    tolerations: list[TolerationForm] = Field([], description="Taints of its nodes.")
    price: PriceForm | None = Field(None, description="What it costs; costs are not told without.")

    def settings(self, name: str, preset: Preset) -> Pool:
        """Return the pool; a spot pool that names no labels gets those of the cloud."""
        own = tuple(Toleration(**toleration.model_dump()) for toleration in self.tolerations)
        return Pool(
            name=name,
            node_selector=self.node_selector or (SPOT_LABELS[preset] if self.spot else {}),
            tolerations=own or (SPOT_TOLERATIONS[preset] if self.spot else ()),
            cpu=self.cpu,
            memory_mib=tuple(self.memory),
            spot=self.spot,
            price=Price(cpu=self.price.cpu, memory_gib=self.price.memory) if self.price else None,
        )


def _check_pools(form: "ClusterForm") -> "ClusterForm":
    names = [*form.pools] or [DEFAULT_POOL]
    used: dict[tuple[str, ...], str] = {("steps", step): pool for step, pool in form.steps.items()}
    if form.driver_pool:
        used[("driver_pool",)] = form.driver_pool
    if isinstance(form.on_demand, str):
        used[("on_demand",)] = form.on_demand
    else:
        used |= {("on_demand", spot): pool for spot, pool in form.on_demand.items()}
    faults = [
        Fault(at=at, message=f"there is no pool {pool!r}{suggest_choice(pool, names)}")
        for at, pool in used.items()
        if pool not in names
    ]
    faults += [
        Fault(at=at, message=f"the pool {pool!r} is spot; tasks go to one whose nodes stay")
        for at, pool in used.items()
        if at[0] == "on_demand" and pool in form.pools and form.pools[pool].spot
    ]
    faults += find_pool_name_faults(form.pools)
    raise_faults([*faults, *_find_volume_faults(form), *find_variable_faults(form.environment)])
    return form


def _find_volume_faults(form: "ClusterForm") -> Iterator[Fault]:
    for number, volume in enumerate(form.volumes):
        places = {"claim": volume.claim, "host_path": volume.host_path, "secret": volume.secret}
        given = [name for name, value in places.items() if value]
        if len(given) != 1:
            found = " and ".join(given) or "no place"
            message = f"the volume {volume.name} has {found}; write one of `claim`, `host_path` and `secret`"
            yield Fault(at=("volumes", number), message=message)
        before = form.volumes[:number]
        if volume.name in (*OWN_VOLUMES, *(other.name for other in before)):
            message = f"there is a volume {volume.name!r} in the pods already; give this one another name"
            yield Fault(at=("volumes", number, "name"), message=message)
        if volume.mount_path.rstrip("/") in (other.mount_path.rstrip("/") for other in before):
            message = f"there is a volume at {volume.mount_path} already; choose another place"
            yield Fault(at=("volumes", number, "mount_path"), message=message)


DEFAULT_POOL = "default"


class ClusterForm(BaseModel):
    """The cluster that ``--on kubernetes`` runs on."""

    model_config = FORM

    context: str | None = like(ClusterSettings, "context")
    namespace: Label = like(ClusterSettings, "namespace")
    preset: Preset = Field("none", description="Who runs the cluster; decides the labels and taints of spot pools.")
    pools: Mapping[str, PoolForm] = Field(
        {}, description="The kinds of nodes, by name.", examples=["{cpu: {cpu: 4, memory: 8GiB, spot: true}}"]
    )
    steps: Mapping[Step, str] = Field({}, description="The pool of a step; the first pool for the others.")
    on_demand: str | Mapping[str, str] = Field(
        {}, description="The pool that tasks of spot pools move to when preempted too often, or when no node came."
    )
    driver_pool: str | None = Field(
        None, description="The pool of drivers; by default that of `on_demand`, or the first."
    )
    preemption_budget: Annotated[int, Ge(1)] = like(ClusterSettings, "preemption_budget")
    spot_wait: Wait | None = Field(
        None, description="How long a spot pool may have no node before its tasks move; 10 minutes by default."
    )
    max_pods: Annotated[int, Ge(1)] = like(ClusterSettings, "max_pods")
    max_pods_project: Annotated[int, Ge(1)] | None = like(ClusterSettings, "max_pods_project")
    tasks_per_pod: Mapping[Step, Annotated[int, Ge(1)]] = Field(
        dict(_TASKS_PER_POD), description="How many tasks of a step one pod runs, one after the other; 1 by default."
    )
    queue: ObjectName | None = like(ClusterSettings, "queue")
    priority_class: ObjectName | None = like(ClusterSettings, "priority_class")
    service_account: ObjectName = Field("yule-driver", description="Account of drivers.")
    worker_service_account: ObjectName = Field("yule-worker", description="Account of the pods that do the work.")
    image_pull_secrets: list[ObjectName] = Field([], description="Names of Secrets for the registry.")
    secrets: list[ObjectName] = Field([], description="Names of Secrets that all pods get as environment.")
    environment: Mapping[str, str] = Field({}, description="Variables of all pods.")
    volumes: list[VolumeForm] = Field([], description="Volumes of all pods, such as a shared workspace.")
    deadline: Wait | None = Field(None, description="How long one attempt of a pod may take; 6 hours by default.")

    def settings(self) -> ClusterSettings:
        """Return the settings, with a pool for every step."""
        pools = {name: form.settings(name, self.preset) for name, form in self.pools.items()}
        pools = pools or {DEFAULT_POOL: Pool(name=DEFAULT_POOL)}
        first = next(iter(pools))
        spot = [name for name, pool in pools.items() if pool.spot]
        on_demand = dict.fromkeys(spot, self.on_demand) if isinstance(self.on_demand, str) else dict(self.on_demand)
        settings = ClusterSettings(
            context=self.context,
            namespace=self.namespace,
            service_account=self.service_account,
            worker_service_account=self.worker_service_account,
            pools=pools,
            steps={step: self.steps.get(step, first) for step in get_args(Step)},
            on_demand=on_demand,
            driver_pool=self.driver_pool or next(iter(on_demand.values()), first),
            preemption_budget=self.preemption_budget,
            max_pods=self.max_pods,
            max_pods_project=self.max_pods_project,
            tasks_per_pod=dict(self.tasks_per_pod),
            queue=self.queue,
            priority_class=self.priority_class,
            image_pull_secrets=tuple(self.image_pull_secrets),
            environment=dict(self.environment),
            secrets=tuple(self.secrets),
            volumes=tuple(Volume(**volume.model_dump()) for volume in self.volumes),
        )
        if self.spot_wait:
            settings = replace(settings, spot_wait_seconds=int(self.spot_wait.total_seconds()))
        return replace(settings, deadline_seconds=int(self.deadline.total_seconds())) if self.deadline else settings


CheckedCluster: TypeAlias = Annotated[ClusterForm, AfterValidator(_check_pools)]
