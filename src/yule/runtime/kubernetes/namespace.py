"""What an administrator creates once: the namespace, the accounts and what they may do, and a quota."""

from collections.abc import Sequence

from yule.runtime.kubernetes.api.protocol import Body

_DRIVER = (
    ("batch", ("jobs",), ("create", "get", "list", "watch", "delete")),
    ("", ("pods",), ("get", "list", "watch")),
    ("", ("pods/log",), ("get",)),
    ("", ("events",), ("get", "list", "watch")),
)
_SUBMITTER = (
    ("batch", ("jobs",), ("create", "get", "list", "watch", "delete")),
    ("", ("configmaps",), ("create", "get")),
    ("", ("pods",), ("get", "list", "watch")),
    ("", ("pods/log",), ("get",)),
    ("", ("events",), ("get", "list", "watch")),
)


def describe_namespace(
    *, namespace: str, driver: str, worker: str, max_pods: int, max_cpu: int, max_memory_gib: int
) -> list[Body]:
    """Describe a namespace in which pods pass the restricted Pod Security level and no account has more than it needs.

    Parameters
    ----------
    namespace
        Its name.
    driver, worker
        Names of the accounts. The worker's may do nothing with the cluster; it is there for the cloud's own logins.
    max_pods, max_cpu, max_memory_gib
        The quota of all that runs in it.
    """
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    quota = {"pods": str(max_pods), "requests.cpu": str(max_cpu), "requests.memory": f"{max_memory_gib}Gi"}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": levels}},
        _account(namespace, driver, has_token=True),
        _account(namespace, worker, has_token=False),
        _role(namespace, "yule-driver", _DRIVER),
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "yule-driver", "namespace": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "yule-driver"},
            "subjects": [{"kind": "ServiceAccount", "name": driver, "namespace": namespace}],
        },
        _role(namespace, "yule-submitter", _SUBMITTER),
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "yule", "namespace": namespace},
            "spec": {"hard": quota},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "yule-no-ingress", "namespace": namespace},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        },
    ]


def _account(namespace: str, name: str, *, has_token: bool) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace},
        "automountServiceAccountToken": has_token,
    }


def _role(namespace: str, name: str, rules: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> Body:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name, "namespace": namespace},
        "rules": [
            {"apiGroups": [group], "resources": [*resources], "verbs": [*verbs]} for group, resources, verbs in rules
        ],
    }
