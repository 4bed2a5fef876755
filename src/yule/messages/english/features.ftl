# What a feature means. Names of sets, aggregates and columns stand as they are written in a project's files.

feature-target = mean label by ({ $sources })
feature-component = component { $number } of all features
feature-of-set = { $feature_set }: { $what }
feature-what = { $aggregate } { $every } { $part } { $column } { $value } { $number }
feature-of-date =
    { $part ->
        [hour] hour of { $column }
        [weekday] weekday of { $column }
        [month] month of { $column }
       *[difference] days from { $column } to { $value }
    }
feature-of-window = { $feature }, { $window }

window-all-time = all time
window-last = last { window }
window-against = { $window } against { $other }
window =
    { $unit ->
        [day]
            { $n ->
                [1] day
               *[other] { $n } days
            }
        [hour]
            { $n ->
                [1] hour
               *[other] { $n } hours
            }
        [minute]
            { $n ->
                [1] minute
               *[other] { $n } minutes
            }
       *[second]
            { $n ->
                [1] second
               *[other] { $n } seconds
            }
    }
every =
    of { $unit ->
        [day]
            { $n ->
                [one] { $n } day
               *[other] { $n } days
            }
        [hour]
            { $n ->
                [one] { $n } hour
               *[other] { $n } hours
            }
        [minute]
            { $n ->
                [one] { $n } minute
               *[other] { $n } minutes
            }
       *[second]
            { $n ->
                [one] { $n } second
               *[other] { $n } seconds
            }
    }
role =
    { $part ->
        [own_days] days with what is asked for
        [own_recency] time since what is asked for
        [own_tenure] time since the first of what is asked for
        [own_gap] time between days with what is asked for
        [own_gap_deviation] how irregular what is asked for is
        [own_overdue] how overdue what is asked for is
        [own_periods] how regular what is asked for is
        [own_share] share of days with what is asked for
        [own_amount] what is asked for adds up to, in usual days
        [amount] what everything adds up to, in usual days
        [rate] how common what is asked for is
        [rate_trend] trend of what is asked for
        [rate_season] what is asked for, a year ago
        [affinity] how much the rest points to what is asked for
        [days] days with anything
        [recency] time since anything
        [tenure] time since the first event
        [items] different things
       *[other] { $part }
    }
