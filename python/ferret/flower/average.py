"""A check that the strategy inside averages, as ferret's server does in its place."""

import math

import numpy
from flwr.app import Array, ArrayRecord

from .errors import UnexpectedAverage

NAME = 'ferret'


def with_stand_ins(replies):
    """The replies, each with one number in place of the arrays that did not travel."""
    for index, reply in enumerate(replies):
        reply.content['arrays'] = ArrayRecord({NAME: Array(numpy.array([_number(index)]))})
    return list(replies)


def check_average(average, replies, weight):
    """Raises UnexpectedAverage if the strategy's result is not the replies' mean, weighted by that metric."""
    if not replies:
        return
    weights = [float(next(iter(reply.content.metric_records.values()))[weight]) for reply in replies]
    expected = sum(w * _number(index) for index, w in enumerate(weights)) / sum(weights)
    got = float(average[NAME].numpy()[0]) if average is not None and NAME in average else math.nan
    # All terms are positive: a mean of n numbers in double is off by a few n 2^-53 of itself, in any order.
    if not abs(got - expected) <= 1e-9 * expected:
        raise UnexpectedAverage(f'strategy: expected the mean by {weight}, {expected}, got {got}: '
                                'ferret takes only strategies that average')


def _number(index):
    """Cosines of whole numbers are independent of each other over the rationals (Lindemann and Weierstrass):
    their mean by whole weights is no median, and no mean by others.
    """
    return 2.0 + math.cos(index)
