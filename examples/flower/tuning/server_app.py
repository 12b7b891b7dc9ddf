"""What the server does: FedAvg, or ferret around it."""

from ferret.flower import Ferret
from flwr.app import Context, MetricRecord
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg

from .data import test_examples
from .model import arrays_of, load_model, set_arrays
from .training import evaluate

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Tunes the model for a number of rounds, and asks it the test examples after each."""
    config = context.run_config
    model = load_model(config)
    examples = test_examples(config)

    def evaluate_model(server_round, arrays):
        set_arrays(model, arrays)
        return MetricRecord({'test-loss': evaluate(model, examples)})

    nodes = config['nodes']
    strategy = FedAvg(fraction_evaluate=0.0, min_train_nodes=nodes, min_available_nodes=nodes)
    if config['algorithm'] == 'ferret':
        strategy = Ferret(strategy, context)
    strategy.start(grid, arrays_of(model), config['rounds'], evaluate_fn=evaluate_model)
