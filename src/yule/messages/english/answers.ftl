# What a list of users rests on that no label of its question was used for.

answer-expected =
    Of { $n_users } users about { $expected } are expected to be a yes within { $horizon } days from { $cutoff }, and about { $expected_first } of the first { $n_first } on the list.
answer-rests-on =
    { $n_questions ->
        [one] The list rests on no label, but on { $n_questions } other question of the same log, by { $column }, as of { $cutoffs }.
       *[other] The list rests on no label, but on { $n_questions } other questions of the same log, by { $column }, as of { $cutoffs }.
    }
answer-left-out = Nothing was learned from questions that nearly repeat this one: { $left_out }.
answer-never-done = None of these users has ever done it: the list tells no more than how active they are.
answer-before =
    Looking back: as of { $cutoff }, asked in the same way of models that end before it, { $n_hits } of the first { $n_first } users were a yes, and about { $at_random } would have been at random (AUC { $auc }).
answer-before-all-alike =
    Looking back: as of { $cutoff }, { $n_yes } of { $n_users } users were a yes within { $horizon } days, so nothing tells how good the order of the list is.
answer-level =
    { $expected } were expected to be a yes then, and { $rate } were. So the odds of all chances on the list are multiplied by { NUMBER($factor, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
