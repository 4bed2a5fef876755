# What is worth knowing of labels.

check-labels = labels

labels-immature =
    .title = Some labels cannot be known yet
    .seen =
        { $n_users ->
            [one] { $n_users } label at { $cutoffs } cannot be known yet and was left out
           *[other] { $n_users } labels at { $cutoffs } cannot be known yet and were left out
        }: the latest possible cut-off is { $latest }.

log-strays =
    .title = Events are far from all others
    .seen =
        { $n_rows ->
            [one] { $n_rows } row of { $log } is far from all others, which are of { $since } to { $until }: { strays-sides } them, for example { $shown }. It tells nothing of how far the log goes.
           *[other] { $n_rows } rows of { $log } are far from all others, which are of { $since } to { $until }: { strays-sides } them, for example { $shown }. They tell nothing of how far the log goes.
        }
    .remedy =
        { $n_rows ->
            [one] Is a clock or a date wrong? Correct it, or leave it out.
           *[other] Is a clock or a date wrong? Correct them, or leave them out.
        }

strays-sides =
    { $n_before ->
        [0] { $n_after } after
       *[other]
            { $n_after ->
                [0] { $n_before } before
               *[other] { $n_before } before and { $n_after } after
            }
    }

users-unknown =
    .title = Labelled users are not in the population
    .seen = { users-unknown-seen }

users-unknown-but-alike =
    .title = Labelled users are not in the population
    .seen = { users-unknown-seen } { users-alike }

events-unknown-but-alike =
    .title = Users of the events are not in the population
    .seen = Users of the events are not in the population. { users-alike }

users-unknown-seen =
    { $supervision ->
        [positive-unlabelled]
            { $n_unknown ->
                [one] { $n_unknown } known positive is not in the population and was left out.
               *[other] { $n_unknown } known positives are not in the population and were left out.
            }
       *[full]
            { $n_unknown ->
                [one] { $n_unknown } labelled user is not in the population and was left out.
               *[other] { $n_unknown } labelled users are not in the population and were left out.
            }
    }

users-alike = { $n_alike } of them would be if ids were written alike: { $given } is not { $known }.

classes-near =
    .title = Values that are nearly a class do not count
    .seen = Events of { $near } do not count: classes are compared exactly, blanks and case as well.

labels-missing =
    .title = Rows have no label
    .seen =
        { $n_rows ->
            [one] { $n_rows } row has no label and was left out.
           *[other] { $n_rows } rows have no label and were left out.
        }
