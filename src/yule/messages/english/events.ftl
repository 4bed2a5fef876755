# What happens in a run: why a task runs again, why pods wait, how they end.

## Why a task runs again

worker-killed = its process was killed (signal 9), as the system does when memory runs out
worker-signalled = its process was ended by signal { $signal }
worker-ended = its process ended without an answer
service-silent = { $said }; trying again until { $until }
inputs-renewed = what it reads was computed again meanwhile
outputs-gone = { $outputs }: gone while { COUNT($outputs) ->
        [one] it was
       *[other] they were
    } read.
another-at-work = another task of its pod was at work: { $cause }
gets-memory = { $cause }, it gets { $mib } MiB now
gets-memory-elsewhere = { $cause }, it gets { $mib } MiB in the pool { $pool } now
moves-to-pool = { $cause }, it moves to the pool { $pool }
moves-for-nodes = no node of the pool { $starved } came for { waited-minutes }, it moves to the pool { $pool }

## What was seen of a task's pod, besides its own words

job-deleted = its Job was deleted
job-without-it = its Job ended without it
pod-had-done-it = its pod had done it
pod-without-word = its pod is gone and left no word
pool-without-nodes = no node of the pool { $starved } came for { waited-minutes }
waited-minutes =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }

## How pods end

ended-done = done
ended-preempted = its node was taken away
ended-move = its node was taken away too often
ended-no-node = no node came for it
ended-out-of-memory = it ran out of memory
ended-evicted-for-memory = its node ran out of memory
ended-refused = it was refused
ended-missed = what it reads was gone or damaged
ended-transient = a service it needs did not answer
ended-crashed = it crashed
ended-disk-full = it used more disk than its node gives it
ended-too-long = it took longer than `deadline` in project.yaml allows
ended-killed = it was killed from outside
ended-lost = its output is not in the workspace

## Why pods wait

waiting-pods = pods wait: { $why }
waiting-driver = the driver waits: { $why }
no-answer = No answer: { $said }. This command waits for an answer until { $until }. { $how }
waits-for-node = { $node } does not answer; the pod is replaced once the node is back or deleted (`kubectl delete node { $node }`)
waits-in-queue = the queue has not admitted it yet
waits-in-queue-of = the queue has not admitted it yet (see `kubectl -n { $namespace } get workloads`)
waits-in-queue-somewhere = the queue has not admitted it yet (see `kubectl get workloads`)
waits-above-quota = a pod asks for { $asked }, more than the { $limited } of the whole quota { $quota }; raise the quota, or lower `cpu` or `memory` of the pool in project.yaml
waits-for-quota = the namespace's quota is used up ({ $quota }: limited to { $limited }, a pod asks for { $asked }); it goes on when other pods end
waits-for-some-quota = the namespace's quota is used up ({ $said }); it goes on when other pods end
waits-to-be-created = its pods cannot be created: { $said }; ask for the policy of the namespace, or for the account named in it
waits-for-place = no node can take it: { $said }
waits-for-place-hinted = no node can take it: { $said } ({ $hints })
waits-for-image = the image { $image } cannot be pulled: { $said }; check it with `yule image check`, and `image_pull_secrets` in project.yaml
waits-for-container = its container cannot be made: { $said }; check `secrets` and `volumes` in project.yaml
waits-for-start = its node is fetching the image or mounting its volumes
waits-for-volume = a volume cannot be mounted: { $said }; check `volumes` in project.yaml, and what it names in the cluster
hint-taint = a pool needs the taint among its `tolerations`
hint-selector = no node has the labels of the pool's `node_selector`, or the pool is scaled to none yet
hint-full = all nodes are full (it goes on when pods end or nodes are added), or its pool asks for too much
