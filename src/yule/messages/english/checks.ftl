# What checks see in labels, features, folds and the population.

check-conflicting-labels = conflicting labels
check-constant-features = constant features
check-dominant-feature = dominant feature
check-duplicates = duplicates
check-folds = folds
check-ids = ids
check-label-rate = label rate
check-population = population
check-positives = positives
check-positives-to-judge-by = positives to judge by
check-recency = recency
check-score = score
check-shuffled-labels = shuffled labels
check-single-features = single features

# Said wherever an AUC is of labels. $auc_of: of what labels are; amounts are divided at their median.

auc-explained =
    { $auc_of ->
        [upper-half] { " " }AUC is of amounts above the median against the others.
       *[positives] { "" }
    }

too-few = There are too few positives or negatives in some fold, or no feature differs between users
leave-out = Make sure that it was known at the cut-off; leave it out otherwise.

## Single features

single-features-too-few =
    .title = Too little for this check
    .seen = { too-few }: no feature was looked at alone.

single-features-plain =
    .title = No feature gives the answer away
    .seen = The most telling of { $n_features } features, { $best }, reaches AUC { $auc } alone.{ auc-explained }

single-features-give-away =
    .title =
        { COUNT($telling) ->
            [one] A feature gives the answer away
           *[other] Features give the answer away
        }
    .seen = { nearly-the-answer }
    .remedy = { leave-out }

single-features-nearly-give-away =
    .title =
        { COUNT($telling) ->
            [one] A feature nearly gives the answer away
           *[other] Features nearly give the answer away
        }
    .seen = { nearly-the-answer }
    .remedy = { leave-out }

single-features-redundant =
    .title = No feature gives the answer away
    .seen = Telling by itself: { $telling }; but the others together say the same. { added }

nearly-the-answer = Nearly the answer by itself: { $telling }. { added }
added =
    { COUNT($telling) ->
        [one] A quick model reaches AUC { $whole } with it and { $without } without.
       *[other] A quick model reaches AUC { $whole } with them and { $without } without.
    }{ auc-explained }

## Score

score-too-few =
    .title = Too little for this check
    .seen = { too-few }: no quick model was trained.

score-suspicious =
    .title = Too good to be true?
    .seen =
        { $of ->
            [list] The list ranks almost perfectly (AUC { $auc }).
           *[quick-model] A quick model ranks almost perfectly (AUC { $auc }).
        }{ auc-explained }
    .remedy = Look whether a feature holds the answer.

score-plausible =
    .title = The score is not too good to be true
    .seen =
        { $of ->
            [list] The list has AUC { $auc }.
           *[quick-model] A quick model has AUC { $auc }.
        }{ auc-explained }

## Dominant feature

feature-dominant =
    .title = One feature decides alone
    .seen = The strongest feature, { $strongest }, carries { NUMBER($share, minimumFractionDigits: 0, maximumFractionDigits: 0) } of the influence.
    .remedy = { leave-out }

feature-not-dominant =
    .title = No feature decides alone
    .seen = The strongest feature, { $strongest }, carries { NUMBER($share, minimumFractionDigits: 0, maximumFractionDigits: 0) } of the influence; a leaked answer usually carries more than half.

## Shuffled labels

shuffled-labels-too-few =
    .title = Too little for this check
    .seen = There are too few positives or negatives in some fold: nothing was trained on shuffled labels.

shuffled-labels-learned =
    .title = Something is learned where there is nothing to learn
    .seen = { on-shuffled-labels }
    .remedy = Users that are judged have been learned from: look for users with several ids, and whether folds are as they should be.

shuffled-labels-not-learned =
    .title = Nothing is learned from shuffled labels
    .seen = { on-shuffled-labels }

on-shuffled-labels = On shuffled labels a quick model reaches AUC { $auc }; chance alone stays below { $most }.{ auc-explained }

## Population

population-too-few =
    .title = Too little for this check
    .seen = Fewer than { $least } users were labelled last or get a score, or no feature differs between them: they were not compared.

population-alike =
    .title = The population is like the labelled users
    .seen = { told-apart } (0.5: not at all).{ left-out }

population-moved-as-ever =
    .title = The population has moved as it always does
    .seen = { told-apart } (0.5: not at all).{ left-out } Users of earlier cut-offs differ as much (AUC { told-before }), and the figures of the test include such a step.

population-unlike =
    .title = The population is unlike the labelled users
    .seen = { told-apart } (0.5: not at all). It goes by { $reasons }.{ left-out }
    .remedy = { look-at-population }

