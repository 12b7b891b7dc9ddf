"""FedAvg of a model of 7,050 numbers, with ferret around it."""

import numpy
from ferret.flower import Ferret
from flwr.app import Array, ArrayRecord
from flwr.serverapp import ServerApp
from flwr.serverapp.strategy import FedAvg

app = ServerApp()


@app.main()
def main(grid, context):
    nodes = context.run_config['nodes']
    weight = numpy.random.default_rng(100).standard_normal((141, 50), dtype=numpy.float32)
    arrays = ArrayRecord({'weight': Array(weight)})
    strategy = FedAvg(min_train_nodes=nodes, min_evaluate_nodes=nodes, min_available_nodes=nodes,
                      fraction_evaluate=float(context.run_config['evaluate']))
    strategy = Ferret(strategy, context)
    strategy.start(grid, arrays, num_rounds=context.run_config['rounds'])
