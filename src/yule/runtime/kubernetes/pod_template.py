"""The template of a launch's pods: what a pod on some nodes runs, is told, mounts and asks for."""

from collections.abc import Sequence

from yule.runtime.kubernetes.api.protocol import Body
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.settings import ClusterSettings, Pool, Volume

GRACE_SECONDS = 30
NODE_LOST_SECONDS = 30

CACHE, SCRATCH = "/var/cache/yule", "/tmp"

_LOGIN = {
    "GCE_METADATA_DETECT_RETRIES": "6",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "6",
}
"""Has the clouds' libraries ask half a minute long for a login: on a new node its server does not answer at once, which
they would take for a machine without one."""


def pod_spec(frame: Frame, pool: Pool, *, tier: int, module: str, environment: Sequence[Body], account: str) -> Body:
    """Describe a pod.

    Parameters
    ----------
    frame
        The launch.
    pool, tier
        The nodes it runs on, and which of the pool's memory sizes it gets.
    module
        What it runs.
    environment
        What it is told beside what all pods are told.
    account
        ``driver`` or ``worker``. Only drivers have a login to the cluster.
    """
    settings = frame.settings
    is_driver = account == "driver"
    container = {
        "name": "main",
        "image": frame.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-m", module],
        "env": [*_list_variables(frame, pool), *environment],
        "envFrom": [{"secretRef": {"name": name}} for name in settings.secrets],
        "resources": _describe_resources(pool, tier),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": _CONTAINER_SECURITY,
        "volumeMounts": _list_mounts(settings),
    }
    spec: dict[str, object] = {
        "restartPolicy": "Never",
        "serviceAccountName": settings.service_account if is_driver else settings.worker_service_account,
        "automountServiceAccountToken": is_driver,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "nodeSelector": dict(pool.node_selector),
        "tolerations": _list_tolerations(pool),
        "securityContext": _POD_SECURITY,
        "containers": [container],
        "volumes": _list_volumes(settings),
    }
    if settings.priority_class:
        spec["priorityClassName"] = settings.priority_class
    if settings.image_pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in settings.image_pull_secrets]
    return spec


_POD_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "runAsGroup": 10001,
    "fsGroup": 10001,
    "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}

_CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def from_field(name: str, path: str) -> Body:
    """Describe a variable that tells a field of the pod itself."""
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def _list_variables(frame: Frame, pool: Pool) -> list[Body]:
    plain = {
        "YULE_WORKSPACE": frame.workspace,
        "YULE_LAUNCH_NAME": frame.launch,
        "YULE_COMMIT": frame.commit,
        "YULE_IMAGE": frame.image,
        "YULE_CACHE": CACHE,
        "HOME": SCRATCH,
        "TMPDIR": SCRATCH,
        "OMP_NUM_THREADS": str(max(1, int(pool.cpu))),
        **_LOGIN,
        **frame.settings.environment,
    }
    return [
        *({"name": name, "value": value} for name, value in plain.items()),
        from_field("YULE_POD", "metadata.name"),
        from_field("YULE_NODE", "spec.nodeName"),
    ]


def _describe_resources(pool: Pool, tier: int) -> Body:
    """Ask for as much memory as is allowed: a pod that grows reaches its own bound before its node's."""
    memory = f"{pool.memory_mib[tier]}Mi"
    return {"requests": {"cpu": f"{int(pool.cpu * 1000)}m", "memory": memory}, "limits": {"memory": memory}}


def _list_mounts(settings: ClusterSettings) -> list[Body]:
    return [
        {"name": "scratch", "mountPath": SCRATCH},
        {"name": "cache", "mountPath": CACHE},
        {"name": "shared-memory", "mountPath": "/dev/shm"},
        *(
            {"name": volume.name, "mountPath": volume.mount_path, "readOnly": volume.read_only}
            for volume in settings.volumes
        ),
    ]


def _list_volumes(settings: ClusterSettings) -> list[Body]:
    return [
        {"name": "scratch", "emptyDir": {}},
        {"name": "cache", "emptyDir": {}},
        {"name": "shared-memory", "emptyDir": {"medium": "Memory"}},
        *({"name": volume.name, **_volume_source(volume)} for volume in settings.volumes),
    ]


def _volume_source(volume: Volume) -> Body:
    if volume.claim:
        return {"persistentVolumeClaim": {"claimName": volume.claim, "readOnly": volume.read_only}}
    if volume.secret:
        return {"secret": {"secretName": volume.secret}}
    return {"hostPath": {"path": volume.host_path}}


def _list_tolerations(pool: Pool) -> list[Body]:
    lost: list[Body] = [
        {
            "key": f"node.kubernetes.io/{state}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": NODE_LOST_SECONDS,
        }
        for state in ("not-ready", "unreachable")
    ]
    own: list[Body] = [
        {
            "key": item.key,
            "operator": item.operator,
            **({"value": item.value} if item.value else {}),
            **({"effect": item.effect} if item.effect else {}),
        }
        for item in pool.tolerations
    ]
    return own + lost