population-unlike-and-not-before =
    .title = The population is unlike the labelled users
    .seen = { told-apart } (0.5: not at all; between label cut-offs it was { told-before }). It goes by { $reasons }.{ left-out }
    .remedy = { look-at-population }

told-apart = A model tells users to score from those labelled last with AUC { NUMBER($auc, minimumFractionDigits: 2, maximumFractionDigits: 2) }
told-before = { NUMBER($before, minimumFractionDigits: 2, maximumFractionDigits: 2) }
look-at-population = Look whether the population is the one you mean and the data before the predict cut-off are complete; leave out features that only tell the time, or label users like those to score.
left-out =
    { COUNT($left_out) ->
        [0] { "" }
        [one] { " " }{ $left_out } tells the time by construction and is left out of this.
       *[other] { " " }{ $left_out } tell the time by construction and are left out of this.
    }

## Recency

data-end-early =
    .title = The data end before the predict cut-off
    .seen =
        { $usual ->
            [one] Before each label cut-off something had happened within { $usual } day, but as of the predict cut-off { $late }.
           *[other] Before each label cut-off something had happened within { $usual } days, but as of the predict cut-off { $late }.
        }
    .remedy = Fetch newer data, or write the day on which they end as `predict.cutoff`.

data-reach-cutoff =
    .title = The data reach up to the predict cut-off
    .seen =
        { $n_logs ->
            [one] In { $n_logs } log with events every day, the last one is { $most } days before it at the most.
           *[other] In { $n_logs } logs with events every day, the last one is { $most } days before it at the most.
        }

## Positives

positives-few =
    .title = Few positives
    .seen =
        { $n_positives ->
            [one] There is only { $n_positives } positive among { $n_users } labels: take every figure as a rough one.
           *[other] There are only { $n_positives } positives among { $n_users } labels: take every figure as a rough one.
        }
    .remedy = { more-labels }

positives-enough =
    .title = Enough positives
    .seen = { $n_positives } of { $n_users } labels are positive.

amounts-few =
    .title = Few amounts other than 0
    .seen =
        { $n_positives ->
            [one] There is only { $n_positives } amount other than 0 among { $n_users } labels: take every figure as a rough one.
           *[other] There are only { $n_positives } amounts other than 0 among { $n_users } labels: take every figure as a rough one.
        }
    .remedy = { more-labels }

amounts-enough =
    .title = Enough amounts other than 0
    .seen = { $n_positives } of { $n_users } labels are not 0.

more-labels = A longer horizon, more cut-offs or a wider condition give more.

## Positives to judge by

judged-positives-few =
    .title =
        { $n_positives ->
            [one] Only { $n_positives } positive to judge by
           *[other] Only { $n_positives } positives to judge by
        }
    .seen = { judged-positives }, { $fewest } in the smallest fold: expect a campaign to differ from the figures by much.
    .remedy = { more-cutoffs }

judged-positives-enough =
    .title = Enough positives to judge by
    .seen = { judged-positives }, { $fewest } or more in every fold.

judged-amounts-few =
    .title =
        { $n_positives ->
            [one] Only { $n_positives } label other than 0 to judge by
           *[other] Only { $n_positives } labels other than 0 to judge by
        }
    .seen = { judged-amounts }, { $fewest } in the smallest fold: expect a campaign to differ from the figures by much.
    .remedy = { more-cutoffs }

judged-amounts-enough =
    .title = Enough labels other than 0 to judge by
    .seen = { judged-amounts }, { $fewest } or more in every fold.

judged-positives =
    { $n_positives ->
        [one] { $n_positives } positive is held out to judge by
       *[other] { $n_positives } positives are held out to judge by
    }
judged-amounts =
    { $n_positives ->
        [one] { $n_positives } label other than 0 is held out to judge by
       *[other] { $n_positives } labels other than 0 are held out to judge by
    }
more-cutoffs = More cut-offs, or a wider condition, give firmer ones.

## Label rate

label-share-unsteady =
    .title = The share of positives is not steady
    .seen = The share of positives is not steady over { $n_cutoffs } cut-offs: { $low } at { $low_at }, { $high } at { $high_at }, at least { NUMBER($ratio, minimumFractionDigits: 1, maximumFractionDigits: 1) } times as many when chance is set aside.
    .remedy = Chances come out as they were at the cut-offs that were learned from. { look-at-events }

