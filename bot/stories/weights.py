"""What each measure of `likeness.py` weighs. Learnt: benchmarks/stories/learn.py writes this file."""

BIAS = -6.838
WITHIN = (
    11.632,  # all words
    -3.452,  # title words
    -12.196,  # rarest words
    13.284,  # early words
    -3.732,  # words that name nobody
    -3.044,  # the lead's words that name nobody
    4.075,  # names
    5.277,  # phrases
    -1.894,  # the lesser title found in the other article
    1.513,  # the lesser title found in the other lead
    2.105,  # the better title found in the other lead
    -0.716,  # the lesser leading names found
    1.450,  # the better leading names found
    0.322,  # shared names
    0.210,  # leading names of each that the other lacks
    1.446,  # shared numbers
    -0.807,  # numbers of each that the other lacks
    -6.706,  # runs of words, of the longer
    4.695,  # runs of words, of the shorter
    0.776,  # same days of the week
    -1.562,  # other days of the week in the lead
    -2.065,  # other dates in the title
    -2.174,  # days apart
    2.868,  # titles alone
)
"""Between two articles of one language."""

ACROSS_BIAS = -4.592
ACROSS = (
    0.814,  # shared names
    4.298,  # share of names
    3.002,  # shared numbers
    -2.668,  # numbers of each that the other lacks
    -0.153,  # shared words
    3.000,  # same days of the week
    -2.056,  # other days of the week
    -2.560,  # days apart
)
"""Between two languages."""
