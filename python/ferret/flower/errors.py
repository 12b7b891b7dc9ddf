"""What can be wrong in a Flower federation beside what ferret's own exceptions name."""

import ferret


class ForeignReply(ferret.Error):
    """A reply to a message that was not sent in this round, or not by the node that it was sent to."""


class StaleMessage(ferret.Error):
    """A message older than one of its run that the node has followed: its ClientApp outlived its node."""


class NodeLacksModel(ferret.Error):
    """A node that cannot come to the round's model, not even by what it said that it misses."""


class UnexpectedAverage(ferret.Error):
    """A strategy that does not average by the number of examples, which is what ferret's server does."""