label-share-steady =
    .title = The share of positives is steady
    .seen = Over { $n_cutoffs } cut-offs it lies between { $low } at { $low_at } and { $high } at { $high_at }, { NUMBER($ratio, minimumFractionDigits: 1, maximumFractionDigits: 1) } times as many when chance is set aside.

label-mean-unsteady =
    .title = The mean amount is not steady
    .seen = The mean amount is not steady over { $n_cutoffs } cut-offs: { $low } at { $low_at }, { $high } at { $high_at }, at least { $surely } more when chance is set aside.
    .remedy = Expectations come out as they were at the cut-offs that were learned from. { look-at-events }

label-mean-steady =
    .title = The mean amount is steady
    .seen = Over { $n_cutoffs } cut-offs it lies between { $low } at { $low_at } and { $high } at { $high_at }, { $surely } more when chance is set aside.

look-at-events = Look whether the events are complete in every horizon, or keep to cut-offs that resemble the time to predict.

## Folds

folds-share-users =
    .title = Users are in several folds
    .seen =
        { COUNT($divided) ->
            [one] { $n_divided } of { $n_users } users is in more than one fold, { $divided }: models are judged on users they have seen.
           *[other] { $n_divided } of { $n_users } users are in more than one fold, such as { $divided }: models are judged on users they have seen.
        }
    .remedy = { make-new-folds }

folds-learn-from-later =
    .title = Models learn from what they are judged on
    .seen =
        { $n_late ->
            [one] { $n_late } example to learn from has labels that reach past { $judged_from }, where the judging begins.
           *[other] { $n_late } examples to learn from have labels that reach past { $judged_from }, where the judging begins.
        }
    .remedy = { make-new-folds }

folds-apart =
    .title = Folds keep users apart
    .seen = Each of { $n_users } users is in one fold.

folds-apart-in-time =
    .title = Folds keep users apart
    .seen = Each of { $n_users } users is in one fold, and all that is learned from lies before what is judged.

make-new-folds = Delete the cached folds and run again; if that does not help, please report it.

## Duplicates

users-distinct =
    .title = Users have features of their own
    .seen = No two users have all features in common, among { $n_examples } examples.

users-equal-few =
    .title = Most users have features of their own
    .seen = { equal-users }

users-equal-many =
    .title = Many users have the same features
    .seen = { equal-users }
    .remedy = If one person has several ids, keep one of them: copies in other folds make figures too good. Otherwise add features that tell these users apart.

equal-users = { $n_equal } of { $n_examples } examples ({ $share }) have all features in common with another user's, such as { $users }.

## Conflicting labels

labels-agree =
    .title = Equal users have equal labels
    .seen = No two users have all features in common and different labels, among { $n_examples } examples.

labels-conflict-few =
    .title = Most equal users have equal labels
    .seen = { conflicting-labels }.

labels-conflict-many =
    .title = Equal users have different labels
    .seen = { conflicting-labels }.
    .remedy = Add features that tell these users apart, and look whether their labels are right.

conflicting-labels = { $n_conflicts } of { $n_examples } examples ({ $share }) have the features of another user with the other label, such as { $users }; for { $n_wrong } of them the better guess is wrong whatever the model

## Constant features

set-constant =
    .title = The features of { $feature_set } say nothing
    .seen =
        { $n_features ->
            [one] The only feature of { $feature_set } is the same for all { $n_users } labelled users looked at, { $first }.
           *[other] All { $n_features } features of { $feature_set } are the same for all { $n_users } labelled users looked at, such as { $first }.
        }
    .remedy = Look whether its download has rows before the label cut-offs and writes the user id as the population does; otherwise leave the set out.

features-differ =
    .title = Features differ between users
    .seen =
        { COUNT($constant) ->
            [0] { $n_differing } of { $n_features } features differ between users.
            [one] { $n_differing } of { $n_features } features differ between users; { $constant } is the same for all.
           *[other] { $n_differing } of { $n_features } features differ between users; { $constant } are the same for all.
        }

## Ids

features-like-ids =
    .title = Features that look like ids
    .seen =
        { COUNT($found) ->
            [one] { $found } is different for nearly each of { $n_users } users.
           *[other] { $found } are different for nearly each of { $n_users } users.
        }
    .remedy = Leave ids out of the feature set (`columns`): a model can only learn them by heart.

features-not-ids =
    .title = No feature is an id
    .seen = None of { $n_features } features is different for every user.
