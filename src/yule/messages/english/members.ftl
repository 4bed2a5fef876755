# Which of the members that a case asks for are fitted.

check-members = members

member-fitted =
    .title = { $member } is fitted
    .seen = There are { $n_labelled } labelled users, and it can learn from { $least } or more.

member-learns-nothing =
    .title = { $member } is left out
    .seen = It can learn from { $least } labelled users or more, and there are { $n_labelled }: all its predictions would be the same.
    .remedy = Label more users, or lower its min_data_in_leaf.

member-unasked =
    .title = { $member } is left out
    .seen = { $member } learns from other questions, and there is none: the log has no column whose values many users have in common, or all of them repeat the case.
    .remedy = Leave out `transfer`, or the member.

member-without-embeddings =
    .title = { $member } is left out
    .seen = { $member } sees what users have had, and no feature tells it: there is no embedding of items or of texts.
    .remedy = Write `features: auto` where there is a log of events, or a feature set of items or of text; or leave out `transfer`, or the member.

# What the models learned from that predict.

check-refits = final models

refits-of-all =
    .title = One model for each member predicts
    .seen = { $members } learned once more, from all { $n_labelled } labelled users. Quality is that of the models of the folds, on users they had not seen.

refits-of-newest =
    .title = One model for each member predicts, and knows the newest labels
    .seen = { $members } learned once more, from all { $n_labelled } labelled users, the newest as of { $newest }, { $days } days before users are scored. Quality is that of the models of the folds, which had learned from labels as of { $learned } and before, on later ones.

refits-too-few =
    .title = The models of the folds predict
    .seen = There are { $n_rarer } users of the rarer kind. From { $least } on, members learn once more from all labelled users, and one model for each predicts.
