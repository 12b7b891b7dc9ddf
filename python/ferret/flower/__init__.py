"""ferret in a Flower app: one mod and one strategy.

    from ferret.flower import Ferret, ferret_mod

    app = ClientApp(mods=[ferret_mod])           # the train and evaluate functions stay as they are
    strategy = Ferret(FedAvg(...), context)      # so does what is done with the strategy

Clients then send a few thousand bits a round instead of their arrays, and keep the model on disk, which the
server moves on by broadcasts as small; docs/flower.md tells how.
"""

from .errors import ForeignReply, NodeLacksModel, StaleMessage, UnexpectedAverage
from .mod import FerretMod, ferret_mod
from .model import Model
from .model_file import ModelFile
from .options import Options
from .strategy import Ferret

__all__ = ['Ferret', 'FerretMod', 'ForeignReply', 'Model', 'ModelFile', 'NodeLacksModel', 'Options', 'StaleMessage',
           'UnexpectedAverage', 'ferret_mod']
