# What is found in the numbers of a report.

check-calibration = calibration
check-promise = promise
check-expectations = expectations
check-fold-scores = scores of folds
check-blend = blend
check-gain = gain
check-likeliest-classes = likeliest classes
check-prior = share of positives
check-order = order
check-sample = sample

trust-the-order = The order can be trusted more than the size.
look-what-changed = Look whether the population or the data changed.

## Calibration

chances-right =
    .title = Chances can be taken at face value
    .seen = { points-apart }

chances-off =
    .title = Take the chances with care
    .seen = { points-apart }
    .remedy = { trust-the-order }

points-apart = Predicted and actual shares differ by { NUMBER($points, minimumFractionDigits: 1, maximumFractionDigits: 1) } points on average, at { NUMBER($rate, minimumFractionDigits: 0) } overall.

chances-of-classes-right =
    .title = Chances can be taken at face value
    .seen = Predicted and actual shares agree for { $classes }.

expectations-right =
    .title = Expectations can be taken at face value
    .seen = { groups-right }

expectations-off =
    .title = Take the expectations with care
    .seen = { groups-right }
    .remedy = { trust-the-order }

groups-right = In { $n_right } of { $n_groups } groups of users the mean came to what was expected.

## Promise

promise-kept =
    .title = The list kept its promise
    .seen = { promise-and-outcome }

promise-too-much =
    .title = The list promised too much
    .seen = { promise-and-outcome }
    .remedy = { learn-from-newer }

promise-too-little =
    .title = The list promised too little
    .seen = { promise-and-outcome }
    .remedy = { learn-from-newer }

promise-and-outcome =
    { $of ->
        [class] For the first { $n_users } users of its list it promised { $promised }; { $came } came.
        [amount] For the first { $n_users } users it promised { $promised }; it came to { $came }.
       *[yes] For the first { $n_users } users it promised { $promised }; { $came } were a yes.
    }
learn-from-newer = Look what changed since the models learned, and train again on newer labels.

## Expectations

expected-share-differs =
    .title = The ranked users differ from those the list was tested on
    .seen =
        { NUMBER($expected, minimumFractionDigits: 0) } of them are expected to be { $of ->
            [class] of it
           *[yes] a yes
        }; { NUMBER($tested, minimumFractionDigits: 0) } were in the test.
    .remedy = { look-what-changed }

expected-mean-differs =
    .title = The ranked users differ from those the list was tested on
    .seen = { $expected } are expected of each on average; it was { $tested } in the test.
    .remedy = { look-what-changed }

## Scores of folds

fold-harder =
    .title = Fold { $fold } is harder than the others
    .seen = AUC { $auc } there against { $others } elsewhere.
    .remedy = Look at how its users differ.

## Blend

blend-adds-little =
    .title = More members will add little
    .seen =
        { $gain ->
            [hardly] The blend is hardly better than { $member } alone.
           *[none] The blend is not better than { $member } alone.
        }
    .remedy = More labelled users, or features that say something new, are the likelier way forward.

blend-pays =
    .title = The blend pays
    .seen =
        { $metric ->
            [rmse] Its error (RMSE) is { NUMBER($error, maximumFractionDigits: 1, minimumFractionDigits: 0) }; the best member alone, { $member }, has { NUMBER($alone, maximumFractionDigits: 1, minimumFractionDigits: 0) }.
           *[log_loss] Its log loss is { NUMBER($error, minimumFractionDigits: 4, maximumFractionDigits: 4) }; the best member alone, { $member }, has { NUMBER($alone, minimumFractionDigits: 4, maximumFractionDigits: 4) }.
        }

## Classes

chances-say-little =
    .title = The chances may say no more than the shares of the classes
    .seen = The models hardly tell the classes apart.
    .remedy = Give them features that say more.

classes-never-likeliest =
    .title = { $classes }: the likeliest class of nobody
    .seen = That is usual for a rare class.
    .remedy = Take its own list: there its likeliest users stand first.

## Known positives. Both messages of the prior are also told as one sentence.

prior-known = About { NUMBER($share, minimumFractionDigits: 0) } of the unlabelled users are estimated to be positive too, { $n_expected } of those on the list; two methods agree on it, so a score is a chance.
    .title = About { NUMBER($share, minimumFractionDigits: 0) } of the unlabelled users are estimated to be positive too, { $n_expected } of those on the list
    .seen = Two methods agree on it, so a score is a chance.

prior-unknown = Scores are an order, not chances: how many of the unlabelled users are positive is not known. { two-methods }
    .title = Scores are an order, not chances
    .seen = How many of the unlabelled users are positive is not known. { two-methods }

two-methods = Two methods say at most { NUMBER($low, minimumFractionDigits: 0) } and at most { NUMBER($high, minimumFractionDigits: 0) }; where positives look like others, there may be far fewer.

order-by-chance =
    .title = The list may be no better than chance
    .seen = The models hardly tell known positives from the others.
    .remedy = Give them features that say more.

sample-to-be-fair =
    .title = Are the known positives a fair sample?
    .seen = If only some could get onto the list (newsletter readers, members), the ranking finds users like those.
    .remedy = Then ask for the same of the population.
