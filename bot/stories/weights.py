"""What each measure of `likeness.py` weighs. Learnt: benchmarks/stories/learn.py writes this file."""

BIAS = -6.972
WITHIN = (
    12.103,  # all words
    -3.518,  # title words
    -12.687,  # rarest words
    13.442,  # early words
    -3.762,  # words that name nobody
    -3.091,  # the lead's words that name nobody
    4.076,  # names
    5.219,  # phrases
    -1.916,  # the lesser title found in the other article
    1.532,  # the lesser title found in the other lead
    2.181,  # the better title found in the other lead
    -0.745,  # the lesser leading names found
    1.534,  # the better leading names found
    0.326,  # shared names
    0.221,  # leading names of each that the other lacks
    1.447,  # shared numbers
    -0.809,  # numbers of each that the other lacks
    -6.757,  # runs of words, of the longer
    4.878,  # runs of words, of the shorter
    0.779,  # same days of the week
    -1.561,  # other days of the week in the lead
    -2.071,  # other dates in the title
    -2.157,  # days apart
    2.914,  # titles alone
)
"""Between two articles of one language."""

ACROSS_BIAS = -4.635
ACROSS = (
    0.794,  # shared names
    4.401,  # share of names
    3.141,  # shared numbers
    -2.798,  # numbers of each that the other lacks
    -0.149,  # shared words
    3.006,  # same days of the week
    -2.031,  # other days of the week
    -2.625,  # days apart
)
"""Between two languages."""
